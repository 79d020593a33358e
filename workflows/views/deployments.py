"""Deployment details: every execution and every send of an SMS step, and those of one period."""

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from campaigns import wording as campaign_wording
from campaigns.services.sums import Total
from smsapp.common import listing
from workflows.models import Execution
from workflows.views.sent import RIGHTS, are_rounded, head, parent_of, rows_of_executions, rows_of_sends, stages
from workflows.wording import span

PERIODS, SENDS = "periods", "sends"


@require_safe
@permission_required(RIGHTS, raise_exception=True)
def details(request: HttpRequest, content: int) -> HttpResponse:
    """By periods, or send by send, newest first."""
    parent = parent_of(content)
    by = request.GET.get("by") if request.GET.get("by") in (PERIODS, SENDS) else PERIODS
    by = by if parent.is_recurring else SENDS
    status = request.GET.get("status", "") if request.GET.get("status") in campaign_wording.MAILINGS else ""
    if by == PERIODS:
        page = listing.paginate(parent.executions, request, order=("-first", "-id"), size=24, label=span)
        rows = rows_of_executions(parent, page.items)
    else:
        sends = parent.sends.filter(**({"mailing__status": status} if status else {})).select_related("mailing", "execution", "run")
        page = listing.paginate(sends, request, order=("-id",), label=lambda send: send.mailing.name)
        rows = rows_of_sends(page.items)
    context = head(parent, "details") | {"page": page, "rows": rows, "by": by, "status": campaign_wording.MAILINGS.get(status), "total": parent.total}
    context |= {"stages": stages(parent.total, context["log"]), "rounded": are_rounded(rows)}
    return render(request, "workflows/sms_details.html", context)


@require_safe
@permission_required(RIGHTS, raise_exception=True)
def period(request: HttpRequest, content: int, execution: int) -> HttpResponse:
    """A recurring execution: what its sends came to, and each of them."""
    parent = parent_of(content)
    found = get_object_or_404(Execution, pk=execution, parent=parent.content)
    total = parent.periods.get(found.pk) or Total()
    page = listing.paginate(found.sends.select_related("mailing", "execution", "run"), request, order=("-id",), label=lambda send: send.mailing.name)
    log = f"{reverse('workflows:sms_log', args=[content])}?period={found.pk}"
    near = {
        "earlier": parent.executions.filter(first__lt=found.first).order_by("-first", "-pk").first(),
        "later": parent.executions.filter(first__gt=found.first).order_by("first", "pk").first(),
    }
    rows = rows_of_sends(page.items)
    context = {"execution": found, "span": span(found), "page": page, "rows": rows, "rounded": are_rounded(rows), "total": total, "stages": stages(total, log)}
    context |= {name: (one, span(one)) for name, one in near.items() if one}
    return render(request, "workflows/sms_period.html", head(parent, "details") | context | {"period_log": log})
