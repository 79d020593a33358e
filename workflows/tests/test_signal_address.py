"""Programs that begin runs by their address, and nothing else."""

import pytest
from django.test import Client

from contacts.tests.factories import make_group
from workflows.engine import start
from workflows.services import workflows
from workflows.tests.factories import drawn, group_step, make_workflow
from workflows.views.signals import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow():
    graph = drawn({"s1": ("external_signal", {"by": "api"}), "s2": group_step(make_group()), "s3": ("wait", {"amount": 1, "unit": "days"})}, "s1 s2", "s2 s3")
    return make_workflow(graph)


def told(url):
    """What a program reads: a status and JSON."""
    answer = Client(enforce_csrf_checks=True).post(url)
    return answer.status_code, answer.json()


def test_a_program_begins_a_run_and_is_told_while_it_goes_on(workflow):
    start.start(workflow, None)
    assert told(address(workflow.pk, "s1")) == (202, {"run": 1})
    assert told(address(workflow.pk, "s1").rstrip("/")) == (409, {"code": "goes_on", "error": "Run 1 still goes on."})


def test_a_step_is_called_as_it_was_placed(client_for):
    """By a program is what its form begins with: nobody need save that first."""
    workflow = start.start(make_workflow(drawn({"s1": ("external_signal", {}), "s2": group_step(make_group())}, "s1 s2")), None)
    url = address(workflow.pk, "s1")
    assert url in client_for("marketer").get(f"/workflows/{workflow.pk}/?step=s1").content.decode()
    assert told(url) == (202, {"run": 1})


def test_while_no_run_can_begin_a_program_is_told_why(workflow):
    def refused():
        status, answer = told(address(workflow.pk, "s1"))
        assert status == 409 and answer["error"].endswith(".")
        return answer["code"]

    found = [refused()]
    start.start(workflow, None)
    start.pause(workflow, None)
    found.append(refused())
    start.resume(workflow, None)
    start.suspend(workflow, "s1", None)
    found.append(refused())
    start.stop(workflow, None)
    found.append(refused())
    workflows.archive(workflow)
    found.append(refused())
    assert found == ["not_started", "paused", "suspended", "stopped", "archived"] and not workflow.runs.exists()


def test_another_address_begins_nothing_and_says_so(workflow):
    start.start(workflow, None)
    right = address(workflow.pk, "s1")
    other_workflow = address(workflow.pk + 1, "s1").replace(f"/{workflow.pk + 1}/", f"/{workflow.pk}/")
    for url in (address(workflow.pk, "s2").replace("/s2/", "/s1/"), other_workflow, f"/workflows/{workflow.pk}/signal/s1/", right + "more/"):
        status, answer = told(url)
        assert (status, answer["code"]) == (404, "unknown_address"), url
    answer = Client().get(right)
    assert (answer.status_code, answer["Allow"], answer.json()["code"]) == (405, "POST", "method") and not workflow.runs.exists()


def test_only_who_may_send_sees_the_address(workflow, client_for):
    """Whoever has it can begin runs, and a run that a program began may send unasked."""
    page = f"/workflows/{workflow.pk}/?step=s1"
    assert address(workflow.pk, "s1") in client_for("marketer").get(page).content.decode()
    author = client_for("author").get(page).content.decode()
    assert address(workflow.pk, "s1") not in author and "shown to people who may send" in author
    assert address(workflow.pk, "s1") not in client_for("viewer").get(page).content.decode()
