"""What an SMS dashboard warns of: what keeps the step from sending, or would surprise somebody."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.services import prepared
from campaigns.statuses import MailingStatus
from campaigns.wizard import checks
from campaigns.wizard.moment_checks import NOW
from smsapp.common.bidi import isolated
from smsapp.common.readable import number
from workflows.engine import start
from workflows.models import Send
from workflows.recurrence import ONCE, RuleProblem
from workflows.services import sends
from workflows.services.parents import Parent
from workflows.states import STARTABLE, WorkflowState
from workflows.steps import registry
from workflows.steps.scheduler import rule_of
from workflows.steps.sms import SINGLE


@dataclass(frozen=True, slots=True)
class Caution:
    """A sentence, and where to go with it."""

    words: Any
    url: str = ""
    link: Any = ""
    tone: str = "yellow"


def of(parent: Parent, waiting: Sequence[Send] = ()) -> list[Caution]:
    """The gravest first; of those that are `waiting` for confirmation the plan of the oldest is looked at, however many there are."""
    found = [*_workflow(parent), *_step(parent), *_sends(parent), *_plan(waiting)]
    return sorted(found, key=lambda warning: warning.tone != "red")


def _workflow(parent: Parent) -> Iterator[Caution]:
    workflow = parent.workflow
    page, link = reverse("workflows:canvas", args=[workflow.pk]), _("Open the workflow")
    if workflow.state == WorkflowState.ERROR:
        yield Caution(_("The workflow stopped at an error: %(why)s") % {"why": workflow.trouble or "–"}, page, link, "red")
    if workflow.state == WorkflowState.PAUSED:
        yield Caution(_("The workflow is paused: nothing new begins."), page, link)
    if workflow.is_changed and workflow.state not in STARTABLE:
        yield Caution(_("The drawing was changed since it was started. Restart to use the changes."), page, link)


def _step(parent: Parent) -> Iterator[Caution]:
    node, workflow = parent.node, parent.workflow
    if node is None:
        yield Caution(_("Its step was taken out of the drawing. What was sent stays here."))
        return
    page = reverse("workflows:canvas", args=[workflow.pk]) + f"?step={node.id}"
    for problem in start.problems(workflow):
        if problem.step == node.id:
            yield Caution(problem.message, page, _("Open the step"))
    if node.options.get("how", SINGLE) == SINGLE and _begins_often(parent):
        words = _("A scheduler begins this SMS several times, and each time it is a mailing of its own. A recurring SMS counts them together.")
        yield Caution(words)
    if not node.options.get("confirm", True) and (who := workflow.started_by) is not None and not who.has_perm(sends.SENDS):
        words = _("Nobody is asked before it is sent. But %(who)s, who started the workflow, may not send: its mailings wait all the same.")
        yield Caution(words % {"who": who})


def _plan(waiting: Sequence[Send]) -> Iterator[Caution]:
    """What its plan warns of whoever confirms it."""
    for send in waiting[:1]:
        found = [check for check in checks.of(send.mailing, prepared.plan_of(send.mailing), NOW) if check.tone != "green"]
        if found:
            words = ngettext("The plan of “%(name)s” has %(n)s warning: %(titles)s.", "The plan of “%(name)s” has %(n)s warnings: %(titles)s.", len(found))
            facts = {"name": isolated(send.mailing.name), "n": number(len(found)), "titles": " · ".join(check.title for check in found)}
            tone = "red" if any(check.tone == "red" for check in found) else "yellow"
            yield Caution(words % facts, reverse("campaigns:mailing", args=[send.mailing_id]), _("Look at the plan"), tone)


def _begins_often(parent: Parent) -> bool:
    graph = parent.graph
    schedulers = [graph.steps[step] for step in graph.before(parent.step) if registry.is_timed(graph.steps[step])]
    try:
        return any(node.options.get("rule") and rule_of(node).every != ONCE for node in schedulers)
    except RuleProblem:
        return False


def _sends(parent: Parent) -> Iterator[Caution]:
    details = reverse("workflows:sms_details", args=[parent.content.pk])
    if failed := parent.total.at(MailingStatus.ERROR):
        words = ngettext("%(count)s mailing could not be prepared.", "%(count)s mailings could not be prepared.", failed) % {"count": number(failed)}
        yield Caution(words, f"{details}?by=sends&status=error", _("Look at them"), "red")
    if unknown := parent.total.figures.unknown:
        words = ngettext("Nobody knows of %(count)s text whether it was sent.", "Nobody knows of %(count)s texts whether they were sent.", unknown)
        yield Caution(words % {"count": number(unknown)}, f"{reverse('workflows:sms_log', args=[parent.content.pk])}?stage=unknown", _("Look at them"))
