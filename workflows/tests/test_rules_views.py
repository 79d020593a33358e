"""The rules of a query, and of a segment, over HTTP: who may write them, what is kept, and what is told."""

import pytest
from django.test import Client
from django.urls import reverse

from contacts.tests.factories import make_contact, make_group
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.services import edits, workflows
from workflows.tests.factories import drawn, group_step, make_workflow

pytestmark = pytest.mark.django_db
FILLED = {"node": "r2.1", "q-2": "first_name", "test-2": "filled"}


@pytest.fixture
def workflow():
    ann, other = make_contact(None, first_name="Ann"), make_contact(None, first_name="")
    segments = [{"name": "part1", "label": "Named", "rules": None}, {"name": "part2", "label": "Others", "rules": None, "limit": 5}]
    steps = {"s1": group_step(make_group(ann, other)), "s2": ("segmentation", {"segments": segments, "rest": True}), "s3": ("query", {})}
    return make_workflow(drawn(steps, "s1 s2"), label="Split")


def of_segment(workflow, part="part1", step="s2"):
    return reverse("workflows:segment_rules", args=[workflow.pk, step, part])


def test_rules_of_a_segment_are_kept_with_it_alone_and_lead_its_people(client_for, workflow):
    author = client_for("author")
    bare = author.get(of_segment(workflow)).content.count(b"first_name")
    saved = author.post(of_segment(workflow), FILLED | {"do": "save", "version": workflow.version})
    assert saved.status_code == 302 and saved["Location"].endswith("?step=s2")
    workflow.refresh_from_db()
    named, others = workflow.drawing.steps["s2"].options["segments"]
    assert named["rules"] == {"all": [{"q": "first_name", "test": "filled"}]} and others == {"name": "part2", "label": "Others", "rules": None, "limit": 5}
    assert author.get(of_segment(workflow)).content.count(b"first_name") > bare  # the page opens with them
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.remove(graph, "s3"))
    start.start(workflow, None)
    advance(workflow.runs.get().pk)
    workflow.refresh_from_db()
    assert not workflow.trouble
    assert {arrival.out: arrival.size for arrival in workflow.runs.get().arrivals.filter(step="s2", live=True)} == {"part1": 1, "part2": 1}


def test_two_who_write_are_told_of_each_other_and_nothing_is_lost(client_for, workflow):
    page = client_for("author").post(of_segment(workflow), FILLED | {"do": "save", "version": workflow.version - 1}).content.decode()
    assert "The drawing was changed meanwhile" in page and "filled" in page
    workflow.refresh_from_db()
    assert workflow.drawing.steps["s2"].options["segments"][0]["rules"] is None


def test_bad_rules_are_refused_with_a_sentence(client_for, workflow):
    for nonsense in ({"node": "r2.1", "q-2": "first_name", "test-2": "contains", "value-2": ""}, {"node": "r2.1", "q-2": "nonsense", "test-2": "x"}, {"node": "((("}):
        answer = client_for("author").post(of_segment(workflow), nonsense | {"do": "save", "version": workflow.version})
        assert answer.status_code in (200, 422)
    workflow.refresh_from_db()
    assert workflow.drawing.steps["s2"].options["segments"][0]["rules"] is None


@pytest.mark.parametrize("place", [("s2", "part9"), ("s1", "part1"), ("s3", "part1"), ("s9", "part1")])
def test_a_segment_or_step_that_is_not_there_is_not_found(client_for, workflow, place):
    assert client_for("author").get(of_segment(workflow, place[1], place[0])).status_code == 404
    assert client_for("author").post(of_segment(workflow, place[1], place[0]), FILLED | {"do": "save"}).status_code == 404


@pytest.mark.parametrize("step", ["s1", "s2"])
def test_only_queries_have_rules_of_their_own(client_for, workflow, step):
    assert client_for("author").get(reverse("workflows:rules", args=[workflow.pk, step])).status_code == 404


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("staff", 403), ("author", 200), ("marketer", 200), ("administrator", 200)])
def test_only_who_may_draw_writes_rules(client_for, workflow, role, status):
    for address in (of_segment(workflow), reverse("workflows:rules", args=[workflow.pk, "s3"])):
        assert client_for(role).get(address).status_code == status
        assert "login" in Client().get(address)["Location"] and "login" in Client().post(address, FILLED)["Location"]
        if status == 403:
            assert client_for(role).post(address, FILLED | {"do": "save", "version": workflow.version}).status_code == 403


def test_a_workflow_in_the_archive_keeps_its_rules(client_for, workflow):
    workflow.archived = True
    workflow.save()
    page = client_for("author").post(of_segment(workflow), FILLED | {"do": "save", "version": workflow.version}).content.decode()
    assert "Take it out of the archive first." in page
