"""The canvas over HTTP: who may what, what a press does to the drawing, two who draw at once."""

import pytest
from django.test import Client
from django.urls import reverse

from contacts.tests.factories import make_contact, make_group
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.tests.factories import drawn, group_step, make_workflow

pytestmark = pytest.mark.django_db
HOSTILE = '<script>alert("x")</script>'


@pytest.fixture
def workflow():
    return make_workflow(drawn({"s1": ("query", {}), "s2": ("end", {})}, "s1 s2"), label=HOSTILE)


def draw(client, workflow, **data):
    workflow.refresh_from_db()
    return client.post(reverse("workflows:draw", args=[workflow.pk]), {"version": workflow.version} | data, follow=True)


PAGES = ["canvas", "log", "runs"]


@pytest.mark.parametrize("name", PAGES)
def test_viewers_see_each_page_and_nobody_without_signing_in(client_for, workflow, name):
    address = reverse(f"workflows:{name}", args=[workflow.pk])
    answer = client_for("viewer").get(address)
    assert answer.status_code == 200 and HOSTILE not in answer.content.decode() and "&lt;script&gt;" in answer.content.decode()
    assert Client().get(address).status_code == 302


def test_only_who_may_draw_draws_and_only_who_may_run_starts(client_for, workflow):
    assert draw(client_for("viewer"), workflow, do="add", kind="union").status_code == 403
    assert client_for("viewer").post(reverse("workflows:run_action", args=[workflow.pk, "start"])).status_code == 403
    assert client_for("viewer").get(reverse("workflows:new")).status_code == 403
    assert client_for("viewer").get(reverse("workflows:rules", args=[workflow.pk, "s1"])).status_code == 403
    assert Client().post(reverse("workflows:draw", args=[workflow.pk]), {"do": "undo"}).status_code == 302
    assert draw(client_for("author"), workflow, do="add", kind="union").status_code == 200
    workflow.refresh_from_db()
    assert "s3" in workflow.drawing.steps


def test_steps_are_added_joined_copied_removed_and_taken_back(client_for, workflow):
    author = client_for("author")
    answer = draw(author, workflow, do="add", kind="deduplication", after="s1", out="out")
    assert answer.request["QUERY_STRING"] == "step=s3"
    workflow.refresh_from_db()
    assert {(link.source, link.target) for link in workflow.drawing.links} == {("s1", "s3"), ("s3", "s2")}  # between the two
    draw(author, workflow, do="copy", step="s3")
    draw(author, workflow, do="connect", step="s3", out="doubles", to="s2")
    workflow.refresh_from_db()
    own = {"version": workflow.version, "label": HOSTILE, "errors_do": "ignore", "to-out": ""}
    assert author.post(reverse("workflows:own", args=[workflow.pk, "s1"]), own).status_code == 302
    workflow.refresh_from_db()
    assert workflow.drawing.steps["s1"].errors == "ignore" and not workflow.drawing.out_of("s1") and len(workflow.drawing.steps) == 4
    page = draw(author, workflow, do="remove", step="s4").content.decode()
    assert HOSTILE not in page
    draw(author, workflow, do="undo")
    workflow.refresh_from_db()
    assert "s4" in workflow.drawing.steps
    draw(author, workflow, do="redo")
    workflow.refresh_from_db()
    assert "s4" not in workflow.drawing.steps


def links(workflow):
    workflow.refresh_from_db()
    return {(link.source, link.target) for link in workflow.drawing.links}


