"""The SMS dashboard: the page of an SMS step and of the mailing that holds its text, with all that was sent of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from campaigns import wording as campaign_wording
from campaigns.models import Mailing
from campaigns.services import quiet_hours
from campaigns.services.sums import Total
from campaigns.statuses import MailingStatus
from campaigns.texts import Texts
from campaigns.views.templates import said
from campaigns.wizard.send import who_may
from campaigns.wording import State
from smsapp.common import amounts
from workflows import periods, rows, wording
from workflows.activities.kinds import LOOKS, Kind
from workflows.models import Execution, Send, StepRun, Workflow
from workflows.models.recurring import stand_of
from workflows.services import parents, sends
from workflows.services.parents import Parent
from workflows.states import WorkflowState
from workflows.steps.sms import content_of
from workflows.views import sms_warnings
from workflows.views.sms_schedule import schedule_of

SHOWN = 12  # executions or sends on the dashboard
MOVING = (MailingStatus.PREPARING, MailingStatus.SENDING)
RIGHTS = ("workflows.view_workflow", "campaigns.view_mailing")


@dataclass
class Row:
    """A send, or all of a period, with what it came to."""

    total: Total
    send: Send | None = None
    execution: Execution | None = None
    state: Any = None
    words: str = ""

    @property
    def query(self) -> str:
        """Its id, as addresses have it."""
        return str(self.execution.pk if self.execution else self.send.mailing_id if self.send else "")

    @property
    def is_rounded(self) -> bool:
        """Whether people see less of its costs than there is."""
        return any(amount != amounts.rounded(amount, amounts.digits(currency)) for currency, amount in self.total.costs.items())

    @property
    def why_waits(self) -> Any:
        """Why a send about which nobody is asked waits for a person."""
        return sends.why_waits(self.send) if self.send else ""

    @property
    def waiting(self) -> int:
        """Mailings that somebody must confirm."""
        return self.total.at(MailingStatus.READY)


def parent_of(content_id: int) -> Parent:
    """Or a page that says there is none."""
    found = parents.find(content_id)
    if found is None:
        raise Http404
    return found


def rows_of_sends(sends: Sequence[Send], totals: Mapping[int, Total] | None = None) -> list[Row]:
    """Four queries for all, where nobody has their totals yet."""
    known = parents.by_mailing(send.mailing_id for send in sends) if totals is None else totals
    return [_row_of(send, known[send.mailing_id]) for send in sends]


def are_rounded(found: Sequence[Row]) -> bool:
    """Whether the costs of single sends, each rounded by itself, may add up to some cents more or less than that of all."""
    return any(row.is_rounded for row in found)


def _row_of(send: Send, total: Total) -> Row:
    state = campaign_wording.of_mailing(send.mailing.status, total.figures.open)
    return Row(total, send, state=state, words=wording.span(send.execution) if send.execution else "")


def rows_of_executions(parent: Parent, executions: Sequence[Execution]) -> list[Row]:
    """No query where the totals of the parent are known."""
    return [_row_of_period(parent, execution) for execution in executions]


def _row_of_period(parent: Parent, execution: Execution) -> Row:
    total = parent.periods.get(execution.pk) or Total()
    goes_on = execution.last >= timezone.localdate() and parent.workflow.state == WorkflowState.RUNNING
    state = LOOKS[Kind.EXECUTION][stand_of(total.mailings, goes_on=goes_on)]
    return Row(total, execution=execution, state=state, words=wording.span(execution))


def counted(total: Total, one: Mailing | None = None) -> list[tuple[State, int]]:
    """What became of all texts; of a single mailing in the words of its own page."""
    now = timezone.now()
    states = [campaign_wording.of_message(code, one.finished_at, now) if one else state for code, state in campaign_wording.OF_SEVERAL.items()]
    return [(state, count) for state in states if (count := getattr(total.figures, state.code))]


def stages(total: Total, log: str, one: Mailing | None = None) -> list[tuple[Any, int, str, str]]:
    """The same for the ribbon, each with its part of the log."""
    joint = "&" if "?" in log else "?"
    return [(state.label, count, state.fill, f"{log}{joint}stage={state.code}") for state, count in counted(total, one)]


def head(parent: Parent, here: str) -> dict[str, Any]:
    """What each page of an SMS step begins with."""
    look = wording.WORKFLOWS[parent.workflow.stands]
    return {"parent": parent, "workflow": parent.workflow, "workflow_look": look, "here": here, "log": reverse("workflows:sms_log", args=[parent.content.pk])}


@require_safe
@permission_required("workflows.view_workflow", raise_exception=True)
def of_step(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """The dashboard, by the step; one that was never saved is opened on the canvas."""
    workflow = get_object_or_404(Workflow, pk=pk)
    node = workflow.drawing.steps.get(step)
    content = content_of(node) if node else None
    if content is None and (last := Send.objects.filter(workflow=workflow, step=step).select_related("parent").order_by("pk").last()):
        content = last.parent
    if content is None:
        return redirect(reverse("workflows:canvas", args=[pk]) + f"?step={step}")
    return redirect("workflows:parent", content.pk)


@require_safe
@permission_required(RIGHTS, raise_exception=True)
def dashboard(request: HttpRequest, content: int) -> HttpResponse:
    """Summary, audience, content, schedule, deployment, warnings."""
    parent = parent_of(content)
    executions = list(parent.executions.order_by("-first", "-pk")[: SHOWN + 1]) if parent.is_recurring else []
    newest = list(_newest(parent)[: 1 if executions else SHOWN + 1])
    waiting = list(parent.waiting()[:SHOWN]) if parent.total.at(MailingStatus.READY) else []
    totals = parents.by_mailing(send.mailing_id for send in (*newest, *waiting))
    with rows.together(parent.graph):
        warnings, schedule = sms_warnings.of(parent, waiting), schedule_of(parent)
    shown = rows_of_executions(parent, executions[:SHOWN]) if executions else rows_of_sends(newest[:SHOWN], totals)
    context = head(parent, "dashboard") | deployment_of(parent, newest, totals) | schedule | {
        "rows": shown,
        "more": len(executions or newest) > SHOWN,
        "rounded": are_rounded(shown),
        "waiting": rows_of_sends(waiting, totals),
        "who_may": "" if request.user.has_perm("campaigns.launch_mailing") else who_may(),
        "warnings": warnings,
        "period": periods.LABELS.get(parent.node.options.get("period", "")) if parent.node and parent.is_recurring else "",
        "said": said(Texts.of(parent.content)) if parent.content.text else [],
        "came": StepRun.objects.filter(run__workflow=parent.workflow, step=parent.step, came_in__isnull=False).select_related("run").order_by("pk").last(),
    }  # fmt: skip
    return render(request, "workflows/sms.html", context)


def _newest(parent: Parent) -> Any:
    return parent.sends.select_related("mailing", "execution", "run").order_by("-pk")


def deployment_of(parent: Parent, newest: Sequence[Send], totals: Mapping[int, Total] | None = None) -> dict[str, Any]:
    """The newest send as it stands, and the totals over all."""
    row = next(iter(rows_of_sends(newest[:1], totals)), None)
    log = reverse("workflows:sms_log", args=[parent.content.pk])
    return {
        "last": row,
        "waits_until": _waits_until(row),
        "last_stages": stages(row.total, f"{log}?send={row.query}", row.send.mailing) if row and row.send else [],
        "total": parent.total,
        "stages": stages(parent.total, log),
        "poll": _poll(parent),
        "was": f"{row.query}-{row.state.code}" if row else "",
    }


def _waits_until(row: Row | None) -> datetime | None:
    """Until when quiet hours hold back a send as a whole."""
    if row is None or row.send is None or row.send.mailing.status != MailingStatus.SENDING:
        return None
    return quiet_hours.next_openings([row.send.mailing_id]).get(row.send.mailing_id)


def _poll(parent: Parent) -> str:
    """How often the page asks again; empty when nothing moves by itself."""
    if any(parent.total.at(status) for status in MOVING):
        return "2s"
    return "20s" if parent.workflow.state == WorkflowState.RUNNING else ""


@require_safe
@permission_required(RIGHTS, raise_exception=True)
def progress(request: HttpRequest, content: int) -> HttpResponse:
    """The moving part alone; once another send is the newest, or it stands elsewhere, the page loads anew."""
    parent = parent_of(content)
    context = deployment_of(parent, list(_newest(parent)[:1])) | {"parent": parent, "log": reverse("workflows:sms_log", args=[content])}
    response = render(request, "workflows/_deployment.html", context)
    if request.GET.get("was", context["was"]) != context["was"]:
        response["HX-Refresh"] = "true"
    return response
