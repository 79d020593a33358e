"""The tokens of this installation: the fixed ones, those of an occasion, one for each custom field of contacts, and the columns of a workflow's query."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models.expressions import Combinable
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import columns, opt_out_links, slots, token_problems, tokens
from campaigns.columns import Column, Computed
from campaigns.models import Mailing
from campaigns.statuses import MailingStatus
from campaigns.tokens import CustomToken, Token
from contacts.models import Contact, CustomField
from contacts.smart.criteria import At
from smsapp.common.models import Organisation

NO_LINK = _("The opt-out link is not available: this console has no public address (the setting PUBLIC_BASE_URL), so nobody could open it.")


@dataclass(frozen=True)
class Occasion:
    """What is the same for everybody who gets a text: its name and campaign, from whom, when. Looked up when a text asks for it."""

    subject: str = ""
    sender: str = ""
    user: Any = None  # who writes; of a mailing its author
    at: datetime | None = None  # of sending; without it the moment of the plan, or now
    mailing: Mailing | None = None

    @classmethod
    def of(cls, mailing: Mailing) -> "Occasion":
        """That of a mailing."""
        return cls(mailing.name, mailing.sender, mailing=mailing)

    @cached_property
    def organisation(self) -> Organisation:
        """Ours."""
        return Organisation.current()

    @property
    def author(self) -> Any:
        """Who sends, None when nobody is known."""
        return self.user or (self.mailing and self.mailing.author)

    @property
    def campaign(self) -> str:
        """Its name, "" without one."""
        return self.mailing.campaign.name if self.mailing and self.mailing.campaign else ""

    @property
    def moment(self) -> At:
        """Of sending, where the organisation is."""
        at = self.at or (self.mailing and planned_at(self.mailing)) or timezone.now()
        return At(at, ZoneInfo(self.organisation.time_zone))

    @property
    def day(self) -> date:
        """Of that moment."""
        return self.moment.today


def planned_at(mailing: Mailing) -> datetime | None:
    """When the preparation began that holds; None for a draft. The day of sending that its texts name is that of this moment."""
    if mailing.status == MailingStatus.DRAFT:
        return None
    return mailing.events.filter(status=MailingStatus.PREPARING).values_list("at", flat=True).first()


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What it takes to fill the tokens of one text; `language` is that of people who have none, `same` what all of them read.

    A column that only repeats a field stands among the tokens of fields, under its own name: `stands_for` says what it repeats.
    """

    fixed: tuple[Token, ...] = ()
    custom: tuple[CustomToken, ...] = ()
    language: str = "en"
    same: dict[str, str] = field(default_factory=dict)
    computed: tuple[Computed, ...] = ()
    stands_for: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, occasion: Occasion | None = None, *, added: Sequence[Column] | None = None) -> "Vocabulary":
        """Of the tokens in `text`, looked up once for everybody; those of archived fields still say what is stored.

        `added` are the columns that it may name, where they are not those of the occasion's mailing.
        """
        occasion = occasion or Occasion()
        names = set(tokens.find(text))
        known = _named(names, occasion.mailing) if added is None else added
        said = {name: name for name in names} | {column.token: column.field for column in known if column.field}
        fixed = tuple(token._replace(name=name) for token in tokens.TOKENS for name, of in said.items() if of == token.name)
        same = {token.name: token.value(occasion) for token in tokens.SHARED if token.name in names}
        custom = tuple(_custom(said))
        speaks = custom or any(token.spoken for token in fixed)
        computed = tuple(columns.computed(column, occasion.moment) for column in known if not column.field)
        return cls(fixed, custom, occasion.organisation.language if speaks else "en", same, computed, said)

    @property
    def fields(self) -> tuple[str, ...]:
        """Fields of a contact that `own` reads, with those of `expressions`."""
        return (*tokens.fields_of(self.fixed, self.custom), *(column.attribute for column in self.computed))

    @property
    def expressions(self) -> dict[str, Combinable]:
        """What the database works out for each contact, by the attribute in which `own` looks for it."""
        return {column.attribute: column.expression("") for column in self.computed}

    def own(self, contact: Any) -> dict[str, str]:
        """Values of the tokens that differ from person to person, for one contact (any object with these `fields`)."""
        values = tokens.values_of(contact, self.custom, self.language, fixed=self.fixed)
        for column in self.computed:
            values[column.name] = columns.said(getattr(contact, column.attribute, None))
        return values

    @property
    def for_nobody(self) -> dict[str, str]:
        """What stands in the text whoever reads it, or is as long for everybody: what counts as long as no reader is known."""
        has_link = any(token.name == tokens.OPT_OUT_LINK for token in self.fixed)
        return self.same | ({tokens.OPT_OUT_LINK: opt_out_links.address(0)} if has_link else {})

    def values(self, contact: Any, *, number: str = "") -> dict[str, str]:
        """Values of all tokens for one contact; `number` is the one that is texted, when it is not the contact's usual one."""
        self.complete([contact])
        values = self.own(contact) | self.same
        return values | {"contact.number": number} if number and "contact.number" in values else values

    def complete(self, contacts: Iterable[Contact]) -> None:
        """Bring along what the database works out, where contacts were read without it: one query for all of them, none without columns."""
        if not self.computed:
            return
        bare = {contact.pk: contact for contact in contacts if contact.pk and not all(hasattr(contact, column.attribute) for column in self.computed)}
        rows = Contact.objects.filter(pk__in=bare).annotate(**self.expressions).values("pk", *self.expressions) if bare else []
        for row in rows:
            for column in self.computed:
                setattr(bare[row["pk"]], column.attribute, row[column.attribute])


