"""The scheduler's panel and its next time."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from workflows.engine import start, wake
from workflows.engine.advance import advance
from workflows.errors import WorkflowError
from workflows.graph import Node
from workflows.models import Workflow
from workflows.recurrence import Rule
from workflows.states import RunState, WorkflowState
from workflows.steps.scheduler import Scheduler, SchedulerForm, next_after
from workflows.tests.factories import drawn, make_workflow

RULE = {"every": "day", "times": ["09:00"], "from": "2027-01-01", "zone": "Asia/Tokyo", "ends": {"after": 2}}


def node(**options):
    return Node("s1", "scheduler", options=options)


def test_a_new_one_is_asked_for_in_the_zone_of_its_workflow():
    form = SchedulerForm(workflow=Workflow(time_zone="America/New_York"), node=node())
    assert form.initial["zone"] == "America/New_York"
    assert "empty_goes_on" not in form.fields


def test_what_was_chosen_is_kept_as_a_rule_and_nothing_else():
    workflow = Workflow(time_zone="Europe/Paris")
    fields = {name: value for name, value in SchedulerForm.fields_from(RULE).items() if value is not None}
    form = SchedulerForm(fields, workflow=workflow, node=node())
    assert form.is_valid(), form.errors
    assert form.options() == {"rule": Rule.parse(RULE).as_json()}


def test_the_next_time_is_none_after_the_last_one():
    kept = node(rule={**RULE, "ends": {"until": "2027-01-02"}})
    assert next_after(kept, datetime(2027, 1, 1, 0, 0, tzinfo=UTC)) == datetime(2027, 1, 2, 0, 0, tzinfo=UTC)
    assert next_after(kept, datetime(2027, 1, 2, 0, 0, tzinfo=UTC)) is None


@pytest.mark.django_db
def test_after_two_times_means_two_runs_whatever_passed_before_the_start_or_was_left_out():
    workflow = make_workflow(drawn({"s1": ("scheduler", {"rule": RULE}), "s2": ("wait", {"amount": 30, "unit": "hours"})}, "s1 s2"))
    start.start(workflow, None, datetime(2027, 1, 1, 0, 30, tzinfo=UTC))  # 09:30 in Tokyo: the first 09:00 has passed
    for half_days in range(2, 16):
        moment = datetime(2027, 1, 1, 0, 0, 5, tzinfo=UTC) + timedelta(hours=12 * half_days)
        wake.tick(moment)
        for run in workflow.runs.filter(state=RunState.RUNNING):
            advance(run.pk, moment)
    assert [run.due_at.day for run in workflow.runs.order_by("number")] == [2, 4], "on the 3rd the run before still went on"
    workflow.refresh_from_db()
    assert workflow.state == WorkflowState.FINISHED and workflow.log.filter(words__contains="was left out").count() == 1


@pytest.mark.django_db
def test_the_panel_says_which_runs_are_left_and_which_months_are_left_out(client_for, clock):
    monthly = {**RULE, "every": "month", "day": 31, "ends": {"after": 3}}
    clock.set(datetime(2027, 1, 1, 12, 0, tzinfo=UTC))
    workflow = make_workflow(drawn({"s1": ("scheduler", {"rule": monthly}), "s2": ("end", {})}, "s1 s2"), time_zone="Asia/Tokyo")
    page = f"/workflows/{workflow.pk}/?step=s1"

    def coming():
        return re.findall(r"<li>(.*?), 09:00", client_for("author").get(page).content.decode())

    assert coming() == ["Sun 31 Jan 2027", "Wed 31 Mar 2027", "Mon 31 May 2027"]
    assert "Months without a day 31 are left out. To begin at the end of each month, choose “On the last day”." in client_for("author").get(page).content.decode()
    start.start(workflow, None)
    clock.set(datetime(2027, 1, 31, 0, 0, 5, tzinfo=UTC))
    wake.tick()
    assert coming() == ["Wed 31 Mar 2027", "Mon 31 May 2027"]


def test_a_rule_that_is_missing_or_broken_is_told_on_the_step():
    assert str(Scheduler().problem(Workflow(), node())) == "Choose when the runs begin."
    assert str(Scheduler().problem(Workflow(), node(rule={**RULE, "zone": "Mars"}))) == "Choose a time zone."
    assert SchedulerForm(workflow=Workflow(time_zone="UTC"), node=node(rule={"every": "never"})).initial["zone"] == "UTC"


@pytest.mark.django_db
def test_a_scheduler_whose_times_have_passed_is_not_started():
    once = {"every": "once", "times": ["09:00"], "from": "2027-03-01", "zone": "Europe/Paris"}
    workflow = make_workflow(drawn({"s1": ("scheduler", {"rule": once})}))
    assert start.problems(workflow, datetime(2027, 3, 1, 7, 59, tzinfo=UTC)) == []
    with pytest.raises(WorkflowError, match="All its times have passed"):
        start.start(workflow, None, datetime(2027, 3, 1, 8, 1, tzinfo=UTC))
    workflow.refresh_from_db()
    assert workflow.state == WorkflowState.EDITING


@pytest.mark.django_db
def test_what_a_step_lacks_is_told_while_another_is_not_joined_yet():
    workflow = make_workflow(drawn({"s1": ("scheduler", {}), "s2": ("query", {}), "s3": ("union", {})}, "s1 s2"))
    assert [problem.step for problem in start.problems(workflow)] == ["s3", "s1", "s2"]
