"""Dates and times as people type them."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from campaigns.wizard import moments

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def test_a_time_is_read_in_the_persons_zone() -> None:
    assert moments.read(date(2026, 3, 2), time(14, 0), PARIS, now=NOW) == moments.Moment(datetime(2026, 3, 2, 13, 0, tzinfo=UTC))


def test_a_past_time_is_refused_in_words() -> None:
    with pytest.raises(moments.MomentError, match="is past"):
        moments.read(date(2026, 3, 1), time(9, 59), PARIS, now=NOW)


def test_an_hour_skipped_by_the_clocks_is_refused() -> None:
    with pytest.raises(moments.MomentError, match="does not exist"):
        moments.read(date(2026, 3, 29), time(2, 30), PARIS, now=NOW)


def test_an_hour_that_comes_twice_is_told_and_the_first_is_meant() -> None:
    moment = moments.read(date(2026, 10, 25), time(2, 30), PARIS, now=NOW)
    assert moment.at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert "comes twice" in moment.note


def test_the_second_of_the_two_is_meant_when_the_first_is_past() -> None:
    between = datetime(2026, 10, 25, 0, 45, tzinfo=UTC)
    assert moments.read(date(2026, 10, 25), time(2, 30), PARIS, now=between) == moments.Moment(datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize("far", [date(2028, 4, 1), date(9999, 12, 31)])
def test_a_date_absurdly_far_ahead_is_refused(far) -> None:
    with pytest.raises(moments.MomentError, match="more than two years ahead"):
        moments.read(far, time(14, 0), PARIS, now=NOW)


def test_two_years_ahead_can_be_planned() -> None:
    assert moments.read(date(2028, 3, 1), time(10, 0), PARIS, now=NOW).at == datetime(2028, 3, 1, 9, 0, tzinfo=UTC)


def test_a_year_that_is_half_typed_is_past() -> None:
    with pytest.raises(moments.MomentError, match="is past"):
        moments.read(date(1, 1, 1), time(0, 0), PARIS, now=NOW)


def test_only_the_first_of_two_like_hours_is_told_of() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    assert "02:30 comes twice" in moments.twice(first, PARIS)
    assert moments.twice(second, PARIS) == moments.twice(NOW, PARIS) == ""


def test_a_zone_is_named_by_its_town() -> None:
    assert moments.zone_name(ZoneInfo("America/New_York")) == "New York"
