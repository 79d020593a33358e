"""External signal: who may begin a run; the address that programs post to has tests of its own."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.tests.factories import make_group
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.errors import WorkflowError
from workflows.steps.external_signal import ExternalSignalForm
from workflows.tests.factories import drawn, group_step, make_workflow
from workflows.tests.working import NOW, performed

pytestmark = pytest.mark.django_db


def after(other, **facts):
    """A workflow that begins when another one has finished a run."""
    signal = ("external_signal", {"by": "workflow", "workflow_ended": other.pk if other else None})
    return make_workflow(drawn({"s1": signal, "s2": group_step(make_group())}, "s1 s2"), **facts)


def once():
    return make_workflow(drawn({"s1": group_step(make_group()), "s2": ("end", {})}, "s1 s2"))


def test_a_mere_sign_leaves_it():
    assert performed("external_signal", by="api") == {"out": None}


def test_it_must_say_whose_end_begins_it_and_not_its_own():
    workflow = after(None)
    asked = {"workflow": workflow, "node": workflow.drawing.steps["s1"]}
    assert "Choose the workflow" in str(ExternalSignalForm({"by": "workflow"}, **asked).errors)
    assert "would never end" in str(ExternalSignalForm({"by": "workflow", "workflow_ended": workflow.pk}, **asked).errors)
    assert ExternalSignalForm({"by": "api"}, **asked).is_valid()
    with pytest.raises(WorkflowError, match="Choose the workflow"):
        start.start(workflow, None, NOW)


def test_workflows_that_would_begin_each_other_for_ever_are_not_started():
    first = once()
    second = after(first)
    third = after(second)
    first.graph = after(third).graph
    first.save()
    with pytest.raises(WorkflowError, match="for ever"):
        start.start(first, None, NOW)


def test_only_who_waits_for_this_workflow_is_held_when_it_ends():
    """Two that end at one moment would wait for each other if each held the other."""
    first, other = once(), once()
    follower = after(first)
    for workflow in (other, follower, first):
        start.start(workflow, None, NOW)
    with CaptureQueriesContext(connection) as asked:
        advance(first.runs.get().pk, NOW)
    held = [query["sql"] for query in asked if "FOR UPDATE" in query["sql"] and 'FROM "workflows_workflow"' in query["sql"]]
    assert len(held) == 3 and all(f"= {first.pk}" in sql or '"external_signal"' in sql for sql in held), "the one that ended, twice, and who waits for it"
    assert follower.runs.count() == 1 and other.runs.count() == 1


def test_one_that_programs_begin_does_not_follow_the_workflow_that_was_chosen_before():
    first = once()
    signal = ("external_signal", {"by": "api", "workflow_ended": first.pk})
    follower = make_workflow(drawn({"s1": signal, "s2": group_step(make_group())}, "s1 s2"))
    start.start(follower, None, NOW)
    start.start(first, None, NOW)
    advance(first.runs.get().pk, NOW)
    assert not follower.runs.exists()
