"""Programs that begin runs by their address, and nothing else."""

import pytest
from django.test import Client

from contacts.tests.factories import make_group
from workflows.engine import start
from workflows.tests.factories import drawn, group_step, make_workflow
from workflows.views.signals import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow():
    graph = drawn({"s1": ("external_signal", {"by": "api"}), "s2": group_step(make_group()), "s3": ("wait", {"amount": 1, "unit": "days"})}, "s1 s2", "s2 s3")
    return make_workflow(graph)


def test_a_program_begins_a_run_and_is_told_while_it_goes_on(workflow):
    start.start(workflow, None)
    told = Client(enforce_csrf_checks=True).post(address(workflow.pk, "s1"))
    assert (told.status_code, told.json()) == (202, {"run": 1})
    again = Client().post(address(workflow.pk, "s1"))
    assert again.status_code == 409 and "still goes on" in again.json()["error"]


def test_nobody_listens_before_it_is_started(workflow):
    told = Client().post(address(workflow.pk, "s1"))
    assert told.status_code == 409 and told.json()["code"] == "not_listening" and not workflow.runs.exists()


def test_another_address_begins_nothing(workflow):
    start.start(workflow, None)
    wrong = [address(workflow.pk, "s2").replace("/s2/", "/s1/"), address(workflow.pk + 1, "s1").replace(f"/{workflow.pk + 1}/", f"/{workflow.pk}/")]
    assert {Client().post(url).status_code for url in wrong} == {404}
    assert Client().get(address(workflow.pk, "s1")).status_code == 405 and not workflow.runs.exists()


def test_only_who_may_send_sees_the_address(workflow, client_for):
    """Whoever has it can begin runs, and a run that a program began may send unasked."""
    page = f"/workflows/{workflow.pk}/?step=s1"
    assert address(workflow.pk, "s1") in client_for("marketer").get(page).content.decode()
    author = client_for("author").get(page).content.decode()
    assert address(workflow.pk, "s1") not in author and "shown to people who may send" in author
    assert address(workflow.pk, "s1") not in client_for("viewer").get(page).content.decode()
