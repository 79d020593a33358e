"""The rule of a scheduler as plain fields: what counts, what is refused beside which field, and that it comes back as it was."""

import pytest
from django.template.loader import render_to_string

from workflows.forms.schedule import ScheduleForm
from workflows.recurrence import Rule

PARTS = {"from": "2027-01-01", "zone": "Europe/Paris"}
ALWAYS = {"begins": "2027-01-01", "zone": "Europe/Paris", "ends": "never", "times": "09:00"}


def form(every, **fields):
    return ScheduleForm({**ALWAYS, "every": every, **fields})


@pytest.mark.parametrize(
    ("every", "fields", "rule"),
    [
        ("once", {}, {"every": "once", "times": ["09:00"]}),
        ("several", {"minutes": "90", "day_from": "09:00", "day_to": "12:30"},
         {"every": "day", "times": ["09:00", "10:30", "12:00"], "minutes": 90, "latest": "12:30"}),
        ("day", {"times": "17:30, 09:00", "step": "3"}, {"every": "day", "times": ["09:00", "17:30"], "step": 3}),
        ("week", {"days": ["1", "4"], "step": "2", "ends": "after", "after": "5"},
         {"every": "week", "times": ["09:00"], "step": 2, "days": [1, 4], "ends": {"after": 5}}),
        ("month", {"by": "number", "day": "31"}, {"every": "month", "times": ["09:00"], "day": 31}),
        ("month", {"by": "end"}, {"every": "month", "times": ["09:00"], "day": -1}),
        ("month", {"by": "named", "nth": "2", "weekday": "2"}, {"every": "month", "times": ["09:00"], "day": 2, "nth": 2}),
        ("year", {"month": "2", "day": "29", "ends": "until", "until": "2030-01-01"},
         {"every": "year", "times": ["09:00"], "day": 29, "month": 2, "ends": {"until": "2030-01-01"}}),
    ],
)  # fmt: skip
def test_fields_become_a_rule(every, fields, rule):
    filled = form(every, **fields)
    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["rule"] == {**PARTS, **rule}


@pytest.mark.parametrize(
    ("every", "fields", "field"),
    [
        ("", {}, "every"), ("day", {"begins": ""}, "begins"), ("day", {"zone": "Mars/Olympus"}, "zone"), ("day", {"times": ""}, "times"),
        ("day", {"times": "nine"}, "times"), ("day", {"times": "09:00, 09:05"}, "times"), ("once", {"times": "09:00, 10:00"}, "times"), ("week", {}, "days"),
        ("several", {"minutes": "5"}, "minutes"), ("several", {"minutes": ""}, "minutes"), ("several", {"minutes": "60", "day_from": "18:00", "day_to": "09:00"}, "day_to"),
        ("several", {"minutes": "478"}, "minutes"), ("month", {"by": "number", "day": ""}, "day"), ("month", {"by": "number", "day": "32"}, "day"),
        ("year", {"month": "2", "day": "30"}, "day"), ("day", {"ends": "after"}, "after"), ("day", {"ends": "until"}, "until"),
        ("day", {"ends": "until", "until": "2026-12-31"}, "until"), ("day", {"step": "0"}, "step"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_beside_its_field(every, fields, field):
    assert list(form(every, **fields).errors) == [field]


@pytest.mark.parametrize(
    ("typed", "times"),
    [("9:30", ["09:30"]), ("9h, 17H30", ["09:00", "17:30"]), ("9 h 30 ; 18", ["09:30", "18:00"]), ("8.15", ["08:15"]), ("0930", ["09:30"]), ("09:00,", ["09:00"])],
)
def test_times_may_be_written_as_people_write_them(typed, times):
    filled = form("day", times=typed)
    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["rule"]["times"] == times


@pytest.mark.parametrize("typed", ["24:00", "9:60", "99", "9:5", "9-10", "at 9", ",", "٩:٣٠x", "²"])
def test_what_is_no_time_is_refused_beside_its_field(typed):
    assert list(form("day", times=typed).errors) == ["times"]


def test_what_stands_in_the_fields_of_another_frequency_does_not_count():
    filled = form("day", minutes="1", day="77", days=["9"], month="13", by="x", after="-1", until="never")
    assert filled.is_valid(), filled.errors


@pytest.mark.parametrize(
    "rule",
    [
        {"every": "once", "times": ["09:00"]}, {"every": "day", "times": ["07:00", "08:00", "09:00", "10:00", "11:00", "12:00", "13:00"]},
        {"every": "day", "times": ["07:00", "08:00", "09:00", "10:00", "11:00", "12:00", "23:00"]}, {"every": "day", "times": ["09:00"], "step": 2},
        {"every": "week", "times": ["09:00"], "days": [7], "ends": {"after": 2}}, {"every": "month", "times": ["09:00"], "day": -1},
        {"every": "month", "times": ["09:00"], "day": 5, "nth": -1}, {"every": "year", "times": ["09:00"], "day": 29, "month": 2, "ends": {"until": "2031-01-01"}},
        {"every": "day", "times": ["09:00"], "zone": "UTC"},
        {"every": "day", "times": ["23:00", "23:25", "23:50"], "minutes": 25, "latest": "23:59"},
        {"every": "day", "times": ["23:00"], "minutes": 60, "latest": "23:30"},
    ],
)  # fmt: skip
def test_a_rule_comes_back_from_the_fields_as_it_was(rule):
    kept = Rule.parse({**PARTS, **rule}).as_json()
    initial = ScheduleForm.fields_from(kept)
    filled = ScheduleForm({name: value for name, value in initial.items() if value is not None}, initial=initial)
    assert filled.is_valid(), filled.errors
    assert filled.cleaned_data["rule"] == kept


def test_every_field_is_drawn_and_names_what_is_wrong():
    filled = form("week")
    html = render_to_string("workflows/_step_scheduler.html", {"form": filled})
    assert all(f'name="{name}"' in html for name in filled.fields)
    assert "Choose at least one day of the week." in html
