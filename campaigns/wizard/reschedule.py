"""Another time for a scheduled mailing."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.forms.schedule import TimeForm, zone
from campaigns.models import Mailing
from campaigns.services import schedules, standing
from campaigns.services.errors import CampaignError
from campaigns.views.actions import ACTIONS
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
    if request.method == "POST" and (answer := _change(request, mailing, form := TimeForm(request.POST))):
        return answer
    if request.method == "GET":
        planned = timezone.localtime(mailing.scheduled_at)
        form = TimeForm(initial={"day": planned.date(), "hour": planned.time(), "recount": mailing.recount})
    return render(request, "campaigns/reschedule.html", {"mailing": mailing, "form": form, "zone": zone_name(zone())})


def _change(request: HttpRequest, mailing: Mailing, form: TimeForm) -> HttpResponse | None:
    """Back to the mailing once it is kept; None when the form says what is wrong."""
    if not form.is_valid():
        return None
    moment = form.cleaned_data["moment"]
    try:
        schedules.change(mailing, request.user, moment.at, recount=form.cleaned_data["recount"])
    except CampaignError as error:
        form.add_error(None, error.message)
        return None
    messages.success(request, " ".join(filter(None, [_("“%(name)s” is scheduled.") % {"name": isolated(mailing.name)}, moment.note])))
    return redirect("campaigns:mailing", mailing.pk)
