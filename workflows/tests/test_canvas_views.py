"""The canvas over HTTP: who may what, what a press does to the drawing, two who draw at once."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.services import made
from campaigns.tests.factories import make_template
from contacts.tests.factories import make_contact, make_group
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.models import Workflow
from workflows.states import WorkflowState
from workflows.tests.factories import drawn, group_step, make_workflow, query

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
    answer = draw(author, workflow, do="remove", step="s4")
    assert HOSTILE not in answer.content.decode() and answer.request["QUERY_STRING"] == "step=s2"  # nothing led to it or from it
    answer = draw(author, workflow, do="undo", step="s2")
    assert answer.request["QUERY_STRING"] == "step=s4"  # what came back is chosen
    workflow.refresh_from_db()
    assert "s4" in workflow.drawing.steps
    assert draw(author, workflow, do="undo").request["QUERY_STRING"] == ""  # nothing came or went
    draw(author, workflow, do="redo")
    assert draw(author, workflow, do="remove", step="s3").request["QUERY_STRING"] == "step=s2"  # on to a neighbour
    draw(author, workflow, do="undo")
    draw(author, workflow, do="remove", step="s4")
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


def test_a_warning_names_the_exit_at_which_people_are_left_and_leads_there(client_for):
    group = make_group(make_contact(None), make_contact(None), make_contact(None))
    segments = [{"name": "part1", "label": "Choir", "rules": None, "limit": 1}]
    steps = {"s1": ("external_signal", {"by": "api"}), "s2": group_step(group), "s3": ("segmentation", {"segments": segments, "rest": True}), "s4": ("end", {})}
    workflow = start.start(make_workflow(drawn(steps, "s1 s2", "s2 s3", "s3.part1 s4")), None)
    page = client_for("author").get(reverse("workflows:canvas", args=[workflow.pk]) + "?step=s1").content.decode()
    assert 'id="run-step"' in page and 'id="suspend-step"' in page and 'id="behind"' not in page
    assert 'id="run-step"' not in client_for("viewer").get(reverse("workflows:canvas", args=[workflow.pk]) + "?step=s1").content.decode()
    start.run_now(workflow, "s1", None)
    advance(workflow.runs.get().pk)
    for name in PAGES:
        page = client_for("viewer").get(reverse(f"workflows:{name}", args=[workflow.pk])).content.decode()
        assert "Warning" in page and "2 people are left where nothing follows" in page and f"/workflows/{workflow.pk}/?at=s3.rest" in page and "by “rest”" in page
    draw(client_for("author"), workflow, do="remove", step="s3")
    page = client_for("viewer").get(reverse("workflows:canvas", args=[workflow.pk])).content.decode()
    assert f"/workflows/{workflow.pk}/runs/1/?step=s3" in page  # the step is gone: its run still shows where they were


def test_a_workflow_that_is_over_still_warns_of_people_whom_nothing_took_on(client_for):
    segments = [{"name": "part1", "label": "Choir", "rules": None, "limit": 1}]
    steps = {"s1": group_step(make_group(make_contact(None))), "s2": ("segmentation", {"segments": segments, "rest": True})}
    workflow = start.start(make_workflow(drawn(steps, "s1 s2")), None)
    advance(workflow.runs.get().pk)
    workflow.refresh_from_db()
    assert workflow.state == "finished"
    for name in ("canvas", "runs"):
        page = client_for("viewer").get(reverse(f"workflows:{name}", args=[workflow.pk])).content.decode()
        assert "Warning" in page and "1 person is left where nothing follows" in page
    assert "Warning" in client_for("viewer").get(reverse("workflows:list")).content.decode()


def test_the_next_run_is_told_by_the_clock_of_the_workflow_and_by_ones_own(client_for):
    rule = {"every": "day", "from": "2027-01-01", "zone": "Europe/Paris", "times": ["09:15"], "step": 1, "ends": {}}
    workflow = make_workflow(drawn({"s1": ("scheduler", {"rule": rule}), "s2": query(), "s3": ("end", {})}, "s1 s2", "s2 s3"))
    start.start(workflow, None)
    address = reverse("workflows:canvas", args=[workflow.pk])
    assert "in Europe/Paris." in client_for("viewer", time_zone="Europe/Paris").get(address).content.decode()
    page = client_for("author", time_zone="America/New_York").get(address).content.decode()
    assert "09:15</time>, in Europe/Paris." in page and "By your own clock" in page and "03:15</time>" in page
    listed = reverse("workflows:list")
    assert "09:15" in client_for("viewer", time_zone="Europe/Paris").get(listed).content.decode()
    Workflow.objects.update(state=WorkflowState.ERROR)
    assert "Next run" not in client_for("viewer").get(address).content.decode()
    assert "09:15" not in client_for("viewer", time_zone="Europe/Paris").get(listed).content.decode()


def test_an_exclusion_names_the_step_from_which_its_main_link_comes(client_for):
    steps = {"s1": query(), "s2": group_step(make_group(name="Choir")), "s3": ("exclusion", {})}
    workflow = make_workflow(drawn(steps, "s1 s3.minus", "s2 s3.main"))
    page = client_for("viewer").get(reverse("workflows:canvas", args=[workflow.pk]) + "?step=s3").content.decode()
    links = re.findall(r"<dt>Link: ([^<]*)</dt><dd[^>]*>from “([^”]*)”", page)
    assert [label for label, _name in links] == ["main", "taken out"] and "Choir" in links[0][1]


LONG = "endless " * 625


def test_what_is_too_long_or_named_twice_is_refused_with_a_sentence_and_stays(client_for):
    steps = {"s1": group_step(make_group(make_contact(None))), "s2": ("segmentation", {"segments": [], "rest": True})}
    workflow, author = make_workflow(drawn(steps, "s1 s2")), client_for("author")
    too_long = [
        ("own", ["s1"], {"label": LONG, "errors_do": "suspend"}), ("link", ["s1", "out"], {"link_label": LONG, "to": "s2:in"}),
        ("options", ["s2"], {"label_1": LONG}),
    ]  # fmt: skip
    for name, where, fields in too_long:
        answer = author.post(reverse(f"workflows:{name}", args=[workflow.pk, *where]), {"version": workflow.version} | fields)
        page = answer.content.decode()
        assert answer.status_code == 422 and "too long" in page and page.count(LONG.strip()) == 1 and 'maxlength="80"' not in page and 'maxlength="40"' not in page
    twice = {"version": workflow.version, "label_1": "Choir", "label_2": "choir "}
    answer = author.post(reverse("workflows:options", args=[workflow.pk, "s2"]), twice)
    assert answer.status_code == 422 and "has this name already" in answer.content.decode()
    workflow.refresh_from_db()
    assert workflow.version == 1


def test_the_text_of_a_step_leads_back_to_its_workflow(client_for, user_for):
    text = made.keep_content("Hello", user_for("author"), template=make_template("Hello"))
    workflow = make_workflow(drawn({"s1": group_step(make_group()), "s2": ("sms", {"content": text.pk})}, "s1 s2"))
    author = client_for("author")
    for page in ("campaigns:content", "campaigns:preview"):
        said = author.get(reverse(page, args=[text.pk])).content.decode()
        assert re.search(r'href="/workflows/" aria-current="page"', said) and f'<a href="/workflows/{workflow.pk}/">{workflow.label}</a>' in said
        assert f"/workflows/{workflow.pk}/?step=s2" in said


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
