"""From a population to a mailing, once for each run and step; and whether it may go without a person's confirmation."""

from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext, gettext_lazy

from campaigns.models import Mailing, Message
from campaigns.plans import Plan
from campaigns.services import made, mailings, quiet_hours
from campaigns.services.errors import CampaignError
from campaigns.statuses import ACCEPTED, DRAFTS, MailingStatus
from smsapp.common import dates
from smsapp.common.bidi import isolated
from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _
from workflows import periods, sets
from workflows.errors import WorkflowError
from workflows.models import Execution, PeopleSet, Run, Send, Workflow
from workflows.periods import Period
from workflows.states import RunState

LONGEST_NAME = 120
SENDS = "campaigns.launch_mailing"  # the right to send is not part of the right to run workflows
MAY_NOT = gettext_lazy("You may build and run workflows, but not send. Leave the confirmation on: somebody who may send confirms.")


def make(run: Run, step: str, content: Mailing, people: PeopleSet, *, name: str, period: str | None, day: Any, asks: bool) -> Mailing:
    """The mailing of this run, which is being prepared from now on. `period`: of a recurring SMS; None for a single one. `asks`: it waits for a person.

    Raises CampaignError.
    """
    execution = _execution(content, periods.period_of(period, day, run.number)) if period else None
    by = run.workflow.started_by
    called = _name_of_day(content, name, day, run) if period else name
    mailing = made.send(content, people.pk, by, name=called, one_of_several=execution is not None)
    Send.objects.create(mailing=mailing, parent=content, execution=execution, workflow=run.workflow, run=run, step=step, confirm=asks)
    return mailings.prepare(mailing, by)  # now that it is known where it comes from: its text may name columns of the workflow


def _name_of_day(parent: Mailing, name: str, day: Any, run: Run) -> str:
    """ "Birthday · 30 Nov 2026"; all but the first of a day have their run in it too."""
    that_day = f" · {dates.said(day, 'SHORT_DATE_FORMAT')}"
    called = _cut(name, that_day)
    if not Send.objects.filter(parent=parent, mailing__name=called).exists():
        return called
    return _cut(name, f"{that_day} · {_('run %(number)s') % {'number': run.number}}")


def _cut(name: str, behind: str) -> str:
    """A long label makes way for what tells its sends apart."""
    return name[: LONGEST_NAME - len(behind)] + behind


def _execution(parent: Mailing, period: Period) -> Execution:
    found, _new = Execution.objects.get_or_create(parent=parent, key=period.key, defaults={"first": period.first, "last": period.last})
    return found


def confirm(mailing: Mailing, run: Run) -> Sentence | str:
    """Send a prepared mailing for which nobody is asked; else why it waits for a person. One that is to be confirmed waits without a word."""
    send = Send.objects.select_related("parent", "confirm_set_by").filter(mailing=mailing).first()
    if send is None or send.confirm:
        return ""
    if why := _why_wait(mailing, run, send):
        return why
    try:
        mailings.confirm(mailing, run.by or run.workflow.started_by)
    except CampaignError as problem:
        return _("It waits for a person: %(why)s") % {"why": problem.message}
    return ""


def why_waits(send: Send) -> Sentence | str:
    """Why a mailing about which nobody is asked waits for a person all the same, and what sends it; empty for one that goes by itself."""
    if send.confirm or send.run is None or send.mailing.status not in DRAFTS:
        return ""
    why = _why_wait(send.mailing, send.run, send)
    return why + _("It is sent once somebody who may send confirms it.") if isinstance(why, Sentence) else ""


def _why_wait(mailing: Mailing, run: Run, send: Send) -> Sentence | str:
    """Each of those who brought the text on its way must be allowed to send: who wrote it too, who changed it in this very mailing, and who said that
    nobody is to be asked about it."""
    hands = [
        *_hands(run),
        (made.approved_by(send.parent), _("It waits for a person: %(who)s, who wrote the text, may not send.")),
        (made.approved_by(mailing), _("It waits for a person: %(who)s, who changed the text of this mailing, may not send.")),
        (send.confirm_set_by or run.workflow.started_by, _("It waits for a person: %(who)s, who switched confirmation off, may not send.")),
    ]
    for who, words in hands:
        if not _may_send(who):
            return words % {"who": str(who) if who else _("somebody who is gone")}
    return ""