def test_a_step_that_is_dropped_on_another_comes_behind_it_whatever_followed(client_for, workflow):
    author = client_for("author")
    draw(author, workflow, do="add", kind="deduplication", after="s1")  # its one exit is taken
    assert links(workflow) == {("s1", "s3"), ("s3", "s2")}
    draw(author, workflow, do="add", kind="end", after="s3", out="out")  # nothing can follow an end, so it stands beside
    assert links(workflow) == {("s1", "s3"), ("s3", "s2")}
    draw(author, workflow, do="add", kind="end", after="s3")  # the other exit is free
    assert links(workflow) == {("s1", "s3"), ("s3", "s2"), ("s3", "s5")}
    draw(author, workflow, do="add", kind="wait", after="")  # on the empty canvas
    draw(author, workflow, do="add", kind="union", after="s99")  # behind one that somebody removed
    draw(author, workflow, do="add", kind="wait", after="s2")  # behind an end
    assert links(workflow) == {("s1", "s3"), ("s3", "s2"), ("s3", "s5")} and len(workflow.drawing.steps) == 8


def test_who_saw_an_older_drawing_is_told_and_changes_nothing(client_for, workflow):
    answer = draw(client_for("author"), workflow, do="remove", step="s1", version="0")
    assert "The drawing was changed meanwhile" in answer.content.decode()
    workflow.refresh_from_db()
    assert "s1" in workflow.drawing.steps


def test_rules_of_a_query_are_built_with_the_search_and_kept_with_the_step(client_for, workflow):
    author, address = client_for("author"), reverse("workflows:rules", args=[workflow.pk, "s1"])
    assert author.get(address).status_code == 200
    rule = {"node": "r2.1", "q-2": "first_name", "test-2": "filled", "do": "save", "version": workflow.version}
    assert author.post(address, rule).status_code == 302
    workflow.refresh_from_db()
    assert workflow.drawing.steps["s1"].options["rules"] == {"all": [{"q": "first_name", "test": "filled"}]}
    again = author.post(address, rule | {"version": 1})
    assert "The drawing was changed meanwhile" in again.content.decode()


def test_every_kind_opens_with_and_without_a_step_chosen(client_for):
    from workflows.steps import registry

    author, workflow = client_for("author"), make_workflow()
    for kind in registry.kinds():
        page = draw(author, workflow, do="add", kind=kind)
        assert page.status_code == 200 and author.get(page.request["PATH_INFO"] + f"?{page.request['QUERY_STRING']}&tab=step").status_code == 200, kind
    saved = author.post(reverse("workflows:options", args=[workflow.pk, "s1"]), {"version": "x"})
    assert saved.status_code in (302, 422)


def test_counts_lead_to_the_people_behind_them(client_for):
    group = make_group(make_contact(None, first_name="Ann"))
    workflow = start.start(make_workflow(drawn({"s1": group_step(group), "s2": ("end", {})}, "s1 s2")), None)
    advance(workflow.runs.get().pk)
    page = client_for("author").get(reverse("workflows:run", args=[workflow.pk, 1]))
    arrival = workflow.runs.get().arrivals.get(step="s1")
    people = reverse("workflows:people", args=[workflow.pk, 1, arrival.pk])
    assert people in page.content.decode()
    assert "Ann" in client_for("viewer").get(people).content.decode()
    assert Client().get(people).status_code == 302


def test_a_stop_asks_first_and_a_start_says_what_is_missing(client_for, workflow):
    author = client_for("author")
    answer = author.post(reverse("workflows:run_action", args=[workflow.pk, "start"]), follow=True)
    assert "has no rules yet" in answer.content.decode()
    assert "Stop for good" in author.get(reverse("workflows:run_action", args=[workflow.pk, "stop"])).content.decode()


def test_the_list_is_narrowed_and_costs_the_same_however_long(client_for, workflow, django_assert_max_num_queries):
    for _number in range(5):
        make_workflow()
    viewer = client_for("viewer")
    with django_assert_max_num_queries(14):
        page = viewer.get(reverse("workflows:list"))
    assert page.status_code == 200
    assert "No workflow matches" in viewer.get(reverse("workflows:list") + "?q=nothing").content.decode()
    assert "Workflow" in viewer.get(reverse("workflows:list") + "?state=editing").content.decode()
