"""Start, pause, resume, restart, stop, single steps, copy and archive over HTTP: who may, who may not, and in the wrong state."""

import pytest
from django.test import Client
from django.urls import reverse

from contacts.tests.factories import make_contact, make_group
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.models import StepRun, Workflow
from workflows.states import RunState, StepState, WorkflowState
from workflows.tests.factories import drawn, group_step, make_workflow

pytestmark = pytest.mark.django_db
DAILY = {"rule": {"every": "day", "times": ["09:00"], "from": "2027-03-01", "zone": "Europe/Paris"}}


@pytest.fixture
def workflow():
    """Which waits for a day in its second step once it was started."""
    group = make_group(make_contact(None))
    return make_workflow(drawn({"s1": group_step(group), "s2": ("wait", {"amount": 1, "unit": "days"}), "s3": ("end", {})}, "s1 s2", "s2 s3"), label="Daily")


def press(client, workflow, action, step=""):
    """The page after a button."""
    where = ["workflows:step_action", [workflow.pk, step, action]] if step else ["workflows:run_action", [workflow.pk, action]]
    answer = client.post(reverse(where[0], args=where[1]), follow=True)
    workflow.refresh_from_db()
    return answer.content.decode()


def test_it_is_started_paused_resumed_restarted_and_stopped(client_for, workflow):
    author = client_for("author")
    assert "The workflow is started." in press(author, workflow, "start")
    assert workflow.state == WorkflowState.RUNNING and workflow.started_by.username
    assert "nothing new begins" in press(author, workflow, "pause") and workflow.state == WorkflowState.PAUSED
    assert "The workflow goes on." in press(author, workflow, "resume") and workflow.state == WorkflowState.RUNNING
    assert "started anew" in press(author, workflow, "restart") and workflow.runs.count() == 2
    assert "The workflow is stopped." in press(author, workflow, "stop") and workflow.state == WorkflowState.STOPPED
    assert not workflow.runs.filter(state=RunState.RUNNING).exists()


ALLOWED = {  # state → what may be pressed in it
    WorkflowState.EDITING: {"start", "restart"},
    WorkflowState.RUNNING: {"pause", "stop", "restart"},
    WorkflowState.PAUSED: {"resume", "stop", "restart"},
    WorkflowState.FINISHED: {"start", "restart"},
    WorkflowState.STOPPED: {"start", "restart"},
    WorkflowState.ERROR: {"start", "resume", "stop", "restart"},
}
REFUSALS = {
    "start": "already in progress", "pause": "Only a workflow in progress can be paused.", "resume": "not paused", "stop": "This workflow is not in progress.",
}  # fmt: skip


@pytest.mark.parametrize("state", ALLOWED)
@pytest.mark.parametrize("action", REFUSALS)
def test_in_the_wrong_state_nothing_happens_and_the_page_says_why(client_for, workflow, state, action):
    start.start(workflow, None)
    Workflow.objects.filter(pk=workflow.pk).update(state=state)
    page = press(client_for("author"), workflow, action)
    if action in ALLOWED[state]:
        assert REFUSALS[action] not in page
    else:
        assert REFUSALS[action] in page and workflow.state == state


@pytest.mark.parametrize("action", ["start", "pause", "resume", "restart", "stop"])
@pytest.mark.parametrize(("role", "may"), [("viewer", False), ("staff", False), ("author", True), ("marketer", True), ("administrator", True)])
def test_only_who_may_run_workflows_presses_and_nobody_without_signing_in(client_for, workflow, action, role, may):
    address = reverse("workflows:run_action", args=[workflow.pk, action])
    assert client_for(role).post(address).status_code == (302 if may else 403)
    if not may:
        workflow.refresh_from_db()
        assert workflow.state == WorkflowState.EDITING and not workflow.runs.exists()
    answer = Client().post(address)
    assert answer.status_code == 302 and "login" in answer["Location"]


@pytest.mark.parametrize("action", ["run-now", "suspend", "release"])
def test_only_who_may_run_workflows_acts_on_single_steps(client_for, workflow, action):
    address = reverse("workflows:step_action", args=[workflow.pk, "s2", action])
    assert client_for("viewer").post(address).status_code == 403 == client_for("staff").post(address).status_code
    assert "login" in Client().post(address)["Location"]
    assert client_for("author").post(address).status_code == 302 and client_for("author").get(address).status_code == 405


def test_what_waits_goes_on_at_once(client_for, workflow):
    author = client_for("author")
    assert "Only steps of a workflow in progress can be run." in press(author, workflow, "run-now", "s2")
    press(author, workflow, "start")
    assert "Nothing waits at this step." in press(author, workflow, "run-now", "s2")
    advance(workflow.runs.get().pk)
    assert "What waited at the step goes on." in press(author, workflow, "run-now", "s2")
    line = workflow.log.latest("pk")
    assert (line.said, line.step, line.author.username) == ("What waited here was told to go on at once: “Run now”.", "s2", "author")
    advance(workflow.runs.get().pk)
    assert StepRun.objects.get(run__workflow=workflow, step="s3").state == StepState.DONE
    assert "Only steps of a workflow in progress" in press(author, workflow, "run-now", "s2")


