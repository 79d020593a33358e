"""When things happen again: clock changes, ends, days that months lack, and rules that are refused."""

from datetime import UTC, date, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as some

from workflows.recurrence import Rule, RuleProblem, next_runs, occurrences
from workflows.recurrence_words import in_words

PARIS = ZoneInfo("Europe/Paris")
BEGIN = datetime(2027, 1, 1, tzinfo=UTC)


def rule(every="day", **changes):
    return Rule.parse({"every": every, "times": ["09:00"], "from": "2027-01-01", "zone": "Europe/Paris", **changes})


def walls(found, after=BEGIN, most=4):
    return [moment.astimezone(PARIS).strftime("%d.%m. %H:%M") for moment in next_runs(found, after, most)]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (rule("once", **{"from": "2027-02-03"}), ["03.02. 09:00"]),
        (rule(times=["17:30", "09:00"]), ["01.01. 09:00", "01.01. 17:30", "02.01. 09:00", "02.01. 17:30"]),
        (rule(step=3), ["01.01. 09:00", "04.01. 09:00", "07.01. 09:00", "10.01. 09:00"]),
        (rule("week", days=[1, 4], step=2), ["11.01. 09:00", "14.01. 09:00", "25.01. 09:00", "28.01. 09:00"]),
        (rule("month", day=31), ["31.01. 09:00", "31.03. 09:00", "31.05. 09:00", "31.07. 09:00"]),
        (rule("month", day=-1), ["31.01. 09:00", "28.02. 09:00", "31.03. 09:00", "30.04. 09:00"]),
        (rule("month", day=2, nth=2), ["12.01. 09:00", "09.02. 09:00", "09.03. 09:00", "13.04. 09:00"]),
        (rule("month", day=5, nth=-1, step=6), ["29.01. 09:00", "30.07. 09:00", "28.01. 09:00", "28.07. 09:00"]),
        (rule("year", month=2, day=29), ["28.02. 09:00", "29.02. 09:00", "28.02. 09:00", "28.02. 09:00"]),
        (rule(ends={"after": 2}), ["01.01. 09:00", "02.01. 09:00"]),
        (rule(ends={"until": "2027-01-03"}), ["01.01. 09:00", "02.01. 09:00", "03.01. 09:00"]),
    ],
)
def test_times_come_as_the_rule_says(found, expected):
    assert walls(found) == expected


def test_a_daily_run_at_half_past_two_happens_once_each_day_across_both_clock_changes():
    for begin in ("2027-03-26", "2027-10-29"):
        after = datetime.combine(date.fromisoformat(begin), datetime.min.time(), PARIS)
        found = next_runs(rule(times=["02:30"], **{"from": begin}), after, 5)
        days = [moment.astimezone(PARIS).date() for moment in found]
        assert days == [date.fromisoformat(begin) + timedelta(days=day) for day in range(5)]
    spring = next_runs(rule(times=["02:30"]), datetime(2027, 3, 27, 12, tzinfo=UTC), 1)
    assert spring == [datetime(2027, 3, 28, 1, 0, tzinfo=UTC)]  # 03:00, the first moment after the gap
    autumn = next_runs(rule(times=["02:30"]), datetime(2027, 10, 30, 12, tzinfo=UTC), 2)
    assert autumn == [datetime(2027, 10, 31, 0, 30, tzinfo=UTC), datetime(2027, 11, 1, 1, 30, tzinfo=UTC)]  # the first 02:30 of two


def test_two_times_inside_one_gap_are_one():
    assert len(next_runs(rule(times=["02:10", "02:30"], ends={"until": "2027-03-28"}), datetime(2027, 3, 27, 12, tzinfo=UTC))) == 1


def test_what_comes_less_than_ten_minutes_after_a_time_put_off_by_the_clocks_is_left_out():
    found = next_runs(rule(times=["02:30", "03:05", "03:20"]), datetime(2027, 3, 27, 12, tzinfo=UTC), 4)
    assert [moment.astimezone(PARIS).strftime("%d. %H:%M") for moment in found] == ["28. 03:00", "28. 03:20", "29. 02:30", "29. 03:05"]


@pytest.mark.parametrize(
    ("days", "step", "refused"),
    [([1], 1, False), ([1, 4], 1, False), ([1, 2], 2, True), ([1, 7], 1, True), ([1, 7], 2, False)],
)
def test_only_days_in_a_row_meet_at_midnight(days, step, refused):
    raw = {"every": "week", "days": days, "step": step, "times": ["00:02", "23:58"], "from": "2027-01-01", "zone": "Europe/Paris"}
    try:
        Rule.parse(raw)
        assert not refused
    except RuleProblem as problem:
        assert refused and problem.code == "too_close"


def test_a_day_that_a_zone_left_out_gives_no_time_twice():
    samoa = rule(times=["00:00"], zone="Pacific/Apia", **{"from": "2011-12-28"})  # without 30 December
    found = next_runs(samoa, datetime(2011, 12, 27, tzinfo=UTC), 5)
    assert found == sorted(set(found))


