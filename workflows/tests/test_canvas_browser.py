"""In a real browser: a workflow drawn from an empty canvas by mouse, another by keyboard; started, and its counts are seen."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from contacts.tests.factories import make_contact, make_group
from smsapp.testing.accessibility import violations
from workflows.engine.advance import advance
from workflows.models import Workflow
from workflows.services import workflows
from workflows.states import WorkflowState
from workflows.tests.factories import make_workflow

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def seen(seen_as):
    """The page, signed in as an author."""
    return seen_as("author")


def write_rules(page):
    """First name is filled, by the builder."""
    page.get_by_role("link", name="Write the rules").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#search-count")).to_be_visible()
    page.locator("#find-2").focus()
    page.keyboard.type("person first name")
    page.keyboard.press("Enter")
    page.locator("#test-2").select_option("filled")
    expect(page.locator("#search-count .count-big")).to_contain_text("2")
    page.get_by_role("button", name="Save rules").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".step")).to_have_count(2)


def choose_group(page, group):
    """In the panel of the step that saves."""
    page.locator("#id_group").select_option(str(group.pk))
    page.get_by_role("button", name="Save step").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".step strong", has_text=group.name)).to_be_visible()


def start_and_count(page, workflow, group):
    page.get_by_role("button", name="Start").focus()
    page.keyboard.press("Enter")
    expect(page.locator(".page-name .pill", has_text="In progress")).to_be_visible()
    advance(workflow.runs.get().pk)
    page.reload()
    expect(page.locator(".page-name .pill", has_text="Finished")).to_be_visible()
    expect(page.locator(".canvas-links text")).to_have_text("2")
    assert Workflow.objects.get(pk=workflow.pk).state == WorkflowState.FINISHED and group.memberships.count() == 2


@pytest.fixture
def ready():
    """Two people, an empty canvas, a group to write to."""
    for name in ("Ann", "Bob"):
        make_contact(None, first_name=name)
    return make_workflow(label="Members"), make_group(name="Found")


def test_a_workflow_is_drawn_by_mouse(seen, live_url, ready):
    workflow, group = ready
    seen.goto(live_url + reverse("workflows:canvas", args=[workflow.pk]))
    seen.locator("#add-query").drag_to(seen.locator("[data-canvas]"))
    expect(seen.locator(".step")).to_have_count(1)
    seen.locator("#add-save_group").drag_to(seen.locator("[data-canvas] .step-exit"))
    expect(seen.locator(".step")).to_have_count(2)
    expect(seen.locator(".canvas-links path.tip")).to_have_count(1)
    choose_group(seen, group)
    seen.locator("#step-s1").click()
    expect(seen.locator("#panel")).to_be_visible()
    write_rules(seen)
    assert violations(seen) == []
    start_and_count(seen, workflow, group)
    seen.get_by_role("link", name="Runs").first.click()
    seen.get_by_role("row").get_by_role("link", name="1").click()
    assert violations(seen) == []
    seen.get_by_role("link", name="2", exact=True).first.click()
    expect(seen.get_by_role("link", name="Ann")).to_be_visible()


def test_another_by_keyboard_with_undo_and_delete(seen, live_url, ready):
    workflow, group = ready
    seen.goto(live_url + reverse("workflows:canvas", args=[workflow.pk]))
    for number, kind in enumerate(("query", "save_group"), start=1):
        seen.locator(f"#add-{kind}").focus()
        seen.keyboard.press("Enter")
        expect(seen.locator(".step")).to_have_count(number)
    choose_group(seen, group)
    seen.locator("#step-s2").focus()
    seen.keyboard.press("Delete")
    expect(seen.locator(".step")).to_have_count(1)
    seen.keyboard.press("Control+z")
    expect(seen.locator(".step")).to_have_count(2)
    seen.locator("#step-s2").focus()
    seen.keyboard.press("ArrowUp")
    assert seen.evaluate("document.activeElement.id") == "step-s1"
    seen.keyboard.press("Enter")
    write_rules(seen)
    start_and_count(seen, workflow, group)


def test_two_who_draw_are_told_of_each_other(seen, live_url, ready):
    workflow, _group = ready
    seen.goto(live_url + reverse("workflows:canvas", args=[workflow.pk]))
    workflows.draw(workflow, None, workflow.version, lambda graph: graph.with_step(type(graph).read(_ONE).steps["s1"]))
    seen.locator("#add-union").click()
    expect(seen.get_by_text("The drawing was changed meanwhile")).to_be_visible()
    expect(seen.locator(".step")).to_have_count(1)


_ONE = {"steps": [{"id": "s1", "kind": "end"}], "links": []}