def test_a_scheduler_is_run_now_once_at_a_time_and_by_the_person_who_pressed(client_for, user_for):
    graph = drawn({"s1": ("scheduler", DAILY), "s2": group_step(make_group(make_contact(None))), "s3": ("wait", {"amount": 1, "unit": "days"})}, "s1 s2", "s2 s3")
    workflow = start.start(make_workflow(graph), None)
    assert "Run 1 has begun." in press(client_for("author"), workflow, "run-now", "s1")
    assert workflow.runs.get().by == user_for("author")
    page = client_for("viewer").get(reverse("workflows:log", args=[workflow.pk])).content.decode()
    assert "Run 1 began by hand: “Run now”." in page and str(user_for("author")) in page
    assert "Run 1 still goes on." in press(client_for("author"), workflow, "run-now", "s1") and workflow.runs.count() == 1


def test_a_suspended_step_lets_nobody_pass_until_it_is_let_go(client_for, workflow):
    author = client_for("author")
    assert "nobody passes it" in press(author, workflow, "suspend", "s1")
    press(author, workflow, "start")
    advance(workflow.runs.get().pk)
    assert StepRun.objects.get(run__workflow=workflow, step="s1").state == StepState.DUE
    assert "lets people pass again" in press(author, workflow, "release", "s1")
    advance(workflow.runs.get().pk)
    assert StepRun.objects.get(run__workflow=workflow, step="s1").state == StepState.DONE
    assert "This step no longer exists." in press(author, workflow, "suspend", "s99")
    assert "Nothing waits at this step." in press(author, workflow, "run-now", "s99")


def test_unknown_actions_and_workflows_are_not_found(client_for, workflow):
    author = client_for("author")
    for where in ("workflows:run_action", [workflow.pk, "explode"]), ("workflows:run_action", [999, "start"]), ("workflows:step_action", [workflow.pk, "s1", "explode"]):
        assert author.post(reverse(where[0], args=where[1])).status_code == 404
    assert author.get(reverse("workflows:run_action", args=[workflow.pk, "explode"])).status_code == 404


def test_a_restart_and_a_stop_ask_first_and_tell_what_ends(client_for, workflow):
    author = client_for("author")
    press(author, workflow, "start")
    page = author.get(reverse("workflows:run_action", args=[workflow.pk, "stop"])).content.decode()
    assert "Stop “" in page and "run ends where it is" in page and "cannot be resumed" in page
    assert "as it is now" in author.get(reverse("workflows:run_action", args=[workflow.pk, "restart"])).content.decode()
    assert author.get(reverse("workflows:run_action", args=[workflow.pk, "pause"])).status_code == 302
    workflow.refresh_from_db()
    assert workflow.state == WorkflowState.RUNNING


# --- the list ---


def test_a_copy_is_another_workflow_that_was_not_started(client_for, workflow):
    press(client_for("author"), workflow, "start")
    page = client_for("author").post(reverse("workflows:copy", args=[workflow.pk]), follow=True).content.decode()
    copied = Workflow.objects.latest("pk")
    assert "It has not been started." in page and copied.label == "Copy of Daily" and copied.state == WorkflowState.EDITING
    assert copied.drawing == workflow.drawing and not copied.runs.exists()


@pytest.mark.parametrize("name", ["copy", "archive"])
def test_only_who_may_make_and_change_workflows_copies_and_archives(client_for, workflow, name):
    address = reverse(f"workflows:{name}", args=[workflow.pk])
    for role in ("viewer", "staff"):
        assert client_for(role).post(address).status_code == 403
    assert "login" in Client().post(address)["Location"] and client_for("author").get(address).status_code == 405
    workflow.refresh_from_db()
    assert Workflow.objects.count() == 1 and not workflow.archived
    assert client_for("author").post(address).status_code == 302
    assert client_for("author").post(reverse(f"workflows:{name}", args=[999])).status_code == 404


def test_what_is_in_progress_is_not_archived_and_what_is_archived_is_neither_drawn_nor_started(client_for, workflow):
    author = client_for("author")
    press(author, workflow, "start")

    def archive(value):
        page = author.post(reverse("workflows:archive", args=[workflow.pk]), {"archived": value}, follow=True).content.decode()
        workflow.refresh_from_db()
        return page

    assert "Stop it first." in archive("1") and not workflow.archived
    press(author, workflow, "stop")
    assert "is in the archive." in archive("1") and workflow.archived
    assert "Daily" not in author.get(reverse("workflows:list")).content.decode()
    assert "Daily" in author.get(reverse("workflows:list") + "?archived=1").content.decode()
    for action in ("start", "restart"):
        assert "Take it out of the archive first." in press(author, workflow, action) and workflow.state == WorkflowState.STOPPED
    drawn_on = author.post(reverse("workflows:draw", args=[workflow.pk]), {"do": "add", "kind": "end", "version": workflow.version}, follow=True)
    assert "Take it out of the archive first." in drawn_on.content.decode()
    assert "is in use again." in archive("0") and not workflow.archived


def test_its_limits_are_edited_and_bad_ones_refused(client_for, workflow):
    author, address = client_for("author"), reverse("workflows:edit", args=[workflow.pk])
    facts = {"label": "Weekly", "time_zone": "Europe/Paris", "error_limit": "7", "history_days": "90"}
    assert author.post(address, facts).status_code == 302
    workflow.refresh_from_db()
    assert (workflow.label, workflow.error_limit, workflow.history_days) == ("Weekly", 7, 90)
    page = author.post(address, {"label": "", "time_zone": "Mars", "error_limit": "0", "history_days": "x"}).content.decode()
    assert "Give the workflow a label" in page and "at least 1" in page and "whole number" in page
    workflow.refresh_from_db()
    assert (workflow.error_limit, workflow.history_days) == (7, 90)
    assert client_for("viewer").post(address, facts).status_code == 403
