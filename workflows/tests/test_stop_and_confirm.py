"""What a stop does to mailings that nobody has confirmed, and who may say that nobody is asked."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Message
from campaigns.services import made, mailings
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus
from workflows.engine import start, wake
from workflows.engine.advance import advance
from workflows.models import Send, StepRun
from workflows.services import sends as sending
from workflows.states import WorkflowState
from workflows.tests.sending import make_content, make_readers, make_recurring, send_of

pytestmark = pytest.mark.django_db(transaction=True)
DAYS = [date(2027, 3, day) for day in range(1, 5)]


@pytest.fixture
def marketer(user_for):
    return user_for("marketer")


@pytest.fixture
def content(marketer):
    return make_content(marketer)


@pytest.fixture
def workflow(content, marketer):
    return make_recurring(content, marketer)


@pytest.fixture
def people():
    return make_readers(3)


def html(response, status=200):
    assert response.status_code == status
    return response.content.decode()


def test_a_stop_calls_off_what_nobody_has_confirmed_and_nothing_else(workflow, content, people, marketer, user_for):
    waits, sends, drafted = (send_of(workflow, content, day, people) for day in DAYS[:3])
    mailings.confirm(sends, marketer)
    mailings.take_back(drafted, marketer)
    preparing = mailings.prepare(made.send(content, drafted.population, marketer, name="Preparing", one_of_several=True), marketer)
    run = Send.objects.get(mailing=drafted).run
    Send.objects.create(mailing=preparing, parent=content, workflow=workflow, run=run, step="s9")
    start.stop(workflow, user_for("author"))
    for mailing in (waits, sends, drafted, preparing):
        mailing.refresh_from_db()
    assert (waits.status, sends.status) == (MailingStatus.CANCELLED, MailingStatus.SENDING)
    assert [(one.status, one.archived) for one in (drafted, preparing)] == [(MailingStatus.DRAFT, True)] * 2
    told = [(line.said.partition("” ")[2], line.author and line.author.username) for line in workflow.log.filter(step__in=["s2", "s9"]).order_by("pk")]
    asked = ("is prepared and waits for confirmation. Recipients: 3, left out: 0.", None)
    assert told[:8] == [
        ("is being prepared.", None), asked, ("is being prepared.", None), asked, ("is being prepared.", None), asked,
        ("was confirmed and is being sent.", "marketer"), ("was taken back: it is a draft again.", "marketer"),
    ]  # fmt: skip
    assert ("was cancelled.", "author") in told[8:]
    assert workflow.state == WorkflowState.STOPPED and "nobody had confirmed were called off: 3" in workflow.log.latest("id").said
    assert waits.events.first().remark == "The workflow was stopped."


def test_whoever_confirms_what_a_stop_has_called_off_is_told(client_for, workflow, content, people, user_for):
    mailing, author, client = send_of(workflow, content, DAYS[0], people), user_for("author"), client_for("marketer")
    start.stop(workflow, author)
    plan, data = reverse("campaigns:plan", args=[mailing.pk]), {"when": "now", "version": mailing.version}
    told = f"was cancelled by {author} meanwhile. Nothing more of it is sent. The workflow was stopped."
    assert told in html(client.post(plan, {**data, "sure": "1"}, follow=True)) and told in html(client.get(plan, follow=True))
    asked = client.post(plan, data, headers={"hx-request": "true"})
    assert asked["HX-Redirect"] == reverse("campaigns:mailing", args=[mailing.pk]) and told in html(client.get(asked["HX-Redirect"]))
    with pytest.raises(CampaignError, match="was cancelled by"):
        mailings.confirm(mailing, user_for("marketer"))
    assert not Message.objects.filter(mailing=mailing, sent_at__isnull=False).exists()


def test_the_question_says_how_many_and_restarting_prepares_anew(client_for, workflow, content, people, marketer):
    waits = send_of(workflow, content, DAYS[0], people)
    mailings.confirm(send_of(workflow, content, DAYS[1], people), marketer)
    for action in ("stop", "restart"):
        page = html(client_for("author").get(reverse("workflows:run_action", args=[workflow.pk, action])))
        assert "mailing that nobody has confirmed is called off" in page and "confirmed mailing goes on" in page
    start.restart(workflow, marketer)
    waits.refresh_from_db()
    assert waits.status == MailingStatus.CANCELLED and workflow.state == WorkflowState.RUNNING


def untick(client, mailing, **data):
    return client.post(reverse("workflows:confirmation", args=[mailing.pk]), data)


def test_an_author_who_unticks_the_box_on_a_mailing_is_told_why_it_stays(client_for, workflow, content, people):
    mailing = send_of(workflow, content, DAYS[0], people)
    page = html(untick(client_for("author"), mailing), 422)
    assert "but not send" in page and Send.objects.get(mailing=mailing).confirm
    assert untick(client_for("viewer"), mailing).status_code == 403
    assert untick(Client(), mailing).status_code == 302
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


def test_a_marketer_unticks_it_and_it_goes(client_for, workflow, content, people):
    mailing = send_of(workflow, content, DAYS[0], people)
    run = Send.objects.get(mailing=mailing).run
    StepRun.objects.create(run=run, step="s2", kind="sms", state="held", due_at=run.started_at, kept={"mailing": mailing.pk})
    assert untick(client_for("marketer"), mailing).status_code == 302
    advance(run.pk)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.SENDING
    assert "confirmed already" in html(untick(client_for("marketer"), mailing), 422)


def test_whoever_unticks_it_in_vain_is_told_for_whom_it_waits(client_for, user_for, workflow, content, people):
    mailing, author, client = send_of(workflow, content, DAYS[0], people), user_for("author"), client_for("marketer")
    type(workflow).objects.filter(pk=workflow.pk).update(started_by=author)
    address = reverse("campaigns:mailing", args=[mailing.pk])
    why = f"It waits for a person: {author}, who started the workflow, may not send. It is sent once somebody who may send confirms it."
    page = html(client.post(reverse("workflows:confirmation", args=[mailing.pk]), follow=True))
    assert page.count(why) == 2, "said at once, and among the facts"
    assert why in html(client.get(address)) and "as soon as it is prepared" not in html(client.get(address))
    assert why in html(client.get(reverse("workflows:parent", args=[content.pk])))
    mailings.confirm(mailing, user_for("marketer"))
    assert "It waits for a person" not in html(client.get(address))


def test_a_mailing_stays_when_who_unticked_it_may_no_longer_send(client_for, user_for, workflow, content, people):
    mailing, clerk = send_of(workflow, content, DAYS[0], people), user_for("administrator")
    sending.ask_or_not(Send.objects.get(mailing=mailing), clerk, asks=False)
    clerk.groups.clear()
    run = Send.objects.get(mailing=mailing).run
    assert "may not send" in str(sending.confirm(mailing, run))


def test_the_step_says_it_for_mailings_to_come(workflow, content, people):
    assert Send.objects.get(mailing=send_of(workflow, content, DAYS[0], people)).confirm
    assert not Send.objects.get(mailing=send_of(workflow, content, DAYS[1], people, asks=False)).confirm


def test_what_waits_stands_on_the_home_page_of_those_who_may_send(client_for, workflow, content, people):
    mailing = send_of(workflow, content, DAYS[0], people)
    address = reverse("campaigns:plan", args=[mailing.pk])
    page = html(client_for("marketer").get(reverse("home")))
    assert address in page and "3 recipients" in page and "Birthdays" in page
    assert address not in html(client_for("author").get(reverse("home")))


def test_while_it_waits_the_next_run_is_left_out_and_everybody_sees_why(client_for, workflow, content, people):
    mailing = send_of(workflow, content, DAYS[0], people)
    pages = [reverse("workflows:canvas", args=[workflow.pk]), reverse("workflows:runs", args=[workflow.pk])]
    assert not any("Warning" in html(client_for("author").get(page)) for page in (*pages, reverse("workflows:list")))
    wake.tick(datetime(2027, 3, 2, 8, 0, 3, tzinfo=UTC))
    wake.tick(datetime(2027, 3, 3, 8, 0, 3, tzinfo=UTC))
    why = f"Run 1 still goes on: its mailing “{mailing.name}” waits for confirmation."
    for page in pages:
        shown = html(client_for("author").get(page))
        assert "Warning" in shown and f"2 planned runs were left out. {why}" in shown and reverse("campaigns:mailing", args=[mailing.pk]) in shown
    assert "Warning" in html(client_for("author").get(reverse("workflows:list")))
    assert html(client_for("author").get(reverse("workflows:log", args=[workflow.pk]))).count(why) == 3, "each of them in the log, and once above it"
    assert "2 planned runs were left out meanwhile" in html(client_for("marketer").get(reverse("home")))
    assert f"{why}" in html(client_for("author").post(reverse("workflows:step_action", args=[workflow.pk, "s0", "run-now"]), follow=True))


def test_it_is_confirmed_from_there(client_for, workflow, content, people):
    mailing = send_of(workflow, content, DAYS[0], people)
    plan = reverse("campaigns:plan", args=[mailing.pk])
    assert "3" in html(client_for("marketer").get(plan))
    data = {"when": "now", "sure": "1", "version": mailing.version}
    client_for("author").post(plan, data)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY
    client_for("marketer").post(plan, data)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.SENDING and Message.objects.filter(mailing=mailing).count() == 3
