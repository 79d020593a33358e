"""History: what runs left behind goes after the days of their workflow, and nothing that anybody still needs."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Mailing, Message
from campaigns.pipeline.prepare import prepare
from campaigns.services import made, mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_provider, make_template
from contacts.tests.factories import make_contact, make_group
from smsapp.common.retention import Round
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.models import Arrival, PeopleBlock, PeopleSet, Returned, Run, RunLog, Send, StepRun
from workflows.services import history
from workflows.states import RunState
from workflows.tests.factories import EVERYBODY, drawn, group_step, make_workflow

pytestmark = pytest.mark.django_db
SIGNAL = ("external_signal", {"by": "api"})


@pytest.fixture
def group():
    return make_group(*[make_contact(fictional(number)) for number in range(3)])


def ran(workflow, *ages):
    """Runs of so many days ago, each whole."""
    for age in ages:
        start.run_now(workflow, "s1", None)
        run = workflow.runs.latest("number")
        advance(run.pk)
        set_back(run, age)
    return workflow


def set_back(run, days):
    at = timezone.now() - timedelta(days=days)
    Run.objects.filter(pk=run.pk).update(started_at=at)
    Run.objects.filter(pk=run.pk, finished_at__isnull=False).update(finished_at=at)
    RunLog.objects.filter(run=run).update(at=at)
    PeopleSet.objects.filter(id__in=Arrival.objects.filter(run=run).values("people")).update(made_at=at)


def listening(group, **facts):
    """A workflow whose runs begin at a press."""
    graph = drawn({"s1": SIGNAL, "s2": group_step(group), "s3": ("segmentation", {"segments": [{"name": "part1", "label": "All"}]}), "s4": ("end", {})},
                  "s1 s2", "s2 s3", "s3.part1 s4")  # fmt: skip
    return start.start(make_workflow(graph, **facts), None)


def purge(**how):
    this = Round(**how)
    history.purge(timezone.now(), this)
    return dict(this.rows)


def numbers(workflow):
    return sorted(workflow.runs.values_list("number", flat=True))


def test_runs_go_after_the_days_of_their_own_workflow_with_their_people_and_log(group):
    month, week = ran(listening(group), 40, 31, 29, 8, 0), ran(listening(group, history_days=7), 40, 8, 6, 0)
    before = Run.objects.count(), PeopleBlock.objects.count()
    assert purge(dry_run=True)["runs"] == 4 and (Run.objects.count(), PeopleBlock.objects.count()) == before
    assert purge()["runs"] == 4
    assert numbers(month) == [3, 4, 5] and numbers(week) == [3, 4]
    assert set(StepRun.objects.values_list("run", flat=True)) == set(Run.objects.values_list("pk", flat=True))
    assert not RunLog.objects.filter(at__lt=timezone.now() - timedelta(days=30)).exists()
    assert PeopleSet.objects.filter(made_at__lt=timezone.now() - timedelta(days=30)).count() == 0
    assert not any(purge().values())


def test_the_last_run_keeps_its_counts_and_not_its_people(group, client_for):
    workflow = ran(listening(group), 50, 40)
    purge()
    run = workflow.runs.get()
    assert run.number == 2 and run.purged and run.arrivals.get(step="s2").size == 3
    ran(workflow, 0)
    assert numbers(workflow) == [2, 3]
    page = client_for("marketer").get(reverse("workflows:run", args=[workflow.pk, 2]))
    assert page.status_code == 200
    people = client_for("marketer").get(reverse("workflows:people", args=[workflow.pk, 2, run.arrivals.get(step="s2").pk]))
    assert "no longer kept" in people.content.decode()


def test_a_run_that_goes_on_stays_whole_however_old(group):
    graph = drawn({"s1": group_step(group), "s2": ("wait", {"amount": 90, "unit": "days"}), "s3": ("end", {})}, "s1 s2", "s2 s3")
    workflow = start.start(make_workflow(graph), None)
    run = workflow.runs.get()
    advance(run.pk)
    set_back(run, 60)
    purge()
    assert run.state == RunState.RUNNING and RunLog.objects.filter(run=run).exists()
    start.run_now(workflow, "s2", None)
    advance(run.pk)
    assert run.arrivals.get(step="s2").people.blocks.count() > 0


def test_nobody_whom_an_incremental_query_returned_is_forgotten(group):
    graph = drawn({"s1": SIGNAL, "s2": ("incremental_query", {"rules": EVERYBODY}), "s3": ("end", {})}, "s1 s2", "s2 s3")
    workflow = ran(start.start(make_workflow(graph), None), 90, 60)
    purge()
    assert Returned.objects.filter(workflow=workflow).count() == 3
    ran(workflow, 0)
    assert workflow.runs.latest("number").arrivals.get(step="s2").live is False


@pytest.mark.django_db(transaction=True)
def test_mailings_are_not_touched_and_one_that_waits_keeps_its_people(group, user_for):
    make_provider()
    marketer = user_for("marketer")
    content = made.keep_content("Birthday", marketer, template=make_template("Hello"))
    sms = ("sms", {"content": content.pk, "how": "single", "afterwards": "none", "confirm": True})
    workflow = start.start(make_workflow(drawn({"s1": SIGNAL, "s2": group_step(group), "s3": sms}, "s1 s2", "s2 s3"), marketer), marketer)
    start.run_now(workflow, "s1", marketer)
    run = workflow.runs.get()
    advance(run.pk)
    mailing = Send.objects.get().mailing
    prepare(mailing.pk)
    Run.objects.filter(pk=run.pk).update(state=RunState.STOPPED, finished_at=timezone.now())
    set_back(run, 60)
    ran(workflow, 0)
    purge()
    assert numbers(workflow) == [1, 2]
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY and Message.objects.filter(mailing=mailing).count() == 3
    mailings.prepare(mailing, marketer)  # somebody wrote another text
    prepare(mailing.pk)
    assert Message.objects.filter(mailing=mailing).count() == 3
    Mailing.objects.filter(pk=mailing.pk).update(status=MailingStatus.FINISHED)
    purge()
    assert numbers(workflow) == [2] and Send.objects.get(mailing=mailing).run is None
    assert not PeopleSet.objects.filter(pk=mailing.population).exists() and Message.objects.filter(mailing=mailing).count() == 3


def test_a_purge_that_is_broken_off_goes_on_with_the_next(group, monkeypatch):
    monkeypatch.setattr(history, "RUNS", 1)
    workflow = ran(listening(group), 40, 39, 38, 0)
    rounds = iter([False, False, True])
    monkeypatch.setattr(Round, "is_over", property(lambda self: next(rounds, True)))
    purge()
    monkeypatch.undo()
    assert numbers(workflow) != [4]
    purge()
    assert numbers(workflow) == [4]


def test_the_command_removes_history_too(group, capsys):
    ran(listening(group), 40, 0)
    call_command("purge")
    assert "History of workflows" in capsys.readouterr().out
    assert Run.objects.count() == 1


def test_who_may_change_a_workflow_says_how_long(group, client_for):
    workflow = listening(group)
    address = reverse("workflows:edit", args=[workflow.pk])
    data = {"label": "Birthday", "description": "For members", "time_zone": "Europe/Paris", "history_days": "7", "error_limit": "3"}
    assert client_for("viewer").post(address, data).status_code == 403
    assert client_for("author").post(address, {**data, "history_days": "0"}).status_code == 200
    page = client_for("author").post(address, data, follow=True).content.decode()
    workflow.refresh_from_db()
    assert workflow.history_days == 7 and "For members" in page
