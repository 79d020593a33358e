"""Real recipients and their texts, one at a time: of a draft as it would be, of a prepared mailing as it will be."""

from dataclasses import dataclass
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce, Length

from campaigns import composer, tokens
from campaigns.audience import Choice
from campaigns.models import Mailing, Message
from campaigns.pipeline.rest import reasons_of
from campaigns.plans import Plan
from campaigns.statuses import MailingStatus
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion, Vocabulary
from contacts import eligibility
from contacts.models import Contact
from providers.segments import Measure, measure

TEXT_FIELDS = {"first_name", "last_name", "organisation", "email", "language", "external_id"}


@dataclass(frozen=True, slots=True)
class Preview:
    """One person's text, and the people before and after."""

    contact: Contact
    text: str
    size: Measure
    pieces: list[dict[str, Any]]
    has_previous: bool
    has_next: bool
    empty: list[str]  # tokens without a value and without a fallback


UNPREPARED = (MailingStatus.DRAFT, MailingStatus.PREPARING, MailingStatus.ERROR)
AT_ONCE = 20  # recipients to look at for one who was not erased meanwhile


def people(mailing: Mailing) -> QuerySet[Contact]:
    """Who would be texted: the eligible part of the audience, or the recipients once they are prepared."""
    if mailing.status not in UNPREPARED:
        return Contact.objects.filter(id__in=_texts(mailing).values("contact_id"))
    audience = Choice.of(mailing).audience().contacts()
    return eligibility.judge(audience, marketing=mailing.is_marketing, extra=reasons_of(mailing)).filter(reason__isnull=True)


def _texts(mailing: Mailing) -> QuerySet[Message]:
    """Found by mailing and contact. Asked for `again_of` too, the planner may take the index of numbers and read them all."""
    return Message.objects.filter(mailing=mailing)


def _first(mailing: Mailing, *, backwards: bool = False, **bounds: int) -> Contact | None:
    """The first, or the last, of the people within bounds of their ids. Prepared ones are found along the index of the texts, however many they are."""
    if mailing.status in UNPREPARED:
        return people(mailing).filter(**{f"id__{name}": value for name, value in bounds.items()}).order_by("-id" if backwards else "id").first()
    rows = _texts(mailing).filter(**{f"contact_id__{name}": value for name, value in bounds.items()})
    ids = [pk for pk in rows.order_by("-contact_id" if backwards else "contact_id").values_list("contact_id", flat=True)[:AT_ONCE] if pk]
    found = Contact.objects.in_bulk(ids)
    return next((found[pk] for pk in ids if pk in found), None)


def _any(mailing: Mailing, **bounds: int) -> bool:
    if mailing.status in UNPREPARED:
        return people(mailing).filter(**{f"id__{name}": value for name, value in bounds.items()}).exists()
    return _texts(mailing).filter(**{f"contact_id__{name}": value for name, value in bounds.items()}).exists()


def show(mailing: Mailing, text: str, *, at: int | None = None, after: int | None = None, before: int | None = None, longest: bool = False) -> Preview | None:
    """The text of the same, next, previous, first or longest person; None when there is nobody."""
    contact = longest_of(mailing, text) if longest else _beside(mailing, at, after, before)
    if contact is None:
        return None
    said = Texts.of(mailing).said_to(contact.language) if text == mailing.text else text
    values = Vocabulary.of(said, Occasion.of(mailing)).values(contact)
    body = _stored(mailing, contact, text) or tokens.render(said, values)
    size = measure(body)
    return Preview(
        contact, body, size, composer.cut(body), _any(mailing, lt=contact.pk), _any(mailing, gt=contact.pk),
        tokens.empty_in(said, values),
    )  # fmt: skip


def _beside(mailing: Mailing, at: int | None, after: int | None, before: int | None) -> Contact | None:
    """A step wins over the same place, for an element of the page sends both; past the ends it stays with the last."""
    found = None
    if before is not None:
        found = _first(mailing, backwards=True, lt=before)
    elif after is not None:
        found = _first(mailing, gt=after) or _first(mailing, backwards=True)
    elif at is not None:
        found = _first(mailing, exact=at)
    return found or _first(mailing)


def _stored(mailing: Mailing, contact: Contact, text: str) -> str | None:
    """What was prepared for this contact, as long as the text is the same."""
    if mailing.status in UNPREPARED or text != mailing.text:
        return None
    return next((said for again_of, said in _texts(mailing).filter(contact=contact).values_list("again_of", "text") if again_of is None), None)


def longest_of(mailing: Mailing, text: str) -> Contact | None:
    """The person with the longest values for the tokens of this text; kept a while, for the counter asks at every pause of typing."""
    if mailing.status not in UNPREPARED and text == mailing.text and (plan := Plan.read(mailing.plan)) and plan.longest:
        return Contact.objects.filter(id=plan.longest.contact).first()
    fields = sorted(_fields(text))
    keys = sorted(tokens.custom_keys(text))
    key = f"longest-{mailing.pk}-{mailing.version}-{'-'.join([*fields, *keys])}"
    contact_id = cache.get(key)
    if contact_id is None:
        lengths = [*map(Length, fields), *(Length(KeyTextTransform(key, "custom")) for key in keys)]
        size = sum((Coalesce(length, Value(0)) for length in lengths), start=Value(0))
        contact_id = people(mailing).alias(size=size).order_by("-size", "id").values_list("id", flat=True).first() or 0
        cache.set(key, contact_id, 300)
    return Contact.objects.filter(id=contact_id).first()


def _fields(text: str) -> set[str]:
    names = {name.removeprefix("contact.") for name in tokens.find(text)}
    if "name" in names:
        names |= {"first_name", "last_name"}
    return names & TEXT_FIELDS
