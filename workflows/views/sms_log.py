"""The log of an SMS step: the texts of all its sends, of a period or of one, who was left out and why, and what did not arrive, by cause."""

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.http import urlencode
from django.views.decorators.http import require_safe

from campaigns import logs
from campaigns import wording as campaign_wording
from campaigns.models import Mailing
from campaigns.services import sums
from campaigns.services.sums import Total
from campaigns.views.people import between_people, decorate_messages
from campaigns.wizard.picker import id_in
from contacts.models import Contact
from smsapp.common import listing, phone
from workflows import cause_files
from workflows.models import Execution, Send
from workflows.services.parents import Parent
from workflows.views.sent import RIGHTS, counted, head, parent_of
from workflows.wording import span

CAUSES = "causes"
PARTS = (logs.TEXTS, logs.LEFT_OUT, CAUSES)


@dataclass(frozen=True)
class Scope:
    """Which sends: all, those of a period, or one. `query` keeps it in addresses."""

    mailings: QuerySet[Mailing]
    words: str
    query: str
    one: Send | None = None
    execution: Execution | None = None

    @classmethod
    def read(cls, request: HttpRequest, parent: Parent) -> "Scope":
        """From an address; one that names what is not there is wrong."""
        if name := request.GET.get("send"):
            send = get_object_or_404(parent.sends.select_related("mailing"), mailing=id_in(name) or 0)
            return cls(Mailing.objects.filter(pk=send.mailing_id), send.mailing.name, urlencode({"send": send.mailing_id}), one=send)
        if name := request.GET.get("period"):
            execution = get_object_or_404(parent.executions, pk=id_in(name) or 0)
            return cls(Mailing.objects.filter(made_by__execution=execution), span(execution), urlencode({"period": execution.pk}), execution=execution)
        return cls(parent.mailings, "", "")


@require_safe
@permission_required(RIGHTS, raise_exception=True)
def log(request: HttpRequest, content: int) -> HttpResponse:
    """One part of it: texts, people left out, or causes."""
    parent = parent_of(content)
    scope, part = Scope.read(request, parent), request.GET.get("part", logs.TEXTS)
    stage, reason = request.GET.get("stage", ""), request.GET.get("reason", "")
    if part not in PARTS or stage not in logs.STAGES or (reason and campaign_wording.reason(reason) == reason):
        raise Http404
    total = sums.of_all(scope.mailings)
    context = head(parent, "log") | {"scope": scope, "part": part, "stage": stage, "reason": reason, "total": total}
    context["reason_label"] = campaign_wording.reason(reason, stage) if reason else ""
    narrowed = {"part": part, "stage": stage, "reason": reason} if stage or reason or part == logs.LEFT_OUT else {}
    context["export"] = _causes_of(scope, content) if part == CAUSES else _export(scope, content, narrowed)
    context |= _PARTS[part](request, scope, total, stage, reason)
    return render(request, "workflows/sms_log.html", context)


def _export(scope: Scope, content: int, narrowed: dict[str, str]) -> str:
    """What the page of exports is asked for: this log, whole unless it is narrowed."""
    if scope.one:
        which = {"source": "mailing_log", "mailing": scope.one.mailing_id}
    else:
        which = {"source": "sms_log", "parent": content} | ({"period": scope.execution.pk} if scope.execution else {})
    return urlencode(which | {name: value for name, value in narrowed.items() if value})


def _causes_of(scope: Scope, content: int) -> str:
    return f"{urlencode({'source': 'sms_causes', 'parent': content})}&{scope.query}".rstrip("&")


def _ids(scope: Scope) -> list[int]:
    return list(scope.mailings.order_by().values_list("pk", flat=True))


def _texts(request: HttpRequest, scope: Scope, total: Total, stage: str, reason: str) -> dict[str, Any]:
    chosen = logs.texts(_ids(scope), stage, reason).select_related("mailing")
    page = listing.paginate(chosen, request, order=("-mailing_id", "-contact_id", "-id"), label=lambda message: phone.display(message.number))
    decorate_messages(page.items)
    if scope.one is None:
        for message in page:
            message.state = campaign_wording.OF_SEVERAL[message.stage]
    return {"page": page, "chips": counted(total, scope.one.mailing if scope.one else None)}


def _left_out(request: HttpRequest, scope: Scope, total: Total, stage: str, reason: str) -> dict[str, Any]:
    rows = logs.left_out(_ids(scope), reason).select_related("mailing")
    page = listing.paginate(rows, request, order=("-mailing_id", "-reason", "-contact_id", "-id"))
    people = Contact.objects.in_bulk([row.contact_id for row in page])
    for row in page:
        row.person, row.why = people.get(row.contact_id), campaign_wording.reason(row.reason)
    return {"page": between_people(page), "reasons": [(code, campaign_wording.reason(code), count) for code, count in total.figures.excluded.items()]}


def _causes(request: HttpRequest, scope: Scope, total: Total, stage: str, reason: str) -> dict[str, Any]:
    found = cause_files.of(scope.mailings, total.figures)
    return {"too_many": found is None, "causes": [(cause, urlencode({"stage": cause.state.code, "reason": cause.reason})) for cause in found or []]}


_PARTS = {logs.TEXTS: _texts, logs.LEFT_OUT: _left_out, CAUSES: _causes}