def test_fifty_years_later_the_next_time_is_found_at_once():
    assert next_runs(rule("week", days=[3], step=2), datetime(2077, 6, 1, tzinfo=UTC), 1)[0].year == 2077


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"every": "hour"}, "every"), ({"times": []}, "times"), ({"times": ["25:00"]}, "times"), ({"times": ["09:00", "09:05"]}, "too_close"),
        ({"times": ["00:02", "23:58"]}, "too_close"), ({"from": "yesterday"}, "date"), ({"from": "9999-12-31"}, "date"), ({"zone": "Mars/Olympus"}, "zone"),
        ({"every": "week"}, "no_day"), ({"every": "week", "days": [8]}, "number"), ({"every": "month"}, "no_day"), ({"every": "year", "month": 2, "day": 30}, "no_date"),
        ({"step": 0}, "number"), ({"step": True}, "number"), ({"ends": {"after": -1}}, "number"), ({"ends": {"until": "2026-12-31"}}, "ends_first"),
        ({"ends": {"after": 0}}, "number"), ({"ends": "later"}, "ends"), ({"ends": {"times": 3}}, "ends"), ({"ends": {"after": 3, "until": "2027-05-05"}}, "ends"),
        ({"ends": {"until": None}}, "date"), ({"every": "once", "times": ["09:00", "10:00"]}, "one_time"), ({"every": "month", "day": 31, "step": 12, "from": "2027-02-01"}, "never"),
        ({"every": "month", "day": 31, "from": "2027-02-01", "ends": {"until": "2027-02-28"}}, "never"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(raw, code):
    with pytest.raises(RuleProblem) as caught:
        Rule.parse({"every": "day", "times": ["09:00"], "from": "2027-01-01", "zone": "Europe/Paris", **raw})
    assert caught.value.code == code


@pytest.mark.parametrize("raw", [None, [], "daily", 3, {"every": []}])
def test_nonsense_is_refused(raw):
    with pytest.raises(RuleProblem):
        Rule.parse(raw)


@pytest.mark.parametrize(
    ("found", "english", "french"),
    [
        (rule(), "Every day at 09:00", "Chaque jour à 09:00"),
        (rule("week", days=[1, 4], step=2, ends={"after": 5}), "Every 2 weeks on Monday and Thursday at 09:00, 5 times",
         "Toutes les 2 semaines, lundi et jeudi à 09:00, 5 fois"),
        (rule("month", day=2, nth=2, ends={"until": "2027-05-03"}), "On the 2nd Tuesday of every month at 09:00, until 3 May 2027",
         "Chaque mois, le 2e mardi à 09:00, jusqu’au 3 mai 2027"),
        (rule("year", month=2, day=29), "Every year on 29 February (28 February in other years) at 09:00",
         "Chaque année, le 29 février (28 février les autres années) à 09:00"),
        (rule("month", day=1), "On the first day of every month at 09:00", "Chaque mois, le premier jour à 09:00"),
        (rule("month", day=5, step=3), "On day 5 of every 3 months at 09:00", "Tous les 3 mois, le 5 à 09:00"),
        (rule("year", month=5, day=1, step=2), "Every 2 years on 1 May at 09:00", "Tous les 2 ans, le 1er mai à 09:00"),
        (rule("once", **{"from": "2027-02-03"}), "Once, on 3 February 2027 at 09:00", "Une fois, le 3 février 2027 à 09:00"),
        (rule(times=[f"{hour:02}:00" for hour in range(9, 17)]), "Every day, every 60 minutes from 09:00 to 16:00",
         "Chaque jour, toutes les 60 minutes de 09:00 à 16:00"),
        (rule(times=["23:00", "23:25", "23:50"], minutes=25, latest="23:59"), "Every day, every 25 minutes from 23:00 to 23:59",
         "Chaque jour, toutes les 25 minutes de 23:00 à 23:59"),
        (rule(times=["23:00", "23:40"], minutes=25, latest="23:59"), "Every day at 23:00 and 23:40", "Chaque jour à 23:00 et 23:40"),  # other times than these
    ],
)  # fmt: skip
def test_a_rule_is_said_in_words(found, english, french):
    with translation.override("en"):
        assert in_words(found) == english
    with translation.override("fr"):
        assert in_words(found) == french


def rules():
    return some.builds(
        rule, some.sampled_from(["day", "week", "month", "year"]), step=some.integers(1, 5), days=some.lists(some.integers(1, 7), min_size=1), day=some.integers(1, 7),
        nth=some.sampled_from([0, 1, 3, -1]), month=some.integers(1, 12), times=some.sampled_from([["02:30"], ["09:00"], ["00:00", "12:00"]]),
        zone=some.sampled_from(["Europe/Paris", "America/New_York", "Australia/Lord_Howe", "Asia/Kathmandu"]),
    )  # fmt: skip


@given(rules(), some.integers(0, 4_000))
def test_times_are_in_order_later_than_asked_and_the_same_wherever_one_begins(found, days):
    after = BEGIN + timedelta(days=days, hours=days % 24)
    times = list(islice(occurrences(found, after), 4))
    assert times == sorted(set(times)) and all(moment > after for moment in times)
    assert times[1:] == list(islice(occurrences(found, times[0]), 3))


@given(rules())
def test_a_rule_is_stored_as_it_is(found):
    assert Rule.parse(found.as_json()) == found
