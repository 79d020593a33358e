"""The send plan: what would happen, in numbers, before it happens."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Length
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import stop_wording, tokens, wording
from campaigns.models import Mailing, Message
from campaigns.services import figures
from campaigns.services.figures import Figures
from campaigns.vocabulary import Occasion, Vocabulary
from contacts.models import Contact
from providers.models import Provider
from smsapp.common.templatetags.ui import number

FILLS = ("brand", "mid", "pale", "blue", "grey")


@dataclass(frozen=True, slots=True)
class Check:
    """A line of what to look at: red blocks, yellow warns, green is in order."""

    tone: str
    title: str
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that stands on the page of step 3."""

    figures: Figures
    parts: list[tuple[str, int, str, str]]  # segments per person, for the ribbon
    cost: Decimal | None
    per_person: Decimal | None
    duration: timedelta | None
    longest: Message | None
    shortest: Message | None
    reasons: list[tuple[str, Any, int, str]]
    checks: list[Check]

    @property
    def recipients(self) -> int:
        """People who would be texted."""
        return self.figures.total

    @property
    def duration_words(self) -> str:
        """Rounded, for it orients: "45 s", "3 min", "2 h 10 min"."""
        seconds = int(self.duration.total_seconds()) if self.duration else 0
        if seconds < 90:
            return _("%(n)s s") % {"n": seconds}
        minutes = round(seconds / 60)
        if minutes < 120:
            return _("%(n)s min") % {"n": minutes}
        return _("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}

    @property
    def ends(self) -> datetime:
        """When the last text would leave, if the first left now."""
        return timezone.now() + (self.duration or timedelta())

    @property
    def blocked(self) -> list[Check]:
        """What keeps it from being sent."""
        return [check for check in self.checks if check.tone == "red"]


def of(mailing: Mailing) -> Plan:
    """The plan of a prepared mailing."""
    found = figures.of(mailing)
    provider = mailing.provider
    texts = Message.objects.filter(mailing=mailing).annotate(length=Length("text"))
    return Plan(
        figures=found,
        parts=_parts(mailing),
        cost=provider.price_per_segment * found.segments if provider and provider.price_per_segment else None,
        per_person=Decimal(found.segments) / found.total if found.total else None,
        duration=timedelta(seconds=-(-found.segments // provider.rate)) if provider else None,
        longest=_with_contact(texts.order_by("-segments", "-length", "id")),
        shortest=_with_contact(texts.order_by("segments", "length", "id")),
        reasons=reasons_of(mailing, found),
        checks=_checks(mailing, found),
    )


def reasons_of(mailing: Mailing, found: Figures) -> list[tuple[str, Any, int, str]]:
    """(code, words, people, address) of each reason why people are left out."""
    page = reverse("campaigns:left_out", args=[mailing.pk])
    return [(code, wording.reason(code), people, f"{page}?reason={code}") for code, people in found.excluded.items()]


def _with_contact(texts: QuerySet[Message]) -> Message | None:
    message = texts.first()
    if message is not None:
        message.person = Contact.objects.filter(id=message.contact_id).first()  # type: ignore[attr-defined]
    return message


def _parts(mailing: Mailing) -> list[tuple[str, int, str, str]]:
    spread = figures.segments_distribution(mailing).items()
    page = reverse("campaigns:messages", args=[mailing.pk])
    return [
        (ngettext("%(n)s segment", "%(n)s segments", n) % {"n": n}, texts, FILLS[min(place, len(FILLS) - 1)], f"{page}?segments={n}")
        for place, (n, texts) in enumerate(spread)
    ]


def _checks(mailing: Mailing, found: Figures) -> list[Check]:
    checks = [check for check in (_nobody(mailing, found), *_empty_tokens(mailing), _stop(mailing), _lane(mailing.provider)) if check]
    order = {"red": 0, "yellow": 1, "green": 2}
    return sorted(checks, key=lambda check: order[check.tone])


def _nobody(mailing: Mailing, found: Figures) -> Check | None:
    if found.total:
        return None
    return Check("red", _("Nobody would get this text"), _("Change the recipients in step 1."), reverse("campaigns:recipients", args=[mailing.pk]))


def _empty_tokens(mailing: Mailing) -> list[Check]:
    page = reverse("campaigns:messages", args=[mailing.pk])
    checks = []
    for name in dict.fromkeys(tokens.empty_in(mailing.text, {})):
        people = without(mailing, name).count()
        if people:
            words = {"count": number(people), "token": f"{{{name}}}"}
            title = ngettext("%(count)s person has nothing for %(token)s", "%(count)s people have nothing for %(token)s", people) % words
            checks.append(
                Check("yellow", title, _("They read nothing in its place. Add a fallback, such as {%(name)s|friend}.") % {"name": name}, f"{page}?empty={name}")
            )
    return checks


def without(mailing: Mailing, name: str) -> QuerySet[Message]:
    """Messages to people who have nothing, or only blanks, for a token."""
    messages = Message.objects.filter(mailing=mailing)
    if name in tokens.SHARED_NAMES:
        empty = tokens.empty_in(f"{{{name}}}", Vocabulary.of(f"{{{name}}}", Occasion.of(mailing)).same)
        return messages if empty else messages.none()
    nothing = _nothing(name)
    return messages.none() if nothing is None else messages.filter(contact_id__in=Contact.objects.filter(nothing).values("id"))


def _nothing(name: str) -> Q | None:
    """Of contacts who have nothing for a token; None where everybody has something."""
    plain = name.removeprefix("contact.")
    if plain == "birth_date":
        return Q(birth_date__isnull=True)
    if plain == "name":
        return _blank("first_name") & _blank("last_name") & _blank("organisation")
    if plain == "country":
        return Q(sms_country="")
    if name.startswith(tokens.CUSTOM):
        return ~Q(custom__has_key=name.removeprefix(tokens.CUSTOM))
    return _blank(plain) if name in tokens.NAMES and plain != "number" else None


def _blank(field: str) -> Q:
    return Q(**{f"{field}__regex": r"^\s*$"})


def _stop(mailing: Mailing) -> Check:
    if stop_wording.says_how(mailing.text):
        return Check("green", _("The text says how to stop"))
    return Check("yellow", _("The text does not say how to stop"), _("A text that advertises must say so, for example “STOP to opt out”."))


def _lane(provider: Provider | None) -> Check | None:
    if provider is None or provider.lane == Provider.Lane.RUNNING:
        return None
    state = provider.get_lane_display()
    title = _("%(provider)s: %(state)s") % {"provider": provider.name, "state": state}
    return Check("yellow", title, provider.lane_reason or _("Texts wait until it runs again."))
