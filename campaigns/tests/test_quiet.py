"""When texts may leave: spans, days, zones, midnight, holidays and clock changes; the fast answer is that of a clock that is looked at each minute."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns import public_holidays
from campaigns.quiet import FARTHEST, HoursError, Rule, Span, is_open, next_opening, read_span, window

PARIS, NEW_YORK, LOS_ANGELES = ZoneInfo("Europe/Paris"), ZoneInfo("America/New_York"), ZoneInfo("America/Los_Angeles")
DAY, ALL_DAY = Span(8 * 60, 20 * 60), Span(0, 1440)


def never(day):
    return False


def french(day):
    return public_holidays.is_holiday("FR", day)


FRANCE = Rule((*[DAY] * 6, None), None, french)
STATES = Rule((Span(480, 1260),) * 7, Span(480, 1260), lambda day: public_holidays.is_holiday("US", day))


def paris(*parts):
    return datetime(*parts, tzinfo=PARIS)


# --- what administrators write ---


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("8-20", Span(480, 1200)), ("08:00–20:30", Span(480, 1230)), (" 8h – 20h30 ", Span(480, 1230)), ("0:00-24:00", ALL_DAY), ("9 to 17", Span(540, 1020)),
        ("8.15 à 12", Span(495, 720)), ("", None), ("  ", None),
    ],
)  # fmt: skip
def test_spans_as_people_write_them(text, span):
    assert read_span(text) == span
    assert span is None or read_span(str(span)) == span


@pytest.mark.parametrize("text", ["8", "20-8", "8-8", "8:60-9", "8-24:30", "22:00-02:00", "all day", "8-20-22", "-", "99-100"])
def test_what_is_no_span_is_refused(text):
    with pytest.raises(HoursError):
        read_span(text)


# --- France and the United States ---


@pytest.mark.parametrize(
    ("moment", "opens"),
    [
        (paris(2026, 11, 30, 12), paris(2026, 11, 30, 12)),  # a Monday at noon
        (paris(2026, 11, 30, 19, 59, 59), paris(2026, 11, 30, 19, 59, 59)),
        (paris(2026, 11, 30, 20), paris(2026, 12, 1, 8)),
        (paris(2026, 11, 30, 7, 59), paris(2026, 11, 30, 8)),
        (paris(2026, 11, 28, 20), paris(2026, 11, 30, 8)),  # Saturday evening: no Sunday
        (paris(2026, 12, 24, 21), paris(2026, 12, 26, 8)),  # Christmas is a Friday
        (paris(2027, 3, 27, 19, 59), paris(2027, 3, 27, 19, 59)),
        (paris(2027, 3, 27, 20), paris(2027, 3, 30, 8)),  # Sunday with a clock change, then Easter Monday
        (paris(2026, 10, 24, 22), paris(2026, 10, 26, 8)),  # clocks go back on the Sunday
    ],
)
def test_in_france(moment, opens):
    assert next_opening(FRANCE, [PARIS], moment) == opens
    assert is_open(FRANCE, [PARIS], moment) == (opens == moment)


def test_in_the_united_states_it_is_the_clock_of_who_is_texted_and_every_clock_where_nobody_knows():
    evening = datetime(2026, 12, 2, 21, 30, tzinfo=NEW_YORK)
    assert next_opening(STATES, [NEW_YORK], evening) == datetime(2026, 12, 3, 8, tzinfo=NEW_YORK)
    assert next_opening(STATES, [LOS_ANGELES], evening) == evening  # half past six there
    assert next_opening(STATES, [NEW_YORK, LOS_ANGELES], evening) == datetime(2026, 12, 3, 8, tzinfo=LOS_ANGELES)
    assert next_opening(STATES, [NEW_YORK], datetime(2026, 12, 25, 10, tzinfo=NEW_YORK)).day == 25  # holidays are as other days there
    assert window(STATES, [NEW_YORK, LOS_ANGELES], evening).closes == datetime(2026, 12, 3, 21, tzinfo=NEW_YORK)


def test_a_window_goes_on_over_midnight_and_over_a_change_of_clocks():
    always = Rule((ALL_DAY,) * 7, ALL_DAY, never)
    start = paris(2027, 3, 27, 12)
    assert window(always, [PARIS], start).closes > start + timedelta(days=7)
    until_noon = Rule((ALL_DAY,) * 6 + (Span(0, 720),), None, never)
    assert window(until_noon, [PARIS], start) == (start, paris(2027, 3, 28, 12))


def test_hours_that_do_not_exist_or_come_twice():
    early = Rule((Span(150, 170),) * 7, None, never)  # 02:30 to 02:50
    assert next_opening(early, [PARIS], paris(2027, 3, 28, 0)) == paris(2027, 3, 29, 2, 30)  # 02:30 does not exist on that Sunday
    over_the_gap = Rule((Span(150, 240),) * 7, None, never)
    assert next_opening(over_the_gap, [PARIS], paris(2027, 3, 28, 0)) == paris(2027, 3, 28, 3)
    autumn = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30, the first time
    assert window(early, [PARIS], autumn).closes == autumn + timedelta(minutes=20)
    assert next_opening(early, [PARIS], autumn + timedelta(minutes=20)) == autumn + timedelta(hours=1)  # and the second


def test_without_any_hours_it_never_opens_and_that_is_found_out_in_a_moment():
    assert next_opening(Rule((None,) * 7, None, never), [PARIS], paris(2026, 11, 30)) is None
    assert window(Rule((None,) * 7, None, never), [PARIS], paris(2026, 11, 30)) is None
    apart = Rule((Span(600, 660),) * 7, None, never)
    assert next_opening(apart, [PARIS, NEW_YORK], paris(2026, 11, 30)) is None  # never ten in both


def test_a_holiday_narrows_the_hours_of_its_weekday():
    rule = Rule((*[DAY] * 6, None), Span(600, 1380), lambda day: day in (date(2026, 12, 1), date(2026, 12, 6)))
    assert rule.span_of(date(2026, 12, 1)) == Span(600, 1200)
    assert rule.span_of(date(2026, 12, 6)) is None  # a Sunday


# --- the same as a clock that is looked at each minute ---

SPANS = st.none() | st.tuples(st.integers(0, 95), st.integers(1, 96)).filter(lambda ends: ends[0] < ends[1]).map(lambda ends: Span(ends[0] * 15, ends[1] * 15))
ZONES = st.sampled_from(["Europe/Paris", "America/New_York", "America/Los_Angeles", "Pacific/Apia", "Australia/Lord_Howe", "Africa/Casablanca", "Asia/Kathmandu"])
CHANGES = [datetime(2026, 10, 25, tzinfo=UTC), datetime(2027, 3, 28, tzinfo=UTC), datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 4, 3, 12, tzinfo=UTC)]
MOMENTS = st.builds(lambda start, minutes: start + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-3000, 3000))


def naive(rule, zones, moment):
    """As a person would read it off the clocks."""
    clocks = [moment.astimezone(zone) for zone in zones]
    spans = [(rule.span_of(clock.date()), clock.hour * 60 + clock.minute) for clock in clocks]
    return all(span is not None and span.begin <= minute < span.end for span, minute in spans)


@settings(max_examples=300)
@given(st.tuples(*[SPANS] * 7), SPANS, st.lists(ZONES, min_size=1, max_size=3), MOMENTS, st.sets(st.integers(-3, 4), max_size=2))
def test_openings_and_closings_are_those_of_the_clock_on_the_wall(week, holiday, names, moment, off):
    zones, holidays = [ZoneInfo(name) for name in names], {moment.date() + timedelta(days=n) for n in off}
    rule = Rule(week, holiday, holidays.__contains__)
    found = window(rule, zones, moment)
    minutes = [moment + timedelta(minutes=n) for n in range(3 * 1440)]
    opens = next((minute for minute in minutes if naive(rule, zones, minute)), None)
    assert (found.opens if found and found.opens <= minutes[-1] else None) == opens
    assert is_open(rule, zones, moment) == (opens == moment)
    if found and opens:
        closes = next((minute for minute in minutes if minute > opens and not naive(rule, zones, minute)), None)
        assert (found.closes if found.closes <= minutes[-1] else None) == closes


@settings(max_examples=100)
@given(st.tuples(*[SPANS] * 7), st.lists(ZONES, min_size=1, max_size=2), MOMENTS)
def test_what_opens_next_is_open_then_and_closed_until_then(week, names, moment):
    rule, zones = Rule(week, None, never), [ZoneInfo(name) for name in names]
    opens = next_opening(rule, zones, moment)
    if opens is not None:
        assert moment <= opens < moment + FARTHEST and is_open(rule, zones, opens)
        assert opens == moment or not is_open(rule, zones, opens - timedelta(seconds=1))
