"""The scheduler's panel and its next time."""

from datetime import UTC, datetime

import pytest

from workflows.engine import start
from workflows.errors import WorkflowError
from workflows.graph import Node
from workflows.models import Workflow
from workflows.recurrence import Rule
from workflows.states import WorkflowState
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
    kept = node(rule=RULE)
    assert next_after(kept, datetime(2027, 1, 1, 0, 0, tzinfo=UTC)) == datetime(2027, 1, 2, 0, 0, tzinfo=UTC)
    assert next_after(kept, datetime(2027, 1, 2, 0, 0, tzinfo=UTC)) is None


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
