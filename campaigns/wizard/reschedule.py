"""Another time for a scheduled mailing, and another limit after which it is given up, also while it is sent. What would be lost or wait is asked first."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.forms.schedule import LimitForm, TimeForm, zone
from campaigns.models import Mailing
from campaigns.plans import Plan
from campaigns.services import schedules, standing
from campaigns.services.errors import CampaignError
from campaigns.views.actions import ACTIONS
from campaigns.wizard import moment_checks
from campaigns.wizard.check import Check
from campaigns.wizard.moment_checks import Start
from campaigns.wizard.moments import zone_name
from campaigns.wizard.views import draft
from smsapp.common.bidi import isolated


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.launch_mailing", raise_exception=True)
def reschedule(request: HttpRequest, pk: int) -> HttpResponse:
    """GET asks for the time, POST keeps it."""
    mailing = draft(pk)
    if not ACTIONS["reschedule"].fits(mailing):
        messages.error(request, standing.told(mailing))
        return redirect("campaigns:mailing", mailing.pk)
    planned = timezone.localtime(mailing.scheduled_at)
    facts = {"day": planned.date(), "hour": planned.time(), "recount": mailing.recount, "give_up_after": mailing.give_up_after}
    form = TimeForm(request.POST if request.method == "POST" else None, initial=facts)
    checks: Sequence[Check] = ()
    if form.is_valid():
        checks = () if "sure" in request.POST else _checks(mailing, form)
        if not checks and (answer := _change(request, mailing, form)):
            return answer
    return render(request, "campaigns/reschedule.html", {"mailing": mailing, "form": form, "zone": zone_name(zone()), "checks": checks})


def _checks(mailing: Mailing, form: TimeForm) -> Sequence[Check]:
    plan, data = Plan.read(mailing.planned), form.cleaned_data
    return moment_checks.of_hours(mailing, plan, Start(data["moment"].at, data["recount"], data["give_up_after"])) if plan else ()


def _change(request: HttpRequest, mailing: Mailing, form: TimeForm) -> HttpResponse | None:
    """Back to the mailing once it is kept; None when the form says what is wrong."""
    data = form.cleaned_data
    try:
        schedules.change(mailing, request.user, data["moment"].at, recount=data["recount"], give_up_after=data["give_up_after"])
    except CampaignError as error:
        form.add_error(None, error.message)
        return None
    messages.success(request, " ".join(filter(None, [_("“%(name)s” is scheduled.") % {"name": isolated(mailing.name)}, data["moment"].note])))
    return redirect("campaigns:mailing", mailing.pk)


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.launch_mailing", raise_exception=True)
def give_up(request: HttpRequest, pk: int) -> HttpResponse:
    """The limit alone, of a mailing that is sent or paused: GET asks for it, POST keeps it."""
    mailing = draft(pk)
    if not ACTIONS["give-up"].fits(mailing):
        messages.error(request, standing.told(mailing))
        return redirect("campaigns:mailing", mailing.pk)
    form = LimitForm(request.POST if request.method == "POST" else None, initial={"give_up_after": mailing.give_up_after})
    checks: Sequence[Check] = ()
    if form.is_valid():
        limit = form.cleaned_data["give_up_after"]
        checks = () if "sure" in request.POST else _lost(mailing, limit)
        if not checks and (answer := _change_limit(request, mailing, form)):
            return answer
    return render(request, "campaigns/give_up.html", {"mailing": mailing, "form": form, "checks": checks})


def _lost(mailing: Mailing, limit: int | None) -> Sequence[Check]:
    """What would not leave in time; a time that is over already is refused instead."""
    ends = schedules.limit_of(mailing, limit)
    return moment_checks.of_limit(mailing, ends) if ends and ends > timezone.now() else ()


def _change_limit(request: HttpRequest, mailing: Mailing, form: LimitForm) -> HttpResponse | None:
    try:
        schedules.change_limit(mailing, request.user, form.cleaned_data["give_up_after"])
    except CampaignError as error:
        form.add_error(None, error.message)
        return None
    messages.success(request, _("The limit of “%(name)s” is changed.") % {"name": isolated(mailing.name)})
    return redirect("campaigns:mailing", mailing.pk)
