"""How a mailing would leave where some of its texts keep hours: what waits, until when, and when the last one leaves. Pure.

Those that may leave share the rate by what is left of them, as their chunks do, which come in the order of people.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from campaigns.quiet import Window

Hours = Callable[[datetime], Window | None]  # those that run at a moment, or the next ones
MOST_STEPS = 2_000  # openings and closings; slower than that nobody sends
NOBODY = 0.5  # texts


@dataclass(slots=True)
class Stream:
    """Texts that keep the same hours; without `hours` they leave at any time."""

    country: str
    texts: float
    hours: Hours | None = None
    window: Window | None = field(default=None, init=False)
    waits_until: datetime | None = field(default=None, init=False)

    def look(self, at: datetime) -> None:
        """At the hours of a moment that is not before the last one."""
        if self.hours and (self.window is None or at >= self.window.closes):
            self.window = self.hours(at)

    def is_open(self, at: datetime) -> bool:
        """Whether it goes at that moment."""
        return self.hours is None or (self.window is not None and self.window.opens <= at)

    def changes(self, at: datetime) -> datetime | None:
        """When that will be otherwise; None: never."""
        return None if self.window is None else self.window.closes if self.is_open(at) else self.window.opens


@dataclass(frozen=True, slots=True)
class Wait:
    """Texts to a country that wait for its hours."""

    country: str
    until: datetime
    texts: int


@dataclass(frozen=True, slots=True)
class Forecast:
    """First and last text, in all and to each country; what waits on the way, the soonest first; how many texts could not leave in time."""

    first: datetime
    last: datetime
    waits: Sequence[Wait] = ()
    given_up: int = 0
    by_country: Mapping[str, tuple[datetime, datetime]] = field(default_factory=dict)

    def of_country(self, country: str) -> tuple[datetime, datetime]:
        """First and last text to it; as far as nobody looked, those of all."""
        return self.by_country.get(country, (self.first, self.last))


def forecast(streams: Sequence[Stream], start: datetime, per_second: float, give_up: datetime | None = None) -> Forecast:
    """Of a mailing that begins at `start` and is of use until `give_up`."""
    at, waits, spans = start, dict[tuple[str, datetime], float](), dict[str, tuple[datetime, datetime]]()
    for _step in range(MOST_STEPS):
        left = [stream for stream in streams if stream.texts > NOBODY]
        for stream in left:
            stream.look(at)
            _note_wait(stream, at, waits)
        going = [stream for stream in left if stream.is_open(at)]
        if not left or (give_up and at >= give_up):
            break
        total = sum(stream.texts for stream in going)
        ends = [at + timedelta(seconds=total / per_second)] if going else []
        moments = [*ends, *(moment for stream in left if (moment := stream.changes(at))), *([give_up] if give_up else [])]
        if not moments:
            break
        until = min(moments)
        share = min(1.0, (until - at).total_seconds() * per_second / total) if going else 0.0
        for stream in going:
            stream.texts *= 1 - share
            spans[stream.country] = spans.get(stream.country, (at, until))[0], until
        at = until
    rest = round(sum(stream.texts for stream in streams if stream.texts > NOBODY))
    found = [Wait(country, until, round(texts)) for (country, until), texts in waits.items()]
    first, last = min((begin for begin, _end in spans.values()), default=at), max((end for _begin, end in spans.values()), default=at)
    return Forecast(first, last, sorted(found, key=lambda wait: (wait.until, -wait.texts)), rest, spans)


Leaving = tuple[Hours | None, datetime]  # the hours that texts keep, if any, and when the last of them leaves


def idle(texts: Sequence[Leaving], begin: datetime, end: datetime) -> timedelta:
    """How much of a span nothing can leave, because all that is left then waits for its hours."""
    found, at = timedelta(), begin
    while at < end:
        left = [(hours(at) if hours else Window(at, gone), gone) for hours, gone in texts if gone > at]
        windows = [(window, gone) for window, gone in left if window]
        opens = min((window.opens for window, _gone in windows), default=None)
        if opens is None:
            break
        found += max(min(opens, end) - at, timedelta())
        at = max(opens, *(min(window.closes, gone) for window, gone in windows if window.opens <= opens))
    return found


def _note_wait(stream: Stream, at: datetime, waits: dict[tuple[str, datetime], float]) -> None:
    if stream.is_open(at) or stream.window is None or stream.waits_until == stream.window.opens:
        return
    stream.waits_until = stream.window.opens
    key = stream.country, stream.window.opens
    waits[key] = waits.get(key, 0.0) + stream.texts