def _hands(run: Run) -> list[tuple[Any, Sentence]]:
    """Who brought a run to where it is, each with what to say when they may not send: who started the workflow, let it go on, began the run, and hurried
    its steps. None is somebody who is gone."""
    workflow, hurried = run.workflow, _("It waits for a person: %(who)s, who told a step to go on at once, may not send.")
    return [
        (workflow.started_by, _("It waits for a person: %(who)s, who started the workflow, may not send.")),
        (workflow.resumed_by, _("It waits for a person: %(who)s, who let the workflow go on, may not send.")),
        (run.by or workflow.started_by, _("It waits for a person: %(who)s, who began the run, may not send.")),
        *((step.hurried_by, hurried) for step in run.steps.filter(hurried=True).select_related("hurried_by")),
    ]


def _may_send(who: Any) -> bool:
    return who is not None and who.is_active and who.has_perm(SENDS)


def who_answers(run: Run) -> Any:
    """For what follows from a run: of those who had a hand in it one who may not send, so that what follows is not sent either."""
    return next((who for who, _words in _hands(run) if who and not _may_send(who)), run.by or run.workflow.started_by)


@transaction.atomic
def ask_or_not(send: Send, by: Any, *, asks: bool) -> None:
    """Whether a person confirms this mailing. Raises WorkflowError for whoever may not send and would have it sent unasked."""
    if not asks and not by.has_perm(SENDS):
        raise WorkflowError("may_not_send", MAY_NOT)
    row = Send.objects.select_for_update(of=("self",)).select_related("mailing").get(pk=send.pk)
    if row.mailing.status not in DRAFTS:
        raise WorkflowError("confirmed", gettext("This mailing was confirmed already, or is over."))
    row.confirm, row.confirm_set_by = asks, by
    row.save(update_fields=["confirm", "confirm_set_by"])


def hold(workflow: Workflow) -> None:
    """What runs have made and nobody has confirmed, before the workflow itself is held: workers take them in this order."""
    list(_unconfirmed(workflow).order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True))


def _unconfirmed(workflow: Workflow) -> QuerySet[Mailing]:
    return _of_open_runs(workflow).filter(status__in=DRAFTS, confirmed_at=None)


def _of_open_runs(workflow: Workflow) -> QuerySet[Mailing]:
    return Mailing.objects.filter(made_by__workflow=workflow, made_by__run__state=RunState.RUNNING)


def unconfirmed(workflow: Workflow) -> int:
    """How many mailings a stop would call off."""
    return _unconfirmed(workflow).count()


def going_on(workflow: Workflow) -> int:
    """How many a stop leaves alone: somebody has confirmed them."""
    return _of_open_runs(workflow).exclude(confirmed_at=None).exclude(status__in=[MailingStatus.FINISHED, MailingStatus.CANCELLED]).count()


def holding(run: Run) -> Mailing | None:
    """The mailing for which a run goes on."""
    return Mailing.objects.filter(made_by__run=run).exclude(status__in=[MailingStatus.FINISHED, MailingStatus.CANCELLED]).order_by("pk").first()


def goes_on(run: Run, mailing: Mailing | None) -> Sentence:
    """That a run is not over, and why, as far as the mailing tells that it is `holding`."""
    if mailing is None:
        return _("Run %(number)s still goes on.") % {"number": run.number}
    facts = {"number": run.number, "mailing": isolated(mailing.name)}
    if mailing.status == MailingStatus.READY:
        return _("Run %(number)s still goes on: its mailing “%(mailing)s” waits for confirmation.") % facts
    if mailing.status == MailingStatus.SENDING and (opens := quiet_hours.next_openings([mailing.pk]).get(mailing.pk)):
        return _("Run %(number)s still goes on: its mailing “%(mailing)s” waits until %(time)s, for quiet hours.") % {**facts, "time": opens}
    return _("Run %(number)s still goes on: its mailing “%(mailing)s” is not sent yet.") % facts


def call_off(workflow: Workflow, by: Any) -> int:
    """Cancel what nobody has confirmed: a stopped run must not text anybody later, nor twice those whom the next one texts. How many."""
    rows = list(_unconfirmed(workflow).order_by("pk"))
    for mailing in rows:
        made.call_off(mailing, by, _("The workflow was stopped."))
    return len(rows)


def has_nobody(mailing: Mailing) -> bool:
    """A plan without recipients: nothing is to be sent or confirmed."""
    plan = Plan.read(mailing.plan)
    return plan is not None and not plan.recipients


def texted(mailing: Mailing) -> PeopleSet:
    """Those whose text a gateway accepted, or may have."""
    rows = Message.objects.filter(mailing=mailing, status__in=ACCEPTED).order_by().values("contact_id").distinct()
    return sets.save(*rows.query.sql_with_params())


def open_sends(mailing_id: int) -> list[tuple[int, str]]:
    """(run, step) that wait for a mailing."""
    return list(Send.objects.filter(mailing=mailing_id, run__state=RunState.RUNNING).values_list("run_id", "step"))
