"""SMS delivery: one mailing a run, counted by periods, confirmed by those who may send, and what goes on afterwards."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from campaigns.models import Mailing, Message
from campaigns.pipeline.prepare import prepare
from campaigns.services import made, mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_provider, make_template
from campaigns.tests.working import send_all
from contacts.tests.factories import make_contact, make_group
from workflows.engine import start, wake
from workflows.engine.advance import advance
from workflows.errors import WorkflowError
from workflows.models import Execution, Send, StepRun
from workflows.services import edits, workflows
from workflows.states import RunState, StepState, WorkflowState
from workflows.tests.factories import drawn, group_step, make_workflow

pytestmark = [pytest.mark.django_db(transaction=True)]
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
DAILY = {"rule": {"every": "day", "times": ["09:00"], "from": "2027-03-01", "zone": "Europe/Paris"}}


@pytest.fixture
def content(user_for):
    make_provider()
    return made.keep_content("Birthday", user_for("marketer"), template=make_template("Happy birthday, {contact.first_name}"))


@pytest.fixture
def group():
    return make_group(*[make_contact(fictional(number)) for number in range(3)], make_contact(fictional(9), do_not_sms=True))


def sms(content, **options):
    return "sms", {"content": content.pk, "how": "single", "afterwards": "none", "confirm": True, "period": "month", **options}


def begun(graph, by, now=NOW):
    """Started, advanced, and its mailing prepared."""
    workflow = start.start(make_workflow(graph, by), by, now)
    for run in workflow.runs.all():
        advance(run.pk, now)
    return workflow


def prepared(workflow):
    mailing = Send.objects.filter(workflow=workflow).latest("pk").mailing
    prepare(mailing.pk)
    mailing.refresh_from_db()
    return mailing


def go_on(workflow):
    """As the worker does when a mailing moved."""
    for run in workflow.runs.filter(state=RunState.RUNNING):
        StepRun.objects.filter(run=run, state=StepState.HELD).update(due_at=NOW)
        advance(run.pk, NOW)
    workflow.refresh_from_db()


def test_starting_only_prepares_and_the_mailing_waits_for_a_person(content, group, user_for):
    workflow = begun(drawn({"s1": group_step(group), "s2": sms(content)}, "s1 s2"), user_for("marketer"))
    mailing = prepared(workflow)
    go_on(workflow)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY and Message.objects.filter(mailing=mailing).count() == 3
    assert workflow.state == WorkflowState.RUNNING


def test_once_it_was_sent_the_people_texted_go_on(content, group, user_for, gateway):
    saved = make_group()
    save = ("save_group", {"how": "add", "group": saved.pk})
    workflow = begun(drawn({"s1": group_step(group), "s2": sms(content, afterwards="texted"), "s3": save}, "s1 s2", "s2 s3"), user_for("marketer"))
    mailing = mailings.confirm(prepared(workflow), user_for("marketer"))
    send_all(mailing)
    go_on(workflow)
    assert saved.memberships.count() == 3 and workflow.state == WorkflowState.FINISHED


@pytest.mark.parametrize("how", ["cancelled", "deleted"])
def test_a_cancelled_mailing_ends_its_branch_and_so_does_one_that_is_gone(how, content, group, user_for):
    workflow = begun(drawn({"s1": group_step(group), "s2": sms(content, afterwards="same"), "s3": ("end", {})}, "s1 s2", "s2 s3"), user_for("marketer"))
    mailing = prepared(workflow)
    mailings.cancel(mailing, user_for("marketer")) if how == "cancelled" else mailing.delete()
    go_on(workflow)
    assert StepRun.objects.get(run__workflow=workflow, step="s3").state == StepState.SKIPPED and workflow.state == WorkflowState.FINISHED
    assert workflow.log.filter(words__contains=f"was {how}: nobody goes on").exists()


def test_nobody_who_may_be_texted_leaves_nothing_to_confirm(content, user_for):
    nobody = make_group(make_contact(fictional(1), do_not_sms=True))
    workflow = begun(drawn({"s1": group_step(nobody), "s2": sms(content)}, "s1 s2"), user_for("marketer"))
    mailing = prepared(workflow)
    go_on(workflow)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.CANCELLED and workflow.state == WorkflowState.FINISHED


def test_with_confirmation_off_it_is_sent_as_soon_as_it_is_prepared(content, group, user_for):
    workflow = begun(drawn({"s1": group_step(group), "s2": sms(content, confirm=False)}, "s1 s2"), user_for("marketer"))
    mailing = prepared(workflow)
    go_on(workflow)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.SENDING and mailing.confirmed_by == user_for("marketer")


def test_all_runs_of_a_month_are_one_execution(content, group, user_for):
    marketer = user_for("marketer")
    graph = drawn({"s0": ("scheduler", DAILY), "s1": group_step(group), "s2": sms(content, how="recurring")}, "s0 s1", "s1 s2")
    workflow = start.start(make_workflow(graph, marketer), marketer, NOW - timedelta(hours=1))
    for day in (0, 1, 31):
        wake.tick(NOW + timedelta(days=day))
        for run in workflow.runs.filter(state=RunState.RUNNING):
            advance(run.pk, NOW + timedelta(days=day))
        mailings.cancel(prepared(workflow), marketer)
        for run in workflow.runs.filter(state=RunState.RUNNING):
            advance(run.pk, NOW + timedelta(days=day, minutes=5))
    assert [(found.key, found.sends.count()) for found in Execution.objects.order_by("first")] == [("2027-03", 2), ("2027-04", 1)]
    assert Mailing.objects.filter(role="send").count() == 3


def test_a_text_that_nobody_could_receive_is_told_before_the_start(content, group, user_for):
    graph = drawn({"s1": group_step(group), "s2": sms(content)}, "s1 s2")
    fallbacks = "{contact.first_name|" + "y" * 200 + "}"
    made_longer = {"text": "Z" * 20_000, "max_segments": 1, "translations": {}}
    Mailing.objects.filter(pk=content.pk).update(**made_longer)
    with pytest.raises(WorkflowError, match=r"The text needs 131 segments, but at most 1 is allowed\. Shorten it, or allow more\."):
        start.start(make_workflow(graph), user_for("marketer"), NOW)
    Mailing.objects.filter(pk=content.pk).update(text="Hello", translations={"fr": "é" * 400}, max_segments=2)
    with pytest.raises(WorkflowError, match="The text needs 3 segments, but at most 2 are allowed"):
        start.start(make_workflow(graph), user_for("marketer"), NOW)
    Mailing.objects.filter(pk=content.pk).update(text=f"Hello {fallbacks}", translations={}, max_segments=1)  # who has a first name can receive it
    start.start(make_workflow(graph), user_for("marketer"), NOW)


def test_a_recurring_sms_is_not_saved_before_there_is_a_scheduler(client_for):
    workflow, author = make_workflow(drawn({"s1": ("query", {}), "s2": ("sms", {})}, "s1 s2")), client_for("author")
    typed = {"how": "recurring", "period": "year", "afterwards": "same", "confirm": "on", "version": workflow.version}
    refused = author.post(f"/workflows/{workflow.pk}/steps/s2/", typed)
    page = refused.content.decode()
    assert refused.status_code == 422 and "Put one before this step first, or choose SMS: sent once." in page and not Mailing.objects.exists()
    assert re.search(r'value="recurring"[^>]*checked', page) and '<option value="year" selected>' in page and '<option value="same" selected>' in page
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.connect(edits.add(graph, "scheduler"), "s3", "out", "s1"))
    assert author.post(f"/workflows/{workflow.pk}/steps/s2/", {**typed, "version": workflow.version}).status_code == 302
    workflow.refresh_from_db()
    assert workflow.drawing.steps["s2"].options["how"] == "recurring" and Mailing.objects.count() == 1
    workflows.draw(workflow, None, workflow.version, lambda graph: edits.remove(graph, "s3"))
    told = [str(one.message) for one in start.problems(workflow) if one.step == "s2"]
    assert any("needs a scheduler before it" in one for one in told) and not any("once" in one for one in told)


def test_a_recurring_sms_without_scheduler_or_text_is_not_started(content, group, user_for):
    with pytest.raises(WorkflowError, match="needs a scheduler"):
        begun(drawn({"s1": group_step(group), "s2": sms(content, how="recurring")}, "s1 s2"), user_for("marketer"))
    Mailing.objects.filter(pk=content.pk).update(text="")
    with pytest.raises(WorkflowError, match="Write the text"):
        begun(drawn({"s1": group_step(group), "s2": sms(content)}, "s1 s2"), user_for("marketer"))


def test_the_text_of_a_step_is_no_draft_of_anybody(content):
    assert not Mailing.objects.drafts().filter(pk=content.pk).exists()


def test_a_provider_that_is_switched_off_meanwhile_stops_the_run_until_there_is_one_again(content, group, user_for):
    marketer = user_for("marketer")
    workflow = start.start(make_workflow(drawn({"s1": group_step(group), "s2": sms(content)}, "s1 s2"), marketer), marketer, NOW)
    gateway = content.provider
    gateway.active = gateway.is_default = False
    gateway.save()
    advance(workflow.runs.get().pk, NOW)
    workflow.refresh_from_db()
    assert workflow.state == WorkflowState.ERROR and workflow.trouble == "“Birthday”: Choose an active provider for this SMS, beside its text."
    gateway.active = True
    gateway.save()
    start.resume(workflow, marketer)
    advance(workflow.runs.get().pk)
    assert prepared(workflow).status == MailingStatus.READY
