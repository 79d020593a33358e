"""The engine: what travels where, when a step waits, what an error does, and that each step happens once."""

from datetime import UTC, datetime, timedelta

import pytest

from contacts.models import Group
from contacts.tests.factories import make_contact, make_group
from workflows.engine import start, wake
from workflows.engine.advance import advance
from workflows.errors import WorkflowError
from workflows.models import Run, RunLog, Schedule, StepRun
from workflows.states import RunState, StepState, WorkflowState
from workflows.tests.factories import drawn, group_step, make_workflow

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
DAILY = {"rule": {"every": "day", "times": ["09:00"], "from": "2027-03-01", "zone": "Europe/Paris"}}


@pytest.fixture
def people():
    return [make_contact(None, first_name=f"P{number}") for number in range(6)]


def run(graph, now=NOW):
    """Start it and carry out what is due at that moment."""
    workflow = start.start(make_workflow(graph), None, now)
    for found in Run.objects.filter(workflow=workflow):
        advance(found.pk, now)
    workflow.refresh_from_db()
    return workflow


def sizes(workflow, step):
    return {arrival.out: arrival.size for arrival in workflow.runs.get().arrivals.filter(step=step, live=True)}


def state(workflow, step):
    return StepRun.objects.get(run__workflow=workflow, step=step).state


def test_sets_are_joined_and_written_to_a_group(people):
    first, second, third = make_group(*people[:4]), make_group(*people[2:]), make_group(people[3])
    saved = make_group()
    workflow = run(drawn(
        {"s1": group_step(first), "s2": group_step(second), "s3": ("intersection", {}), "s4": group_step(third), "s5": ("exclusion", {}),
         "s6": ("save_group", {"how": "add", "group": saved.pk})},
        "s1 s3", "s2 s3", "s3 s5.main", "s4 s5.minus", "s5 s6",
    ))  # fmt: skip
    assert workflow.state == WorkflowState.FINISHED
    assert sizes(workflow, "s3") == {"out": 2} and sizes(workflow, "s5") == {"out": 1, "taken": 1}
    assert set(saved.memberships.values_list("contact", flat=True)) == {people[2].pk}


def test_a_branch_of_nobody_ends_unless_it_is_asked_to_go_on(people):
    empty, saved = make_group(), make_group()
    save = ("save_group", {"how": "add", "group": saved.pk})
    ended = run(drawn({"s1": group_step(empty), "s2": save}, "s1 s2"))
    assert state(ended, "s2") == StepState.SKIPPED and ended.state == WorkflowState.FINISHED
    went_on = run(drawn({"s1": ("read_group", {"group": empty.pk, "empty_goes_on": True}), "s2": save}, "s1 s2"))
    assert state(went_on, "s2") == StepState.DONE


def test_an_and_join_waits_for_all_and_goes_nowhere_when_one_way_ended(people):
    some, empty, saved = make_group(*people), make_group(), make_group()
    save = ("save_group", {"how": "add", "group": saved.pk})
    both = run(drawn({"s1": group_step(some), "s2": group_step(some), "s3": ("and_join", {}), "s4": save}, "s1 s3", "s2 s3", "s3 s4"))
    assert state(both, "s4") == StepState.DONE and sizes(both, "s3") == {"out": 6}
    one = run(drawn({"s1": group_step(some), "s2": group_step(empty), "s3": ("and_join", {}), "s4": save}, "s1 s3", "s2 s3", "s3 s4"))
    assert state(one, "s3") == StepState.SKIPPED == state(one, "s4")


def test_a_fork_leads_everybody_both_ways_and_a_test_one(people):
    some = make_group(*people)
    workflow = run(drawn(
        {"s1": group_step(some), "s2": ("fork", {"ways": 2}), "s3": ("test", {"number": 6}), "s4": ("test", {"number": 7}), "s5": ("end", {})},
        "s1 s2", "s2.way1 s3", "s2.way2 s4", "s3.yes s5", "s4.no s5",
    ))  # fmt: skip
    assert sizes(workflow, "s3") == {"yes": 6} and sizes(workflow, "s4") == {"no": 6} and state(workflow, "s5") == StepState.DONE