def _custom(said: Mapping[str, str]) -> Iterable[CustomToken]:
    """Of the tokens that say a custom field, one query for all of them."""
    keys = {of.removeprefix(tokens.CUSTOM) for of in said.values() if of.startswith(tokens.CUSTOM)}
    found = {f"{tokens.CUSTOM}{field.key}": field for field in CustomField.objects.filter(key__in=keys)} if keys else {}
    return [CustomToken(name, found[of].key, found[of].type, found[of].label) for name, of in said.items() if of in found]


def columns_of(mailing: Mailing | None) -> Sequence[Column]:
    """What the workflow that made a mailing, or whose text it is, knows of its people besides."""
    return [column for known in slots.columns for column in known(mailing)] if mailing else []


def _named(names: Collection[str], mailing: Mailing | None) -> list[Column]:
    """The columns among the names of tokens; nobody is asked where there are none."""
    some = any(name.startswith(columns.PREFIX) for name in names)
    return [column for column in columns_of(mailing) if column.token in names] if some else []


def check(text: str, mailing: Mailing | None = None, custom: Callable[[], list[CustomToken]] | None = None) -> list[token_problems.Problem]:
    """Tokens that nobody knows here, and the opt-out link where there is no address for it. A text with fixed tokens only costs no query; `custom`
    spares one for each of many texts."""
    found = token_problems.check(text)
    if found:
        ours = {token.name for token in (custom or custom_tokens)()} | {column.token for column in columns_of(mailing)}
        found = token_problems.check(text, {*tokens.NAMES, *ours})
    return found if opt_out_links.available() else found + _links(text)


def _links(text: str) -> list[token_problems.Problem]:
    matches = [match for match in tokens.TOKEN.finditer(text) if match[1] == tokens.OPT_OUT_LINK]
    return [token_problems.Problem(match.start(), match[0], "", str(NO_LINK)) for match in matches]


def custom_tokens() -> list[CustomToken]:
    """One for each active custom field, in their order."""
    return [CustomToken(f"{tokens.CUSTOM}{field.key}", field.key, field.type, field.label) for field in CustomField.objects.active()]


def choices(mailing: Mailing | None = None) -> list[tuple[str, Any]]:
    """(token as it is written, its name) for the picker, sorted by name as people read it."""
    custom = [(token.name, token.label) for token in custom_tokens()]
    added = [(column.token, column.label) for column in columns_of(mailing)]
    personal = [(token.name, token.label) for token in tokens.TOKENS]
    shared = [(token.name, token.label) for token in tokens.SHARED]
    return sorted(((f"{{{name}}}", label) for name, label in (*personal, *shared, *custom, *added)), key=lambda row: str(row[1]).casefold())
