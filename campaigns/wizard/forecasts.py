"""The forecast of a plan: where its recipients are, which hours they keep, and what follows for a start."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import quiet
from campaigns.forecast import Forecast, Hours, Leaving, Stream, Wait, forecast, idle
from campaigns.models import Mailing
from campaigns.plans import Place, Plan
from campaigns.services import quiet_hours
from campaigns.services.quiet_hours import Book, clocks_of, zones_of_country
from campaigns.wizard.moments import zone_name
from smsapp.common import clock, countries, dates, zones
from smsapp.common.readable import number

NAMED = 4  # waits in a sentence


def places(plan: Plan) -> list[Place]:
    """Where all recipients are: by their numbers, else by their country."""
    told = {place.country for place in plan.places}
    return [*plan.places, *(Place(region, list(zones.of_country(region)), share.texts) for region, share in plan.by_country.items() if region not in told)]


def of(plan: Plan, start: datetime, *, give_up_after: int | None = None, rules: Book | None = None) -> Forecast:
    """For a plan that starts at a moment; what has not left so many hours later is given up."""
    rules = quiet_hours.book() if rules is None else rules
    give_up = start + timedelta(hours=give_up_after) if give_up_after else None
    if not rules and not give_up:
        return Forecast(start, start + timedelta(seconds=plan.seconds))
    streams = [Stream(place.country, place.texts, _hours(rules, place)) for place in places(plan)]
    return forecast(streams, start, plan.recipients / max(plan.seconds, 1), give_up)


def of_rest(mailing: Mailing, give_up: datetime | None) -> Forecast:
    """For what is left of a mailing that has begun, as if it went on now; what has not left by a moment is given up."""
    rules, plan = quiet_hours.book(), Plan.read(mailing.planned)
    rate = plan.recipients / max(plan.seconds, 1) if plan else mailing.provider.rate if mailing.provider else 1
    left = [Place(*row) for row in quiet_hours.left(mailing.pk)]
    return forecast([Stream(place.country, place.texts, _hours(rules, place)) for place in left], clock.now(), rate, give_up)


@dataclass(frozen=True, slots=True)
class Course:
    """How a plan that began at a moment was to go: when it was to end, and what of its time was to pass waiting for quiet hours."""

    starts: datetime
    ends: datetime
    texts: Sequence[Leaving]

    @classmethod
    def of(cls, plan: Plan, start: datetime, *, give_up_after: int | None = None) -> "Course":
        """By the rules of today; what is given up ends it too."""
        rules = quiet_hours.book()
        found = of(plan, start, give_up_after=give_up_after, rules=rules)
        ends = start + timedelta(hours=give_up_after) if found.given_up and give_up_after else found.last
        there = [place for place in places(plan) if place.texts]
        return cls(start, ends, [(_hours(rules, place), ends if found.given_up else found.of_country(place.country)[1]) for place in there])

    def waited(self, until: datetime) -> timedelta:
        """How long from the beginning nothing could leave because of quiet hours. What is late waits for them too, where all texts keep some."""
        late = [(hours, until) for hours, _gone in self.texts]
        beyond = idle(late, self.ends, until) if all(hours for hours, _gone in late) else timedelta()
        return idle(self.texts, self.starts, min(until, self.ends)) + beyond


def _hours(rules: Book, place: Place) -> Hours | None:
    rule, clocks = rules.rules.get(place.country), clocks_of(tuple(place.zones) or zones_of_country(place.country))
    return (lambda at: quiet.window(rule, clocks, at)) if rule else None


def wait_words(texts: int, until: datetime, country: str) -> str:
    """ "1,240 texts (France) wait until Monday 30 November at 08:00, Paris time": the reader's clock, not that of the country."""
    words = ngettext("%(n)s text (%(country)s) waits until %(when)s, %(zone)s time", "%(n)s texts (%(country)s) wait until %(when)s, %(zone)s time", texts)
    facts = {"when": when(until), "zone": zone_name(ZoneInfo(timezone.get_current_timezone_name()))}
    return words % {"n": number(texts), "country": countries.name_of(country), **facts}


def when(moment: datetime) -> str:
    """A day and a time in the reader's zone."""
    here = timezone.localtime(moment)
    return _("%(day)s at %(time)s") % {"day": dates.said(here, "l j F"), "time": f"{here:%H:%M}"}


def all_waits(waits: Sequence[Wait]) -> str:
    """The first of them, as one line."""
    return "; ".join(wait_words(wait.texts, wait.until, wait.country) for wait in waits[:NAMED]) + (" …" if len(waits) > NAMED else "")
