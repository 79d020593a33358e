"""How a mailing would leave: what fits before the hours close, what waits, and when the last text leaves."""

from datetime import datetime, timedelta
from functools import partial

from campaigns.forecast import Stream, forecast, idle
from campaigns.quiet import window
from campaigns.tests.test_quiet import FRANCE, LOS_ANGELES, NEW_YORK, PARIS, STATES, paris


def to(country, texts, rule=None, zone=None):
    return Stream(country, texts, partial(window, rule, [zone]) if rule else None)


def france(texts):
    return to("FR", texts, FRANCE, PARIS)


def told(found):
    return [(wait.country, wait.texts, wait.until) for wait in found.waits]


def test_without_hours_it_ends_when_its_texts_are_through():
    start = paris(2026, 11, 30, 23)
    found = forecast([to("GB", 600), to("DE", 600)], start, 10)
    assert (found.first, found.last, found.waits, found.given_up) == (start, start + timedelta(seconds=120), [], 0)


def test_what_does_not_fit_before_the_evening_goes_on_in_the_morning():
    found = forecast([france(10_000)], paris(2026, 11, 30, 19, 58), 50)
    assert told(found) == [("FR", 4_000, paris(2026, 12, 1, 8))]
    assert (found.first, found.last) == (paris(2026, 11, 30, 19, 58), paris(2026, 12, 1, 8, 1, 20))


def test_over_a_clock_change_and_a_holiday():
    found = forecast([france(10_000)], paris(2027, 3, 27, 19, 58), 50)
    assert told(found) == [("FR", 4_000, paris(2027, 3, 30, 8))]
    assert found.last == paris(2027, 3, 30, 8, 1, 20)


def test_a_mailing_of_days_waits_each_evening():
    found = forecast([france(100_000)], paris(2026, 12, 1, 8), 1)  # 43,200 a day
    assert [(texts, until.day) for _country, texts, until in told(found)] == [(56_800, 2), (13_600, 3)]


def test_others_have_the_whole_rate_while_some_wait():
    found = forecast([france(600), to("GB", 600)], paris(2026, 11, 30, 21), 1)
    assert told(found) == [("FR", 600, paris(2026, 12, 1, 8))]
    assert found.of_country("GB") == (paris(2026, 11, 30, 21), paris(2026, 11, 30, 21, 10))
    assert found.of_country("FR") == (paris(2026, 12, 1, 8), paris(2026, 12, 1, 8, 10))


def test_each_coast_waits_for_its_own_morning():
    streams = [to("US", 60, STATES, NEW_YORK), to("US", 60, STATES, LOS_ANGELES)]
    found = forecast(streams, datetime(2026, 12, 2, 23, 30, tzinfo=NEW_YORK), 1)  # half past eight in Los Angeles
    assert told(found) == [("US", 60, datetime(2026, 12, 3, 8, tzinfo=NEW_YORK))]
    late = forecast([to("US", 60, STATES, NEW_YORK), to("US", 60, STATES, LOS_ANGELES)], datetime(2026, 12, 3, 1, tzinfo=NEW_YORK), 1)
    assert [until for _country, _texts, until in told(late)] == [datetime(2026, 12, 3, 8, tzinfo=zone) for zone in (NEW_YORK, LOS_ANGELES)]


def test_what_would_leave_too_late_is_counted():
    found = forecast([france(10_000)], paris(2026, 11, 30, 19, 58), 50, give_up=paris(2026, 12, 1, 8, 0, 40))
    assert (found.given_up, found.last) == (2_000, paris(2026, 12, 1, 8, 0, 40))
    assert forecast([france(10)], paris(2026, 11, 30, 21), 50, give_up=paris(2026, 11, 30, 22)).given_up == 10


def test_nobody_is_no_forecast_of_anything():
    assert forecast([], paris(2026, 11, 30, 21), 50).waits == []


def test_how_long_nothing_can_leave():
    french, tuesday = partial(window, FRANCE, [PARIS]), paris(2026, 12, 1, 12)
    american = partial(window, STATES, [NEW_YORK])  # from 14:00 to 3:00 in Paris
    wednesday = tuesday + timedelta(days=1)
    assert idle([(french, wednesday)], tuesday, wednesday) == timedelta(hours=12)
    assert idle([(french, wednesday)], tuesday, paris(2026, 12, 1, 22)) == timedelta(hours=2)
    assert idle([(french, wednesday), (american, wednesday)], tuesday, wednesday) == timedelta(hours=5)  # from 3:00 to 8:00
    assert idle([(french, wednesday), (american, paris(2026, 12, 1, 22))], tuesday, wednesday) == timedelta(hours=10)  # from 22:00 on
    assert idle([(french, wednesday), (None, paris(2026, 12, 1, 22))], tuesday, wednesday) == timedelta(hours=10)
    assert idle([], tuesday, wednesday) == idle([(french, wednesday)], wednesday, tuesday) == timedelta()
