"""Filing: a mailing under another campaign, and several mailings at once under this one."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns import wording
from campaigns.forms.campaign import FilingForm
from campaigns.models import Campaign, Mailing
from campaigns.services import filing
from campaigns.services.errors import CampaignError
from campaigns.statuses import DRAFTS, MailingStatus
from campaigns.wizard.picker import ids
from contacts.models.folding import named
from smsapp.common import listing
from smsapp.common.bidi import isolated
from smsapp.common.readable import number


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_mailing", raise_exception=True)
def of_mailing(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the campaign of one mailing, in whatever state it is."""
    mailing = get_object_or_404(Mailing.objects.select_related("campaign"), pk=pk)
    back = _back(request, mailing)
    if words := filing.why_kept(mailing):
        messages.error(request, words)
        return redirect(back)
    form = FilingForm(request.POST or None, filed_under=mailing.campaign_id, initial={"campaign": mailing.campaign_id})
    if form.is_valid():
        try:
            filed = filing.file(mailing, form.cleaned_data["campaign"], request.user)
        except CampaignError as error:
            form.add_error("campaign", error.message)
        else:
            messages.success(request, _said(filed))
            return redirect(back)
    context = {"mailing": mailing, "form": form, "back": back, "note": _note(mailing), "state": wording.MAILINGS[mailing.status]}
    return render(request, "campaigns/mailing_campaign.html", context)


def _back(request: HttpRequest, mailing: Mailing) -> str:
    """To the campaign whose page somebody came from, else to the mailing's page."""
    came_from = next(iter(ids([request.GET.get("from", "")])), None)
    if came_from and Campaign.objects.filter(pk=came_from).exists():
        return reverse("campaigns:campaign", args=[came_from])
    return reverse("campaigns:mailing", args=[mailing.pk])


def _said(mailing: Mailing) -> str:
    words = _("“%(name)s” is filed under “%(campaign)s”.") if mailing.campaign else _("“%(name)s” is filed under no campaign.")
    return words % {"name": isolated(mailing.name), "campaign": isolated(str(mailing.campaign))}


def _note(mailing: Mailing) -> str:
    """What becomes of a text that names its campaign."""
    if not filing.names_campaign(mailing) or mailing.status in (MailingStatus.DRAFT, MailingStatus.ERROR):
        return ""
    if mailing.status in DRAFTS:
        return _("Its text names the campaign: filed elsewhere, it is a draft again and its plan is made anew.")
    return _("Its text names the campaign. What is written stays as it was confirmed, with the name of then.")


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_mailing", raise_exception=True)
def add(request: HttpRequest, pk: int) -> HttpResponse:
    """Tick mailings that are filed elsewhere or nowhere, and file them here."""
    campaign = get_object_or_404(Campaign, pk=pk)
    problem: Any = ""
    if request.method == "POST":
        chosen = ids(request.POST.getlist("mailing"))
        try:
            filed = filing.file_many(campaign, chosen, request.user)
        except CampaignError as error:
            problem = error.message
        else:
            if chosen:
                words = ngettext("%(n)s mailing is filed under “%(name)s”.", "%(n)s mailings are filed under “%(name)s”.", filed)
                messages.success(request, words % {"n": number(filed), "name": isolated(campaign.name)})
                return redirect("campaigns:campaign", campaign.pk)
            problem = _("No mailing is ticked. Tick at least one, then file it.")
    return render(request, "campaigns/campaign_mailings.html", {"campaign": campaign, "problem": problem, **_offered(request, campaign)})


def _offered(request: HttpRequest, campaign: Campaign) -> dict[str, Any]:
    q = request.GET.get("q", "").replace("\0", "").strip()[:120]
    elsewhere = request.GET.get("elsewhere") == "1"
    found = Mailing.objects.exclude(campaign=campaign) if elsewhere else Mailing.objects.filter(campaign=None)
    by_hand = found.filter(archived=False, population=None).without_texts().select_related("campaign")
    page = listing.paginate(named(by_hand, q), request, order=("-id",), size=20, label=lambda mailing: mailing.name)
    for mailing in page:
        mailing.state = wording.MAILINGS[mailing.status]
    return {"page": page, "q": q, "elsewhere": elsewhere}
