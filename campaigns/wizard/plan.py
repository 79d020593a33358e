"""The send plan on its page: what the preparation found, in words, every number with the people behind it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import wording
from campaigns.forecast import Forecast
from campaigns.models import Mailing
from campaigns.plans import Extreme, Plan, Share
from campaigns.services import prepared, quiet_hours
from campaigns.services.quiet_hours import Book
from campaigns.wizard import checks
from campaigns.wizard.check import Check
from campaigns.wizard.moment_checks import NOW, Start
from contacts import eligibility
from contacts.models import Contact
from smsapp.common import amounts, countries

FILLS = ("brand", "mid", "pale", "blue", "grey")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of a table of shares: `url` leads to its people."""

    label: str
    texts: int
    segments: int
    cost: Decimal | None
    url: str


@dataclass
class Page:
    """Everything that stands on the page of step 3."""

    plan: Plan
    checks: list[Check]
    parts: list[tuple[str, int, str, str]]  # segments per person, for the ribbon
    countries: list[Line]
    encodings: list[Line]
    languages: list[Line]
    reasons: list[tuple[str, Any, int, str]]
    people: dict[int, Contact] = field(default_factory=dict)
    start: Start = NOW
    rules: Book = field(default_factory=Book)
    looked: bool = False  # whether somebody looked who came and left since the plan was made: that counts, and comes after the page

    @property
    def duration_words(self) -> str:
        """Rounded, for it orients: "45 s", "3 min", "2 h 10 min"."""
        return duration(self.plan.seconds)

    @cached_property
    def forecast(self) -> Forecast:
        """When the texts would leave, with those that wait for their hours."""
        return self.start.forecast(self.plan, self.rules)

    @cached_property
    def from_now(self) -> Forecast:
        """The same if it began now."""
        return self.forecast if self.start.at is None else Start(give_up_after=self.start.give_up_after).forecast(self.plan, self.rules)

    @property
    def extremes(self) -> list[tuple[str, Contact | None, Extreme]]:
        """(label, person, text) of the longest, the shortest, and the dearest where that is another one."""
        plan = self.plan
        found: list[tuple[str, Contact | None, Extreme]] = []
        for label, extreme in ((_("The longest:"), plan.longest), (_("The shortest:"), plan.shortest), (_("The dearest:"), plan.dearest)):
            if extreme and extreme.contact not in {other.contact for _label, _person, other in found}:
                found.append((label, self.people.get(extreme.contact), extreme))
        return found

    @property
    def too_long(self) -> list[Contact]:
        """The first people whose text is too long."""
        return [self.people[pk] for pk in self.plan.too_long if pk in self.people]

    @property
    def empty_text(self) -> list[Contact]:
        """The first people whose text would be empty."""
        return [self.people[pk] for pk in self.plan.empty_text if pk in self.people]

    @property
    def to_check(self) -> list[Check]:
        """What is not in order."""
        return [check for check in self.checks if check.tone != "green"]

    @property
    def blocked(self) -> list[Check]:
        """What keeps it from being sent."""
        return [check for check in self.checks if check.tone == "red"]


def duration(seconds: int) -> str:
    """Rounded, for people."""
    if seconds < 90:
        return _("%(n)s s") % {"n": seconds}
    minutes = round(seconds / 60)
    if minutes < 120:
        return _("%(n)s min") % {"n": minutes}
    return _("%(hours)s h %(minutes)s min") % {"hours": minutes // 60, "minutes": minutes % 60}


def expected(mailing: Mailing) -> Page:
    """Of a mailing that is prepared and has not begun: a scheduled one goes out as it was confirmed."""
    return _page(mailing, Plan.read(mailing.planned) or prepared.plan_of(mailing), Start.of(mailing))


def page(mailing: Mailing, start: Start = NOW, *, look: bool = False) -> Page:
    """Of a prepared mailing that would leave at this moment; reads its row and looks a few people up, with `look` also who came and left since."""
    return _page(mailing, prepared.plan_of(mailing), start, look=look)


def _page(mailing: Mailing, known: Plan | None, start: Start, *, look: bool = False) -> Page:
    plan = known or Plan(made_at=mailing.updated_at.isoformat())
    rules = quiet_hours.book()
    return Page(
        plan=plan,
        start=start,
        rules=rules,
        checks=checks.of(mailing, known, start, look=look, rules=rules),
        looked=look,
        parts=_parts(mailing, plan),
        countries=_lines(mailing, plan, plan.by_country, "country", lambda code: countries.name_of(code) if code else _("Unknown")),
        encodings=_lines(mailing, plan, plan.by_encoding, "encoding", str),
        languages=_lines(mailing, plan, plan.by_language, "language", lambda code: str(wording.language(code))),
        reasons=reasons_of(mailing, plan.excluded),
        people=Contact.objects.in_bulk([pk for pk in _named(plan) if pk]),
    )


def _named(plan: Plan) -> list[int]:
    return [*plan.empty_text, *plan.too_long, *(extreme.contact for extreme in (plan.longest, plan.shortest, plan.dearest) if extreme)]


def reasons_of(mailing: Mailing, excluded: Mapping[str, int]) -> list[tuple[str, Any, int, str]]:
    """(code, words, people, address) of each reason why people are left out."""
    where = reverse("campaigns:left_out", args=[mailing.pk])
    return [(code, wording.reason(code), people, f"{where}?reason={code}") for code, people in eligibility.by_volume(excluded).items()]


def _parts(mailing: Mailing, plan: Plan) -> list[tuple[str, int, str, str]]:
    shares = sorted((int(n), share) for n, share in plan.by_segments.items())
    return [
        (ngettext("%(n)s segment", "%(n)s segments", n) % {"n": n}, share.texts, FILLS[min(place, len(FILLS) - 1)], people_behind(mailing, segments=n))
        for place, (n, share) in enumerate(shares)
    ]


def _lines(mailing: Mailing, plan: Plan, shares: Mapping[str, Share], narrow: str, name: Callable[[str], str]) -> list[Line]:
    costs = _costs(plan, [plan.cost_in(code, share.segments) if narrow == "country" else plan.cost_of(share.segments) for code, share in shares.items()])
    return [
        Line(name(code), share.texts, share.segments, cost, people_behind(mailing, **{narrow: code or "none"}))
        for (code, share), cost in zip(shares.items(), costs, strict=True)
    ]


def _costs(plan: Plan, costs: Sequence[Decimal | None]) -> Sequence[Decimal | None]:
    """What each costs, such that the rows of a table add up to its total."""
    known = [cost for cost in costs if cost is not None]
    return amounts.adding_up(known, plan.currency) if known and plan.cost is not None and len(known) == len(costs) else [None] * len(costs)


def people_behind(mailing: Mailing, **narrowed: Any) -> str:
    """The list of recipients, narrowed."""
    return f"{reverse('campaigns:messages', args=[mailing.pk])}?{urlencode(narrowed)}"
