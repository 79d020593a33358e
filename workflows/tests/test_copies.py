"""Copies of steps and of workflows share nothing with their origin that one of them would change under the other."""

from datetime import UTC, datetime

import pytest
from django.urls import reverse

from campaigns.models import Mailing
from campaigns.services import made
from campaigns.tests.factories import make_provider, make_template
from contacts.models import Contact
from contacts.tests.factories import make_contact
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.models import Returned
from workflows.services import edits, workflows
from workflows.tests.factories import EVERYBODY, drawn, make_workflow

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
NEW = ("incremental_query", {"rules": EVERYBODY})


@pytest.fixture
def content(user_for):
    make_provider()
    return made.keep_content("Birthday", user_for("marketer"), template=make_template("Happy birthday"))


def content_at(workflow, step):
    return Mailing.objects.get(pk=workflow.drawing.steps[step].options["content"])


def test_a_copied_sms_step_has_a_text_of_its_own_for_which_the_copier_answers(content, client_for, user_for):
    workflow = make_workflow(drawn({"s1": ("sms", {"content": content.pk})}), user_for("marketer"))
    client_for("author").post(reverse("workflows:draw", args=[workflow.pk]), {"do": "copy", "step": "s1", "version": workflow.version})
    workflow.refresh_from_db()
    copied = content_at(workflow, "s2")
    assert copied != content and copied.text == "Happy birthday" and copied.role == content.role
    assert made.approved_by(copied) == user_for("author") and content_at(workflow, "s1") == content


def test_a_copied_workflow_has_texts_of_its_own(content, user_for):
    workflow = make_workflow(drawn({"s1": ("sms", {"content": content.pk}), "s2": ("end", {})}), user_for("marketer"))
    copied = workflows.copy(workflow, user_for("author"))
    assert content_at(copied, "s1") != content and content_at(copied, "s1").text == content.text
    workflows.draw(copied, user_for("author"), copied.version, lambda graph: edits.add(graph, "end"))
    assert Mailing.objects.filter(role=content.role).count() == 2  # other changes make none


def returned(workflow, step, now=NOW):
    """Who leaves the step in a new run."""
    start.start(workflow, None, now)
    run = workflow.runs.latest("number")
    advance(run.pk, now)
    people = run.arrivals.get(step=step).people
    return set(people.ids().values_list("contact", flat=True)) if people else set()


def test_an_incremental_query_returns_each_person_once_and_a_new_one_in_its_place_begins_anew():
    person = make_contact(None)
    workflow = make_workflow()
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.add(graph, "incremental_query"))
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.choose(graph, "s1", {**graph.steps["s1"].options, "rules": EVERYBODY}))
    assert returned(workflow, "s1") == {person.pk} and returned(workflow, "s1") == set()
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.remove(graph, "s1"))
    workflows.undo(workflow, None, workflow.version)
    assert returned(workflow, "s1") == set()  # it was brought back, and remembers
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.remove(graph, "s1"))
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.add(graph, "incremental_query"))
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.choose(graph, "s1", {**graph.steps["s1"].options, "rules": EVERYBODY}))
    assert returned(workflow, "s1") == {person.pk}


def test_saving_an_incremental_query_keeps_its_memory(client_for):
    make_contact(None)
    workflow = make_workflow()
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.add(graph, "incremental_query"))
    memory = workflow.drawing.steps["s1"].options["memory"]
    client_for("author").post(reverse("workflows:options", args=[workflow.pk, "s1"]), {"version": workflow.version, "empty_goes_on": "on"})
    workflow.refresh_from_db()
    assert workflow.drawing.steps["s1"].options["memory"] == memory and workflow.drawing.steps["s1"].options["empty_goes_on"]


def test_somebody_whom_a_returned_person_became_is_not_returned_again():
    old = make_contact(None)
    workflow = make_workflow(drawn({"s1": NEW}))
    assert returned(workflow, "s1") == {old.pk}
    became, other = make_contact(None), make_contact(None)
    Contact.objects.filter(pk=old.pk).update(merged_into=became, deleted_at=NOW)
    assert returned(workflow, "s1") == {other.pk} and Returned.objects.count() == 2
