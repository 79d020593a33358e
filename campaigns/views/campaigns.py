"""The list of campaigns, and a campaign's page: its mailings and what they came to."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from campaigns import slots, wording
from campaigns.forms.campaign import CampaignFilters
from campaigns.models import Campaign, Mailing, MailingTally
from campaigns.phases import phase_of
from campaigns.services import campaign_figures, figures
from campaigns.services.campaign_figures import STALE, Totals
from campaigns.statuses import ACCEPTED, DRAFTS, MessageStatus
from campaigns.views.mailing_lists import not_begun
from smsapp.common import listing

MAILINGS_SHOWN = 20
ARCHIVED = wording.State("archived", _("Archived"), "", "archive")
NOT_ARRIVED = [MessageStatus[name.upper()] for name in wording.NOT_ARRIVED]


class CampaignList(PermissionRequiredMixin, TemplateView):
    """By name; the archive apart."""

    permission_required = "campaigns.view_campaign"
    raise_exception = True
    template_name = "campaigns/campaigns.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        archived = self.request.GET.get("archived") == "1"
        filters, today = CampaignFilters(self.request.GET), timezone.localdate()
        chosen = filters.narrow(Campaign.objects.filter(archived=archived), today)
        page = listing.paginate(chosen, self.request, order=("name", "id"), label=lambda campaign: campaign.name)
        sizes = campaign_figures.sizes(page.items)
        for campaign in page:
            campaign.state, campaign.size = state_of(campaign), sizes[campaign.pk]
        context = {"page": page, "filters": filters, "filtered": filters.in_use, "archived": archived}
        context["any_archived"] = archived or Campaign.objects.filter(archived=True).exists()
        context["any_at_all"] = bool(page) or Campaign.objects.filter(archived=archived).exists()
        return super().get_context_data(**context, **kwargs)


def state_of(campaign: Campaign) -> wording.State:
    """Where it stands today, by its dates."""
    return wording.PHASES[phase_of(campaign.starts_on, campaign.ends_on, timezone.localdate())]


@require_safe
@permission_required("campaigns.view_campaign", raise_exception=True)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Name, dates, what it is for; its mailings, a page of them, and totals over all."""
    campaign = get_object_or_404(Campaign, pk=pk)
    filed = [found for known in slots.filed if (found := known(campaign, request.user))]
    context: dict[str, Any] = {"campaign": campaign, "state": state_of(campaign), "filed": filed}
    if request.user.has_perm("campaigns.view_mailing"):
        totals = campaign_figures.of(campaign)
        mailings, recurring = Mailing.objects.filter(campaign=campaign).without_texts().select_related("provider"), request.GET.get("recurring") == "on"
        shown = mailings if recurring else mailings.without_sends()
        page = listing.paginate(shown, request, order=("-id",), size=MAILINGS_SHOWN, label=lambda mailing: mailing.name)
        _decorate(page.items)
        context |= {"totals": totals, "page": page, "by_status": _by_status(campaign, totals), "stages": _stages(totals)}
        context["recurring"] = recurring
        context["new_here"] = f"{reverse('campaigns:new')}?{urlencode({'campaign': campaign.pk})}"
    return render(request, "campaigns/campaign.html", context)


def _decorate(mailings: list[Mailing]) -> None:
    """Give each mailing its state, recipients, what arrived and what not, and its cost; two queries for all."""
    counts: dict[int, dict[int, tuple[int, int]]] = {mailing.pk: {} for mailing in mailings}
    tallies = MailingTally.objects.filter(mailing__in=mailings).order_by().values_list("mailing", "status")
    for mailing_id, status, messages, segments in tallies.annotate(Sum("messages"), Sum("segments")):
        counts[mailing_id][status] = (messages, segments)
    again = figures.sent_again(list(counts))
    for mailing in mailings:
        found = {} if mailing.status in STALE else counts[mailing.pk]
        mailing.state = wording.of_mailing(mailing.status, found.get(MessageStatus.OPEN, (0, 0))[0])  # type: ignore[attr-defined]
        texts = sum(messages for messages, _segments in found.values())
        mailing.size = texts - again.get(mailing.pk, 0) if found else None  # type: ignore[attr-defined]
        mailing.delivered = found.get(MessageStatus.DELIVERED, (0, 0))[0]  # type: ignore[attr-defined]
        mailing.not_arrived = sum(found[status][0] for status in NOT_ARRIVED if status in found)  # type: ignore[attr-defined]
        mailing.expected = not_begun(mailing)  # type: ignore[attr-defined]
        counted = found if not_begun(mailing) else {status: count for status, count in found.items() if status in ACCEPTED}
        cost = figures.cost_of(mailing, sum(segments for _messages, segments in counted.values())) if found else None
        mailing.cost = cost  # type: ignore[attr-defined]


def _by_status(campaign: Campaign, totals: Totals) -> list[tuple[wording.State, int, str]]:
    """(state, mailings, the list that has them, recurring sends among them)."""
    rows, narrowed = [], {"campaign": campaign.pk} | ({"recurring": "on"} if totals.has_sends else {})
    for status, state in wording.MAILINGS.items():
        if n := totals.mailings.get(status):
            place = "campaigns:drafts" if status in DRAFTS else "campaigns:launched"
            rows.append((state, n, f"{reverse(place)}?{urlencode(narrowed | {'status': status})}"))
    if totals.archived:
        rows.append((ARCHIVED, totals.archived, f"{reverse('campaigns:archived')}?{urlencode(narrowed)}"))
    return rows


def _stages(totals: Totals) -> list[tuple[Any, int, str]]:
    """For the ribbon: what became of all texts."""
    counts = [(state, getattr(totals.figures, state.code)) for state in wording.STAGES.values()]
    return [(state.label, count, state.fill) for state, count in counts if count]
