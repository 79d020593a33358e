"""What to look at because of the moment when a mailing leaves: who was texted shortly before, the hour for those who get it, the day that it names."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.forecast import Forecast
from campaigns.models import Mailing
from campaigns.pipeline.rested import NAMED, Before
from campaigns.plans import Place, Plan
from campaigns.services import prepared, quiet_hours
from campaigns.services.errors import CampaignError
from campaigns.services.prepared import names_its_day
from campaigns.services.quiet_hours import Book
from campaigns.wizard import forecasts
from campaigns.wizard.check import Check
from contacts.smart.patience import TookTooLong, patience
from smsapp.common import countries, zones
from smsapp.common.bidi import isolated
from smsapp.common.readable import number

DAY_BEGINS, DAY_ENDS = 8, 21  # on the clocks of those who are texted
A_WHILE = timedelta(seconds=4)
MOST_PLACES = 4


@dataclass(frozen=True, slots=True)
class Start:
    """When it would leave: `at` None is now. With `recount` its recipients are looked up once more then; what has not left so many hours after
    it began is given up."""

    at: datetime | None = None
    recount: bool = False
    give_up_after: int | None = None

    @classmethod
    def of(cls, mailing: Mailing) -> "Start":
        """Of a mailing that is scheduled, else now."""
        return cls(mailing.scheduled_at, mailing.recount, mailing.give_up_after) if mailing.scheduled_at else cls()

    def forecast(self, plan: Plan, rules: Book | None = None) -> Forecast:
        """When the first and the last text would leave, and what would wait."""
        return forecasts.of(plan, self.at or timezone.now(), give_up_after=self.give_up_after, rules=rules)


NOW = Start()


def of(mailing: Mailing, plan: Plan, start: Start, *, look: bool = False, rules: Book | None = None) -> list[Check]:
    """All of them. What leaves now is judged from now with `look`, which counts; else as it was when the plan was made."""
    rules = quiet_hours.book() if rules is None else rules
    held_back = _quiet(mailing, start.forecast(plan, rules))
    return [*_day(mailing, start), *held_back, *_night(plan, start, rules), *_rest(mailing, plan, start, look=look)]


def of_hours(mailing: Mailing, plan: Plan, start: Start) -> list[Check]:
    """Those of the hours for which it would be scheduled, and of what would not leave in time."""
    rules = quiet_hours.book()
    return [*_quiet(mailing, start.forecast(plan, rules)), *_night(plan, start, rules)]


def of_limit(mailing: Mailing, give_up: datetime | None) -> list[Check]:
    """What of a mailing that has begun would not leave before a moment."""
    return list(_too_late(forecasts.of_rest(mailing, give_up)))


# --- the day that a text names ---


def _day(mailing: Mailing, start: Start) -> Iterator[Check]:
    try:
        prepared.check_day(mailing, start.at, recount=start.recount)
    except CampaignError as error:
        yield Check("yellow", _("The text names another day than that of sending"), error.message, *_anew(start))


def _anew(start: Start) -> tuple[Any, ...]:
    """The plan of today names today."""
    return ("", "", "anew", _("Make the plan anew")) if start.at is None else ()


# --- the hour ---


def _quiet(mailing: Mailing, found: Forecast) -> Iterator[Check]:
    """Texts that keep hours wait for them by themselves."""
    if found.waits:
        title, more = forecasts.wait_words(found.waits[0].texts, found.waits[0].until, found.waits[0].country), found.waits[1:]
        words = [ngettext(
            "The quiet hours of the country hold it back; it leaves by itself when these end.",
            "The quiet hours of the country hold them back; they leave by themselves when these end.", found.waits[0].texts,
        )]  # fmt: skip
        words += [_("Later: %(waits)s.") % {"waits": forecasts.all_waits(more)}] if more else []
        if names_its_day(mailing):
            words.append(_("The texts name the day of the plan, not the day on which they leave then."))
        yield Check("yellow", title, " ".join(words))
    yield from _too_late(found)


def _too_late(found: Forecast) -> Iterator[Check]:
    if n := found.given_up:
        title = ngettext("%(n)s text would not leave in time", "%(n)s texts would not leave in time", n) % {"n": number(n)}
        yield Check("yellow", title, _("It is given up when its time is over. Begin at another time, or give up later."))


def _night(plan: Plan, start: Start, rules: Book) -> Iterator[Check]:
    """Where no quiet hours hold texts back."""
    first = start.at or timezone.now()
    found = [(place, night) for place in forecasts.places(plan) if place.country not in rules.rules and (night := _is_night(place.zones, first, plan.seconds))]
    surely = sum(place.texts for place, night in found if night is Night.SURELY)
    maybe = sum(place.texts for place, night in found) - surely
    if not found:
        return
    words = [_hours([place for place, _night in found], first)]
    if surely and maybe:
        words.append(ngettext("%(n)s more may get it at night.", "%(n)s more may get it at night.", maybe) % {"n": number(maybe)})
    if maybe:
        words.append(_("Who may: their number leaves open in which time zone they are, or sending goes on into the night."))
    yield Check("yellow", _night_title(surely, maybe), " ".join(words))


def _night_title(surely: int, maybe: int) -> str:
    if surely:
        return ngettext("%(n)s recipient gets it at night", "%(n)s recipients get it at night", surely) % {"n": number(surely)}
    return ngettext("%(n)s recipient may get it at night", "%(n)s recipients may get it at night", maybe) % {"n": number(maybe)}


class Night(Enum):
    """Whether texts come at night."""

    SURELY = 1
    MAYBE = 2


def _is_night(names: Sequence[str], first: datetime, seconds: int) -> Night | None:
    """Of texts to people in one of these zones: surely when it is night there all the time, in each of them."""
    hours = range(min(seconds // 3600, 23) + 1)
    moments = [*(first + timedelta(hours=hour) for hour in hours), first + timedelta(seconds=seconds)]
    nights = {not DAY_BEGINS <= clock.hour < DAY_ENDS for moment in moments for clock in zones.clocks_in(names, moment)}
    return None if True not in nights else Night.MAYBE if False in nights else Night.SURELY


def _hours(places: Sequence[Place], first: datetime) -> str:
    """What the clocks of those people show, each country once."""
    by_country: dict[str, list[str]] = {}
    for place in places:
        by_country.setdefault(place.country, []).extend(place.zones)
    shown = ", ".join(_place(region, names, first) for region, names in list(by_country.items())[:MOST_PLACES])
    text = _("The first text reaches them at this hour: %(places)s. Between %(end)s:00 and %(begin)s:00 a text wakes people: choose another time.")
    return text % {"places": shown + (" …" if len(by_country) > MOST_PLACES else ""), "end": DAY_ENDS, "begin": DAY_BEGINS}


def _place(region: str, names: Sequence[str], moment: datetime) -> str:
    clocks = zones.clocks_in(names, moment)
    words = {"place": countries.name_of(region), "first": f"{clocks[0]:%H:%M}", "last": f"{clocks[-1]:%H:%M}"}
    return (_("%(place)s from %(first)s to %(last)s, by place") if len(clocks) > 1 else _("%(place)s %(first)s")) % words


# --- hours of rest ---


def _rest(mailing: Mailing, plan: Plan, start: Start, *, look: bool) -> Iterator[Check]:
    """People who were texted not long ago: they can be left out, or let in again."""
    if mailing.rest_hours:
        yield _left_out(mailing, plan, mailing.rest_hours, start)
    if start.at is not None and plan.recent_hours:
        yield from _texted_before(Before(mailing, plan.recent_hours, start.at), recount=start.recount)
    elif look and plan.recent_hours:
        yield from _texted_until(Before(mailing, plan.recent_hours, timezone.now()))
    elif plan.recent:
        yield _lately(mailing, plan.recent, plan.recent_hours, "1")


def _texted_until(before: Before) -> Iterator[Check]:
    """Judged from now: those whom "Leave them out" leaves out."""
    try:
        with patience(A_WHILE):
            n = before.texted().count()
    except TookTooLong:
        yield _uncounted()
        return
    if n:
        yield _lately(before.mailing, n, before.hours, before.at.isoformat())


def _lately(mailing: Mailing, n: int, hours: int, until: str) -> Check:
    title = ngettext("%(n)s person was texted not long ago", "%(n)s people were texted not long ago", n) % {"n": number(n)}
    text = ngettext("Within the last hour.", "Within the last %(hours)s hours.", hours) % {"hours": number(hours)}
    return Check("yellow", title, text, **_behind(mailing, recent=until), do="rest", button=_("Leave them out"))


def _uncounted() -> Check:
    return Check("yellow", _("Who is texted shortly before could not be counted in time"), _("Choose the time once more to count again."))


def _left_out(mailing: Mailing, plan: Plan, hours: int, start: Start) -> Check:
    out = plan.excluded.get("texted_recently", 0)
    title = ngettext("Who was texted within %(n)s hour is left out", "Who was texted within %(n)s hours is left out", hours) % {"n": number(hours)}
    text = ngettext("It concerns %(n)s person.", "It concerns %(n)s people.", out) % {"n": number(out)}
    tone = "green"
    if start.recount:
        text = f"{text} {_('They are judged once more when it leaves.')}"
    elif out and start.at is not None and (rested := Before(mailing, hours, start.at).rested()):
        tone, words = "yellow", _("That was judged when the plan was made. When it leaves, it is long enough ago for %(n)s of them: %(cure)s")
        text = f"{text} {words % {'n': number(rested), 'cure': _('recalculate recipients at send time, and they get it.')}}"
    where = f"{reverse('campaigns:left_out', args=[mailing.pk])}?reason=texted_recently" if out else ""
    return Check(tone, title, text, where, _("Show"), do="no-rest", button=_("Text them too"))


def _texted_before(before: Before, *, recount: bool) -> Iterator[Check]:
    """Judged from the moment when it leaves."""
    try:
        with patience(A_WHILE):
            n, texted, due = before.either().count(), before.texted().count(), before.due().count()
            others = before.mailings() if due else []
    except TookTooLong:
        yield _uncounted()
        return
    if not n or (recount and before.mailing.rest_hours):
        return
    words = []
    if texted:
        words.append(ngettext("%(n)s has had a text already.", "%(n)s have had a text already.", texted) % {"n": number(texted)})
    if due:
        words.append(ngettext("For %(n)s another text is scheduled: %(names)s.", "For %(n)s another text is scheduled: %(names)s.", due) % _which(due, others))
    behind = _behind(before.mailing, before=before.at.isoformat())
    advice = _("To leave them out, press the button, then recalculate recipients at send time.")
    yield Check("yellow", _will_have_been(n, before.hours), " ".join(words), **behind, do="rest", button=_("Leave them out"), advice=advice)


def _will_have_been(n: int, hours: int) -> str:
    words = ngettext(
        "%(n)s recipient will have been texted within %(hours)s h before it leaves",
        "%(n)s recipients will have been texted within %(hours)s h before it leaves",
        n,
    )
    return words % {"n": number(n), "hours": number(hours)}


def _which(due: int, others: list[Mailing]) -> dict[str, str]:
    names = [_("“%(text)s”") % {"text": isolated(other.name)} for other in others[:NAMED]]
    return {"n": number(due), "names": ", ".join(names) + (" …" if len(others) > NAMED else "") if names else _("a one-off text")}


def _behind(mailing: Mailing, **narrowed: Any) -> dict[str, str]:
    return {"url": f"{reverse('campaigns:messages', args=[mailing.pk])}?{urlencode(narrowed)}", "link": _("Show")}