def test_a_wait_lets_people_go_at_its_time_and_not_before(people):
    saved = make_group()
    graph = drawn({"s1": group_step(make_group(*people)), "s2": ("wait", {"amount": 2, "unit": "days"}),
                   "s3": ("save_group", {"how": "add", "group": saved.pk})}, "s1 s2", "s2 s3")  # fmt: skip
    workflow = run(graph)
    run_id = workflow.runs.get().pk
    advance(run_id, NOW + timedelta(hours=47))
    assert state(workflow, "s2") == StepState.DUE and not saved.memberships.exists()
    advance(run_id, NOW + timedelta(hours=48))
    assert saved.memberships.count() == 6


def test_waiting_for_days_keeps_the_time_of_day_over_a_clock_change(people):
    before = datetime(2027, 3, 27, 8, 0, tzinfo=UTC)  # 09:00 in Paris; the clocks go forward in the night
    workflow = run(drawn({"s1": group_step(make_group(*people)), "s2": ("wait", {"amount": 1, "unit": "days"})}, "s1 s2"), before)
    assert StepRun.objects.get(run__workflow=workflow, step="s2").due_at == datetime(2027, 3, 28, 7, 0, tzinfo=UTC)


def test_a_scheduler_begins_one_run_a_day_and_one_only_after_an_outage(people):
    graph = drawn({"s1": ("scheduler", DAILY), "s2": group_step(make_group(*people)), "s3": ("end", {})}, "s1 s2", "s2 s3")
    workflow = start.start(make_workflow(graph), None, NOW - timedelta(hours=1))
    assert not workflow.runs.exists()
    for days in (0, 0, 1, 5):
        wake.tick(NOW + timedelta(days=days))
        for found in workflow.runs.filter(state=RunState.RUNNING):
            advance(found.pk, NOW + timedelta(days=days))
    assert workflow.runs.count() == 3
    assert Schedule.objects.get().next_at == datetime(2027, 3, 7, 8, 0, tzinfo=UTC)


def test_a_run_is_left_out_while_the_one_before_goes_on(people):
    graph = drawn({"s1": ("scheduler", DAILY), "s2": group_step(make_group(*people)), "s3": ("wait", {"amount": 40, "unit": "hours"})}, "s1 s2", "s2 s3")
    workflow = start.start(make_workflow(graph), None, NOW - timedelta(hours=1))
    for hours in range(0, 72, 8):
        wake.tick(NOW + timedelta(hours=hours))
        for found in workflow.runs.filter(state=RunState.RUNNING):
            advance(found.pk, NOW + timedelta(hours=hours))
    assert workflow.runs.count() == 2
    assert RunLog.objects.filter(words__contains="left out").count() == 1


def test_an_error_stops_the_workflow_with_its_reason_and_resume_tries_again(people):
    group = make_group(*people)
    graph = drawn({"s1": group_step(make_group(*people)), "s2": ("save_group", {"how": "add", "group": group.pk})}, "s1 s2")
    workflow = start.start(make_workflow(graph), None, NOW)
    Group.objects.filter(pk=group.pk).delete()
    run_id = workflow.runs.get().pk
    advance(run_id, NOW)
    workflow.refresh_from_db()
    assert workflow.state == WorkflowState.ERROR and "no longer exists" in workflow.trouble and state(workflow, "s2") == StepState.FAILED
    make_group(pk=group.pk)
    start.resume(workflow, None)
    advance(run_id)
    workflow.refresh_from_db()
    assert workflow.state == WorkflowState.FINISHED and Group.objects.get(pk=group.pk).memberships.count() == 6


