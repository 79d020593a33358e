"""When runs begin: through both clock changes, after an outage, never two at once, and ten minutes apart."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from workflows.engine import start, wake
from workflows.engine.advance import advance
from workflows.models import Run, RunLog, Schedule
from workflows.states import RunState, WorkflowState
from workflows.tests.factories import drawn, make_workflow

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
FORWARD, BACK = date(2027, 3, 28), date(2027, 10, 31)  # at two it is three; at three it is two


def scheduled(began, *times, wait=0, **rule):
    """A started workflow that does nothing but begin."""
    rule = {"every": "day", "times": [*times], "from": "2027-01-01", "zone": "Europe/Paris", **rule}
    steps = {"s1": ("scheduler", {"rule": rule}), "s2": ("wait", {"amount": wait, "unit": "minutes"}) if wait else ("end", {})}
    return start.start(make_workflow(drawn(steps, "s1 s2")), None, began)


def live(workflow, begin, end, every=timedelta(minutes=1)):
    """Look again and again, as beat does, and carry out what is due; {due: begun}."""
    moment, begun = begin, {}
    while moment <= end:
        wake.tick(moment)
        for run in workflow.runs.filter(state=RunState.RUNNING):
            begun.setdefault(run.due_at, moment)
            advance(run.pk, moment)
        moment += every
    return begun


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("day", "changing"),
    [(FORWARD, utc(2027, 3, 28, 1, 0)), (BACK, utc(2027, 10, 31, 0, 30))],
    ids=["the hour that is left out: when it would be over", "the hour that comes twice: the first time"],
)
def test_a_daily_run_in_the_hour_that_changes_comes_once_each_day(day, changing):
    midnight = datetime(day.year, day.month, day.day, tzinfo=PARIS)
    workflow = scheduled(midnight - timedelta(days=2), "02:30")
    begun = live(workflow, midnight - timedelta(days=2), midnight + timedelta(days=3), timedelta(minutes=30))
    days = Counter(due.astimezone(PARIS).date() for due in begun)
    assert days == Counter({day + timedelta(days=shift): 1 for shift in range(-2, 3)})
    assert changing in begun
    assert {due.astimezone(PARIS).strftime("%H:%M") for due in begun if due.astimezone(PARIS).date() != day} == {"02:30"}
    assert max(moment - due for due, moment in begun.items()) < timedelta(minutes=30)


def test_after_an_outage_of_days_one_run_begins_for_the_last_time_that_passed():
    workflow = scheduled(utc(2027, 3, 1, 0), "09:00")
    begun = live(workflow, utc(2027, 3, 4, 7), utc(2027, 3, 4, 9))  # 08:00 to 10:00 in Paris
    assert begun == {utc(2027, 3, 3, 8): utc(2027, 3, 4, 7), utc(2027, 3, 4, 8): utc(2027, 3, 4, 8)}
    assert RunLog.objects.filter(words__contains="began late").count() == 1


def test_after_a_late_run_the_next_one_keeps_ten_minutes_and_its_own_time():
    workflow = scheduled(utc(2027, 3, 1, 0), "09:00", "09:10", "09:20")
    begun = live(workflow, utc(2027, 3, 1, 8, 8), utc(2027, 3, 1, 9))
    assert begun == {
        utc(2027, 3, 1, 8, 0): utc(2027, 3, 1, 8, 8),
        utc(2027, 3, 1, 8, 10): utc(2027, 3, 1, 8, 18),
        utc(2027, 3, 1, 8, 20): utc(2027, 3, 1, 8, 28),
    }
    assert Schedule.objects.get().next_at == utc(2027, 3, 2, 8)


def test_a_run_that_is_put_off_over_midnight_stays_one_of_its_day():
    workflow = scheduled(utc(2027, 3, 1, 0), "23:45", "23:55")
    begun = live(workflow, utc(2027, 3, 1, 22, 52), utc(2027, 3, 1, 23, 30))
    assert begun == {utc(2027, 3, 1, 22, 45): utc(2027, 3, 1, 22, 52), utc(2027, 3, 1, 22, 55): utc(2027, 3, 1, 23, 2)}


def test_no_run_begins_while_the_one_before_goes_on_and_it_is_said():
    workflow = scheduled(utc(2027, 3, 1, 0), "09:00", "09:10", "09:20", wait=15)
    begun = live(workflow, utc(2027, 3, 1, 8), utc(2027, 3, 1, 9))
    assert [*begun] == [utc(2027, 3, 1, 8), utc(2027, 3, 1, 8, 20)]
    assert RunLog.objects.filter(words__contains="left out").count() == 1


def test_a_pause_over_some_times_is_made_up_for_by_one_run():
    workflow = scheduled(utc(2027, 3, 1, 0), "09:00")
    start.pause(workflow, None)
    assert live(workflow, utc(2027, 3, 1, 8), utc(2027, 3, 4, 7), timedelta(hours=1)) == {}
    start.resume(workflow, None)
    assert [*live(workflow, utc(2027, 3, 4, 7, 30), utc(2027, 3, 4, 7, 50))] == [utc(2027, 3, 3, 8)]


def test_a_clock_that_is_put_back_begins_no_run_twice():
    workflow = scheduled(utc(2027, 3, 1, 0), "09:00")
    live(workflow, utc(2027, 3, 1, 8), utc(2027, 3, 1, 8, 1))
    start.stop(workflow, None)
    start.start(workflow, None, utc(2027, 3, 1, 7, 30))
    live(workflow, utc(2027, 3, 1, 8), utc(2027, 3, 1, 8, 1))
    assert Run.objects.filter(workflow=workflow).count() == 1


def test_a_schedule_that_breaks_stands_in_error_and_keeps_no_other_from_beginning():
    broken, good = scheduled(utc(2027, 3, 1, 0), "09:00"), scheduled(utc(2027, 3, 1, 0), "09:00")
    graph = broken.started.graph
    graph["steps"][0]["options"]["rule"]["zone"] = "Mars/Olympus"
    broken.started.save()
    wake.tick(utc(2027, 3, 1, 8))
    broken.refresh_from_db()
    assert broken.state == WorkflowState.ERROR and "No run could begin" in broken.trouble
    assert good.runs.count() == 1


def test_a_workflow_whose_scheduler_is_over_finishes_with_its_last_run():
    workflow = scheduled(utc(2027, 3, 1, 0), "09:00", ends={"until": "2027-03-02"})
    assert len(live(workflow, utc(2027, 3, 1, 8), utc(2027, 3, 4, 8), timedelta(hours=1))) == 2
    workflow.refresh_from_db()
    assert workflow.state == WorkflowState.FINISHED
