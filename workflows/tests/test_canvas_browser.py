"""In a real browser: the birthday workflow drawn from an empty canvas by mouse, and by keyboard alone; started, and its mailing is seen to be prepared."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from campaigns.models import Message
from campaigns.pipeline.prepare import prepare
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_provider, make_template
from contacts.tests.factories import make_contact, make_group
from smsapp.common import clock
from smsapp.testing.accessibility import violations
from workflows.engine.advance import advance
from workflows.models import Presence, Send, Workflow
from workflows.services import edits, workflows
from workflows.states import WorkflowState
from workflows.tests.factories import drawn, group_step, make_workflow
from workflows.tests.hands import between, corner, drag, in_sight, on, open_canvas, press, steps

pytestmark = [pytest.mark.e2e, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def seen(seen_as):
    """The page, signed in as an author."""
    return seen_as("author")


@pytest.fixture
def birthday():
    """Two people whose birthday is today, one whose is not, a template, and an empty canvas."""
    today = timezone.localdate()
    for number, day in enumerate([today, today, today + timedelta(days=40)]):
        make_contact(fictional(number), first_name="Ann", birth_date=day.replace(year=1980, day=min(day.day, 28)) if number == 2 else day.replace(year=1980))
    make_provider()
    make_template("Happy birthday, {contact.first_name}", name="Birthday wishes")
    return make_workflow(label="Birthdays")


def say_when(page):
    """Every day at nine, which is what the form begins with; the next runs are seen before it is saved."""
    press(page, page.locator("#step-s1"))
    expect(page.locator("#panel")).to_have_text("Scheduler")
    page.locator("#id_times").fill("09:15")
    expect(page.locator("#coming li")).to_have_count(10)
    expect(page.locator("#coming li").first).to_contain_text("09:15")
    press(page, page.get_by_role("button", name="Save step"))
    expect(page.locator("#step-s1 strong")).to_have_text("Every day at 09:15")


def say_whom(page):
    """Whose birthday is today, by the builder."""
    press(page, page.locator("#step-s2"))
    press(page, page.get_by_role("link", name="Write the rules"))
    expect(page.locator("#search-count")).to_be_visible()
    page.locator("#find-2").focus()
    page.keyboard.type("birthday")
    page.keyboard.press("Enter")
    expect(page.locator("#test-2")).to_have_value("today")
    press(page, page.get_by_role("button", name="Save rules"))
    expect(page.locator("#step-s2 strong")).to_contain_text("Birthday is today")


def say_what(page):
    """A recurring SMS, counted by month, from the template; it asks before it sends."""
    press(page, page.locator("#step-s4"))
    page.get_by_label("Recurring SMS").check()
    page.get_by_label("Template").select_option(label="Birthday wishes")
    assert page.get_by_label("Count together by").input_value() == "month"
    assert page.get_by_label("Request confirmation").is_checked()
    press(page, page.get_by_role("button", name="Save step"))
    expect(page.get_by_text("Nothing is chosen").or_(page.locator(".step .pill", has_text="Needs a look"))).to_have_count(0)


def start_and_watch(page, workflow):
    """Started and begun by hand; the page shows by itself that a mailing waits for somebody."""
    press(page, page.get_by_role("button", name="Start"))
    expect(page.locator(".page-name .pill", has_text="In progress")).to_be_visible()
    press(page, page.locator("#step-s1"))
    press(page, page.locator("#run-step"))
    expect(page.get_by_text("Run 1 started")).to_be_visible()
    advance(workflow.runs.get().pk)
    send = Send.objects.get(workflow=workflow)
    prepare(send.mailing_id)
    send.mailing.refresh_from_db()
    assert send.mailing.status == MailingStatus.READY and Message.objects.filter(mailing=send.mailing).count() == 2 and send.execution is not None
    expect(page.locator("[data-step=s4] .step-state")).to_have_text("Waits for confirmation", timeout=12_000)  # nobody loaded the page anew
    expect(page.locator(".canvas-links text", has_text="2")).to_have_count(1)
    assert Workflow.objects.get(pk=workflow.pk).state == WorkflowState.RUNNING


def test_the_birthday_workflow_is_drawn_by_mouse(seen, live_url, birthday):
    open_canvas(seen, live_url, birthday)
    assert violations(seen) == []
    drag(seen, "#add-scheduler", corner, "[data-canvas]")  # anywhere on the empty canvas
    expect(seen.locator(".step")).to_have_count(1)
    drag(seen, "#add-wait", corner, "[data-canvas]")  # and anywhere beside one step
    expect(seen.locator("#step-s2")).to_be_focused()
    seen.keyboard.press("Delete")
    expect(seen.locator("#step-s1")).to_be_focused()
    seen.keyboard.press("Delete")
    expect(seen.locator("#add-query")).to_be_focused()  # nothing is left: on to the list of steps
    seen.keyboard.press("Control+z")
    expect(seen.locator("#step-s1")).to_be_focused()
    assert in_sight(seen, ".step-actions")
    for number, kind in ((2, "query"), (3, "end")):
        drag(seen, f"#add-{kind}", on, f"#exit-s{number - 1}-out")
        expect(seen.locator(".step")).to_have_count(number)
    drag(seen, "#add-sms", between, "#step-s2", "#step-s3")
    expect(seen.locator(".step")).to_have_count(4)
    assert steps(seen) == ["Scheduler", "Query", "SMS delivery", "End"]
    expect(seen.locator(".canvas-links .tip")).to_have_count(3)
    say_when(seen)
    say_whom(seen)
    say_what(seen)
    for scheme in ("dark", "light"):
        seen.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(seen) == []
    start_and_watch(seen, birthday)
    seen.get_by_role("link", name="Stop").click()
    expect(seen.get_by_role("dialog")).to_contain_text("Stop for good")
    expect(seen.locator(".modal.show")).to_have_css("opacity", "1")
    assert violations(seen) == []


def test_the_birthday_workflow_is_drawn_by_keyboard_alone(seen, live_url, birthday):
    open_canvas(seen, live_url, birthday)
    seen.keyboard.press("a")  # nothing has the focus yet: to the list of steps all the same
    expect(seen.locator("#add-query")).to_be_focused()
    seen.keyboard.press("End")
    expect(seen.locator("#add-sms")).to_be_focused()
    seen.keyboard.press("Home")
    expect(seen.locator("#add-query")).to_be_focused()
    seen.locator("[data-canvas]").focus()
    for number, kind in enumerate(("scheduler", "query", "end"), start=1):
        seen.keyboard.press("a")
        expect(seen.locator("#add-query")).to_be_focused()
        press(seen, seen.locator(f"#add-{kind}"))
        expect(seen.locator(f"#step-s{number}")).to_be_focused()
    seen.keyboard.press("ArrowUp")
    expect(seen.locator("#step-s2")).to_be_focused()
    seen.keyboard.press("Tab")
    expect(seen.locator("#exit-s2-out")).to_be_focused()
    seen.keyboard.press("Enter")
    expect(seen.locator("#panel")).to_have_text("From Query to End")
    seen.keyboard.press("a")
    expect(seen.locator("#add-query")).to_be_focused()
    press(seen, seen.locator("#add-sms"))
    expect(seen.locator("#step-s4")).to_be_focused()
    assert steps(seen) == ["Scheduler", "Query", "SMS delivery", "End"]
    seen.keyboard.press("Enter")  # chosen already: it opens
    expect(seen.locator("#panel")).to_be_focused()
    say_when(seen)
    say_whom(seen)
    say_what(seen)
    start_and_watch(seen, birthday)


@pytest.fixture
def chain():
    """A group whose members are kept in another one."""
    return make_workflow(drawn({"s1": group_step(make_group(make_contact(None))), "s2": ("deduplication", {}), "s3": ("end", {})}, "s1 s2", "s2 s3"))


def test_a_step_is_moved_copied_removed_and_taken_back(seen, live_url, chain):
    open_canvas(seen, live_url, chain, "?step=s2")
    seen.keyboard.press("c")  # the chosen one, while nothing has the focus
    expect(seen.locator(".step")).to_have_count(4)
    drag(seen, "#step-s4", between, "#step-s1", "#step-s2")
    expect(seen.locator("[data-step=s4]")).to_have_attribute("data-row", "2")
    expect(seen.locator("[data-step=s2]")).to_have_attribute("data-row", "3")
    seen.keyboard.press("Control+z")
    expect(seen.locator("[data-step=s2]")).to_have_attribute("data-row", "2")
    seen.keyboard.press("Control+Shift+z")
    expect(seen.locator("[data-step=s2]")).to_have_attribute("data-row", "3")
    seen.locator("#step-s4").focus()
    seen.keyboard.press("Delete")
    expect(seen.locator(".step")).to_have_count(3)
    expect(seen.locator(".canvas-links .tip")).to_have_count(2)  # the gap is closed
    expect(seen.locator("#step-s1")).to_be_focused()
    seen.locator(".toast").get_by_role("button", name="Undo").click()
    expect(seen.locator("#step-s4")).to_be_focused()
    expect(seen.locator(".step")).to_have_count(4)


def test_the_step_at_work_stays_in_sight_on_a_long_canvas(seen, live_url):
    kinds = {f"s{number}": ("deduplication", {}) for number in range(2, 13)}
    links = [f"s{number} s{number + 1}" for number in range(1, 12)]
    seen.emulate_media(reduced_motion="reduce")  # it scrolls at once
    open_canvas(seen, live_url, make_workflow(drawn({"s1": group_step(make_group(make_contact(None)))} | kinds, *links)), "?step=s12")
    assert in_sight(seen, "#step-s12")
    seen.locator("#step-s12").focus()
    for number in range(11, 0, -1):
        seen.keyboard.press("ArrowUp")
        assert in_sight(seen, f"#step-s{number}")
    seen.keyboard.press("Enter")
    expect(seen.locator("[data-step=s1] .step-actions")).to_be_visible()
    assert in_sight(seen, ".step-actions")  # above the first row too
    seen.locator("#step-s12").focus()
    seen.keyboard.press("c")  # a copy stands beside, in the first row
    expect(seen.locator("#step-s13")).to_be_focused()
    assert in_sight(seen, "#step-s13") and in_sight(seen, ".step-actions")


def test_a_finger_draws_on_a_phone_and_nothing_runs_over(seen, live_url):
    workflow = make_workflow(drawn({"s1": group_step(make_group(make_contact(None), name="Everybody who ever asked for the newsletter"))}))
    seen.set_viewport_size({"width": 360, "height": 740})
    open_canvas(seen, live_url, workflow, "?step=s1")
    for number, kind in ((2, "segmentation"), (3, "end")):
        seen.get_by_role("button", name="Add a step").click()
        seen.locator(f"#add-{kind}").click()
        expect(seen.locator(f"#step-s{number}")).to_be_focused()
        expect(seen.locator(".offcanvas-backdrop")).to_have_count(0)
    for scheme in ("light", "dark"):
        seen.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        assert violations(seen) == []
    assert not seen.evaluate("document.documentElement.scrollWidth > innerWidth")


def test_a_link_is_drawn_from_a_dot_to_a_step(seen, live_url, chain):
    open_canvas(seen, live_url, chain)
    drag(seen, "#exit-s2-doubles", on, "#step-s3")
    expect(seen.locator(".canvas-links .tip")).to_have_count(3)
    drag(seen, "#exit-s2-out", on, "#step-s1")  # from one that is joined already: refused aloud where it cannot be
    expect(seen.locator("#notices")).to_contain_text("the link would lead in a circle")


def test_going_back_after_a_refused_save_ends_without_a_mistake_of_the_page(seen, live_url):
    open_canvas(seen, live_url, make_workflow(drawn({"s1": ("save_group", {})})))
    seen.locator("#step-s1").click()
    seen.get_by_role("button", name="Save step").click()
    expect(seen.locator(".invalid-feedback").first).to_be_visible()
    seen.evaluate("localStorage.clear(); sessionStorage.clear()")  # what is no longer kept is asked of the server
    seen.go_back()
    expect(seen.locator(".invalid-feedback")).to_have_count(0)
    expect(seen.get_by_role("button", name="Save step")).to_be_visible()


def test_what_was_typed_is_not_lost_by_choosing_another_step(seen, live_url, chain):
    open_canvas(seen, live_url, chain, "?step=s1&tab=step")
    seen.get_by_label("Label").fill("Members of the choir")
    seen.locator("#step-s3").click()
    seen.get_by_role("button", name="Keep typing").click()
    expect(seen.get_by_label("Label")).to_have_value("Members of the choir")


def test_two_who_draw_see_each_other_and_a_late_change_loses_nothing(seen, live_url, chain, user_for):
    other = user_for("marketer")
    open_canvas(seen, live_url, chain, "?step=s1&tab=step")
    Presence.objects.create(workflow=chain, user=other, at=clock.now())
    expect(seen.locator("#together")).to_contain_text(f"{other} has this workflow open too", timeout=12_000)
    workflows.draw(chain, other, chain.version, lambda graph: edits.add(graph, "union"))
    expect(seen.locator("#together")).to_contain_text("changed the drawing meanwhile", timeout=12_000)
    expect(seen.locator(".step")).to_have_count(3)  # nothing jumps under somebody's hand
    seen.get_by_label("Label").fill("Choir")
    seen.get_by_role("button", name="Save step").click()
    expect(seen.locator("#notices")).to_contain_text("make your change again")
    expect(seen.get_by_label("Label")).to_have_value("Choir")
    seen.get_by_role("button", name="Save step").click()
    expect(seen.locator("#step-s1 strong")).to_have_text("Choir")
    chain.refresh_from_db()
    assert len(chain.drawing.steps) == 4
    seen.get_by_label("Label").fill("Members of the choir")
    workflows.draw(chain, other, chain.version, lambda graph: edits.remove(graph, "s1"))
    seen.get_by_role("button", name="Save step").click()
    expect(seen.locator(".flow-panel")).to_contain_text("Members of the choir")
    expect(seen.locator("#panel")).to_be_focused()
    assert violations(seen) == []
    seen.get_by_role("link", name="Show the drawing as it is now").last.click()
    expect(seen.locator(".step")).to_have_count(3)
