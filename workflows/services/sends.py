"""From a population to a mailing, once for each run and step; and whether it may go without a person's confirmation."""

from typing import Any

from campaigns.models import Mailing, Message
from campaigns.plans import Plan
from campaigns.services import made, mailings
from campaigns.services.errors import CampaignError
from campaigns.statuses import ACCEPTED
from smsapp.common import dates
from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _
from workflows import periods, sets
from workflows.models import Execution, PeopleSet, Run, Send
from workflows.periods import Period
from workflows.states import RunState

SENDS = "campaigns.launch_mailing"  # the right to send is not part of the right to run workflows


def make(run: Run, step: str, content: Mailing, people: PeopleSet, *, name: str, period: str | None, day: Any) -> Mailing:
    """The mailing of this run, which is being prepared from now on. `period`: of a recurring SMS; None for a single one. Raises CampaignError."""
    execution = _execution(content, periods.period_of(period, day, run.number)) if period else None
    called = f"{name} · {dates.said(day, 'SHORT_DATE_FORMAT')}" if period else name
    by = run.workflow.started_by
    mailing = made.send(content, people.pk, by, name=called, one_of_several=execution is not None)
    Send.objects.create(mailing=mailing, parent=content, execution=execution, workflow=run.workflow, run=run, step=step)
    return mailings.prepare(mailing, by)  # now that it is known where it comes from: its text may name columns of the workflow


def _execution(parent: Mailing, period: Period) -> Execution:
    found, _new = Execution.objects.get_or_create(parent=parent, key=period.key, defaults={"first": period.first, "last": period.last})
    return found


def confirm(mailing: Mailing, run: Run, content: Mailing) -> Sentence | str:
    """Send a prepared mailing whose step asks nobody; else why it waits for a person."""
    if why := _why_wait(mailing, run, content):
        return why
    try:
        mailings.confirm(mailing, run.by or run.workflow.started_by)
    except CampaignError as problem:
        return _("It waits for a person: %(why)s") % {"why": problem.message}
    return ""


def _why_wait(mailing: Mailing, run: Run, content: Mailing) -> Sentence | str:
    """Each of those who brought the text on its way must be allowed to send: who started the workflow, who began the run, who wrote the text, and who
    changed it in this very mailing."""
    for who in (run.workflow.started_by, run.by or run.workflow.started_by, made.approved_by(content), made.approved_by(mailing)):
        if who is None or not who.is_active or not who.has_perm(SENDS):
            name = str(who) if who else _("somebody who is gone")
            return _("It waits for a person: %(who)s may not send.") % {"who": name}
    return ""


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
