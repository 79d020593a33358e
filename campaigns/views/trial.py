"""Send test: one text to one number through one provider, apart from all histories and reports."""

import uuid

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.forms.keys import renew_key
from campaigns.forms.trial import TrialForm
from campaigns.services import test_send
from campaigns.services.errors import CampaignError
from providers.models import Provider


@require_http_methods(["GET", "POST"])
@permission_required("providers.change_provider", raise_exception=True)
def trial(request: HttpRequest, provider_id: int) -> HttpResponse:
    """The form, and the queueing of the test."""
    provider = get_object_or_404(Provider, pk=provider_id)
    initial = {"key": uuid.uuid4(), "number": getattr(request.user, "mobile", ""), "text": _("Test of %(provider)s") % {"provider": provider.name}}
    form = TrialForm(request.POST or None, initial=initial, provider=provider)
    if form.is_valid():
        data = form.cleaned_data
        try:
            test_send.send(provider, data["number"], data["text"], request.user, key=str(data["key"]))
            return redirect("campaigns:sent", data["key"])
        except CampaignError as error:
            if error.code == "already_sent":
                renew_key(form)
            form.add_error(None, error.message)
    return render(request, "campaigns/trial.html", {"form": form, "provider": provider})
