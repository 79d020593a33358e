"""What a canvas costs, and what it tells while it is open."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.services import made
from campaigns.tests.factories import make_provider, make_template
from contacts.tests.factories import make_contact, make_group
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.services import edits, workflows
from workflows.tests.factories import drawn, group_step, make_workflow, query

pytestmark = pytest.mark.django_db


def many(author, times):
    """A query, a group, a text and a test, so many times."""
    steps = {}
    for number in range(times):
        group = make_group()
        content = made.keep_content("Text", author, template=make_template("Hello {contact.first_name}"))
        steps |= {f"s{4 * number + 1}": query(q="group", test="any", value=[group.pk]), f"s{4 * number + 2}": group_step(group),
                  f"s{4 * number + 3}": ("sms", {"content": content.pk}), f"s{4 * number + 4}": ("test", {"figure": "members", "group": group.pk})}  # fmt: skip
    return make_workflow(drawn(steps))


def asked(client, workflow):
    with CaptureQueriesContext(connection, ) as queries:
        assert client.get(reverse("workflows:canvas", args=[workflow.pk])).status_code == 200
    return len(queries)


def test_a_canvas_costs_the_same_however_many_steps_it_has(client_for, user_for):
    make_provider()
    few, lots = many(user_for("author"), 1), many(user_for("author"), 13)
    author = client_for("author")
    asked(author, few)
    assert asked(author, lots) == asked(author, few)


def live(client, workflow, page, **more):
    mark = re.search(r"mark=([a-z]+-[0-9a-f]+)", page.content.decode())[1]
    return client.get(reverse("workflows:live", args=[workflow.pk]), {"seen": workflow.version, "mark": mark} | more)


def test_a_window_hears_of_what_moves_and_of_nothing_else(client_for):
    workflow = make_workflow(drawn({"s1": group_step(make_group(make_contact(None))), "s2": ("end", {})}, "s1 s2"))
    viewer = client_for("viewer")
    page = viewer.get(reverse("workflows:canvas", args=[workflow.pk]))
    assert live(viewer, workflow, page).status_code == 204
    start.start(workflow, None)
    advance(workflow.runs.get().pk)
    told = live(viewer, workflow, page).content.decode()
    assert "Finished" in told and "1 person in" in told
    assert re.search(r'step-flow[^>]*>1 person<', told), "on phones, where no links are drawn, between the steps"
    assert Client().get(reverse("workflows:live", args=[workflow.pk])).status_code == 302


def test_a_drawing_that_another_one_changed_is_told_of_and_left_as_it_was_seen(client_for, user_for):
    workflow = make_workflow(drawn({"s1": ("end", {})}))
    author = client_for("author")
    page, seen = author.get(reverse("workflows:canvas", args=[workflow.pk])), workflow.version
    workflows.draw(workflow, user_for("marketer"), workflow.version, lambda graph: edits.add(graph, "union"))
    told = live(author, workflow, page, seen=seen).content.decode()
    assert "changed the drawing meanwhile" in told and "canvas-steps" not in told


def test_what_was_typed_too_late_stays_on_the_page(client_for, user_for):
    workflow = make_workflow(drawn({"s1": ("wait", {}), "s2": ("end", {})}, "s1 s2"))
    late = {"version": workflow.version - 1, "amount": "12", "unit": "hours"}
    answer = client_for("author").post(reverse("workflows:options", args=[workflow.pk, "s1"]), late)
    assert answer.status_code == 422 and 'value="12"' in answer.content.decode() and "make your change again" in answer.content.decode()


def test_what_was_typed_beside_a_step_that_another_one_removed_stands_there_to_be_copied(client_for, user_for):
    segments = [{"name": "part1", "label": "Choir", "rules": None}]
    steps = {"s1": ("wait", {}), "s2": ("query", {}), "s3": ("segmentation", {"segments": segments, "rest": True}), "s4": ("end", {})}
    workflow = make_workflow(drawn(steps, "s1 s2", "s2 s3", "s3.part1 s4"))
    seen, other, author = workflow.version, user_for("marketer", first_name="Zoe"), client_for("author")
    for step in ("s1", "s2", "s3"):
        workflows.draw(workflow, other, workflow.version, lambda graph, step=step: edits.remove(graph, step))
    typed = [
        ("options", ["s1"], {"amount": "12", "unit": "hours"}, "12"), ("own", ["s1"], {"label": "Half a day", "errors_do": "ignore"}, "Half a day"),
        ("link", ["s3", "part1"], {"link_label": "To the choir", "to": "s4:in"}, "To the choir"),
        ("rules", ["s2"], {"node": "r2.1", "q-2": "first_name", "test-2": "filled", "do": "save"}, 'name="q-2" value="first_name"'),
        ("segment_rules", ["s3", "part1"], {"node": "r2.1", "q-2": "first_name", "test-2": "filled", "do": "save"}, 'name="q-2" value="first_name"'),
    ]  # fmt: skip
    for name, where, fields, kept in typed:
        for _again in range(2):
            answer = author.post(reverse(f"workflows:{name}", args=[workflow.pk, *where]), {"version": seen} | fields)
            page = answer.content.decode()
            assert kept in page and "Zoe" in page and "no longer there" in page and "to be copied" in page, name
        assert f'name="version" value="{seen}"' in page or "rules" not in name  # a second try keeps it too
    unseen = author.post(reverse("workflows:own", args=[workflow.pk, "s77"]), {"version": seen, "label": "x"})
    assert unseen.status_code == 302  # of what never was there


def test_a_transition_has_a_label_and_is_only_changed_by_who_may_draw(client_for):
    workflow = make_workflow(drawn({"s1": query(), "s2": ("end", {}), "s3": ("end", {})}, "s1 s2"))
    address, fields = reverse("workflows:link", args=[workflow.pk, "s1", "out"]), {"version": workflow.version, "link_label": "Choir", "to": "s3:in"}
    assert client_for("viewer").post(address, fields).status_code == 403
    assert Client().post(address, fields).status_code == 302
    assert client_for("author").post(address, fields).status_code == 302
    workflow.refresh_from_db()
    assert [(link.target, link.label) for link in workflow.drawing.links] == [("s3", "Choir")]
    assert "Choir" in client_for("viewer").get(reverse("workflows:canvas", args=[workflow.pk])).content.decode()


def test_the_next_ten_runs_are_told_while_somebody_types_and_so_is_what_is_wrong(client_for):
    workflow = make_workflow(drawn({"s1": ("scheduler", {})}))
    address = reverse("workflows:coming", args=[workflow.pk, "s1"])
    fields = {"every": "day", "begins": "2027-01-01", "zone": "Europe/Paris", "times": "9h15", "step": "1", "ends": "never"}
    author = client_for("author")
    assert author.post(address, fields).content.decode().count("09:15") == 10
    elsewhere = author.post(address, fields | {"zone": "America/New_York"}).content.decode()
    assert "15:15" in elsewhere and "09:15 America/New_York" in elsewhere  # by the clock of the workflow, with the scheduler's beside it
    assert "10 minutes apart" in author.post(address, fields | {"times": "09:00, 09:05"}).content.decode()
    assert Client().post(address, fields).status_code == 302


def test_the_log_of_one_step_and_a_run_with_its_version(client_for):
    workflow = make_workflow(drawn({"s1": group_step(make_group(make_contact(None))), "s2": ("end", {})}, "s1 s2"))
    start.start(workflow, None)
    advance(workflow.runs.get().pk)
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.remove(graph, "s2"))
    viewer = client_for("viewer")
    run = viewer.get(reverse("workflows:run", args=[workflow.pk, 1]) + "?step=s2").content.decode()
    assert "Version 1 of the drawing" in run and "People in" in run
    assert "Remove this filter" in viewer.get(reverse("workflows:log", args=[workflow.pk]) + "?step=s1").content.decode()