def test_an_ignored_error_ends_its_branch_until_there_are_too_many(people):
    gone = make_group()
    graph = drawn({"s1": ("scheduler", DAILY), "s2": group_step(make_group(*people)), "s3": ("save_group", {"how": "add", "group": gone.pk})}, "s1 s2", "s2 s3")
    graph = graph.with_step(type(graph.steps["s3"])("s3", "save_group", "", graph.steps["s3"].options, "ignore"))
    workflow = start.start(make_workflow(graph, error_limit=2), None, NOW - timedelta(hours=1))
    gone.delete()
    for days in range(2):
        wake.tick(NOW + timedelta(days=days))
        for found in workflow.runs.filter(state=RunState.RUNNING):
            advance(found.pk, NOW + timedelta(days=days))
        workflow.refresh_from_db()
        assert workflow.state == [WorkflowState.RUNNING, WorkflowState.ERROR][days]


def test_nothing_new_begins_while_it_is_paused_and_a_stop_is_for_good(people):
    graph = drawn({"s1": group_step(make_group(*people)), "s2": ("end", {})}, "s1 s2")
    workflow = start.start(make_workflow(graph), None, NOW)
    start.pause(workflow, None)
    advance(workflow.runs.get().pk, NOW)
    assert state(workflow, "s1") == StepState.DUE
    start.resume(workflow, None)
    start.stop(workflow, None)
    advance(workflow.runs.get().pk, NOW)
    assert state(workflow, "s1") == StepState.DUE and workflow.runs.get().state == RunState.STOPPED
    with pytest.raises(WorkflowError, match="not paused"):
        start.resume(workflow, None)


def test_a_suspended_step_lets_nobody_through_and_run_now_hurries_a_wait(people):
    graph = drawn({"s1": group_step(make_group(*people)), "s2": ("wait", {"amount": 9, "unit": "days"}), "s3": ("end", {})}, "s1 s2", "s2 s3")
    workflow = start.start(make_workflow(graph), None, NOW)
    run_id = workflow.runs.get().pk
    start.suspend(workflow, "s1", None)
    advance(run_id, NOW)
    assert state(workflow, "s1") == StepState.DUE
    start.suspend(workflow, "s1", None, suspended=False)
    advance(run_id)
    assert state(workflow, "s2") == StepState.DUE
    start.run_now(workflow, "s2", None)
    advance(run_id)
    assert state(workflow, "s3") == StepState.DONE


def test_a_workflow_that_follows_another_begins_at_its_end(people):
    first = make_workflow(drawn({"s1": group_step(make_group(*people)), "s2": ("end", {})}, "s1 s2"))
    second = make_workflow(drawn({"s1": ("external_signal", {"by": "workflow", "workflow_ended": first.pk}), "s2": group_step(make_group())}, "s1 s2"))
    start.start(second, None, NOW)
    start.start(first, None, NOW)
    advance(first.runs.get().pk, NOW)
    assert second.runs.count() == 1


def test_what_is_drawn_wrongly_is_not_started_and_says_why():
    with pytest.raises(WorkflowError, match="canvas is empty"):
        start.start(make_workflow(), None, NOW)
    with pytest.raises(WorkflowError, match="no rules yet"):
        start.start(make_workflow(drawn({"s1": ("query", {})})), None, NOW)
    with pytest.raises(WorkflowError, match="no step before it chooses people"):
        start.start(make_workflow(drawn({"s1": ("scheduler", DAILY), "s2": ("deduplication", {})}, "s1 s2")), None, NOW)


def test_a_step_that_kills_its_workers_is_given_up(people):
    workflow = start.start(make_workflow(drawn({"s1": group_step(make_group(*people)), "s2": ("end", {})}, "s1 s2")), None, NOW)
    StepRun.objects.filter(step="s1").update(tries=5)
    advance(workflow.runs.get().pk, NOW)
    workflow.refresh_from_db()
    assert workflow.state == WorkflowState.ERROR and "after 5 tries" in workflow.trouble
