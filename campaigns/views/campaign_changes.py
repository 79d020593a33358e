"""New campaigns, changes of one, and what can be done to it: archive, delete."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from campaigns.forms.campaign import CampaignForm, initial_of
from campaigns.models import Campaign, Mailing
from campaigns.services import campaigns
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus
from campaigns.views.actions import Question
from campaigns.views.asking import Asked
from smsapp.common.bidi import isolated

_FIELDS = {"no_campaign_name": "name", "name_taken": "name", "backwards": "ends_on"}  # beside which field an error stands
_OPEN = [status for status in MailingStatus if status not in (MailingStatus.FINISHED, MailingStatus.CANCELLED)]


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.add_campaign", raise_exception=True)
def create(request: HttpRequest) -> HttpResponse:
    """A new campaign."""
    form = CampaignForm(request.POST or None)
    if form.is_valid():
        return _saved(request, form, None, lambda: campaigns.create(**form.facts))
    return _page(request, form, None)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_campaign", raise_exception=True)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name, description or other dates; what somebody else saved meanwhile is shown before it is replaced."""
    campaign = get_object_or_404(Campaign, pk=pk)
    form = CampaignForm(request.POST or None, initial=initial_of(campaign))
    if form.is_valid():
        return _saved(request, form, campaign, lambda: campaigns.change(campaign, seen=_seen(form, campaign), **form.facts))
    return _page(request, form, campaign)


def _seen(form: CampaignForm, campaign: Campaign) -> datetime:
    """When what the person saw was changed; a form that does not say it has seen nothing."""
    try:
        return parse_datetime(form.cleaned_data["seen"]) or campaign.created_at
    except ValueError:
        return campaign.created_at


def _saved(request: HttpRequest, form: CampaignForm, campaign: Campaign | None, save: Callable[[], Campaign]) -> HttpResponse:
    try:
        saved = save()
    except CampaignError as error:
        if error.code == "changed" and campaign is not None:
            return _changed_meanwhile(request, form, campaign)
        form.add_error(_FIELDS.get(error.code), error.message)
        return _page(request, form, campaign)
    messages.success(request, _("The campaign “%(name)s” is saved.") % {"name": isolated(saved.name)})
    return redirect("campaigns:campaign", saved.pk)


def _changed_meanwhile(request: HttpRequest, form: CampaignForm, campaign: Campaign) -> HttpResponse:
    """The person's own words stay in the form, and saving them again is a choice made with open eyes."""
    campaign.refresh_from_db()
    form.data = request.POST.dict() | {"seen": campaign.updated_at.isoformat()}
    return _page(request, form, campaign, theirs=campaign)


def _page(request: HttpRequest, form: CampaignForm, campaign: Campaign | None, **context: Any) -> HttpResponse:
    return render(request, "campaigns/campaign_form.html", {"form": form, "campaign": campaign, **context})


# --- asked first ---


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.change_campaign", raise_exception=True)
def archive(request: HttpRequest, pk: int) -> HttpResponse:
    """Offer it no longer, or again."""
    campaign = get_object_or_404(Campaign, pk=pk)
    if request.method != "POST":
        return _asked(campaign).ask(request, _about_archive(campaign), "archive")
    archived = request.POST.get("archived", "1") != "0"
    try:
        campaigns.archive(campaign, archived=archived)
    except CampaignError as error:
        return _asked(campaign).refused(request, error)
    words = _("The campaign “%(name)s” is in the archive.") if archived else _("The campaign “%(name)s” can be chosen again.")
    messages.success(request, words % {"name": isolated(campaign.name)})
    return redirect("campaigns:campaign", campaign.pk)


def _about_archive(campaign: Campaign) -> Question:
    if campaign.archived:
        title, yes = _("Use “%(name)s” again?"), _("Use again")
        return Question(title % {"name": isolated(campaign.name)}, yes, _("Leave unchanged"), _("Mailings can be filed under it again."))
    sentence = _("It is offered to new mailings no more. What is filed under it stays there and goes on, and it can be used again.")
    going_on = Mailing.objects.filter(campaign=campaign, archived=False, status__in=_OPEN).count()
    consequences = [(going_on, ngettext("mailing is not over yet and goes on", "mailings are not over yet and go on", going_on))] if going_on else []
    return Question(_("Archive “%(name)s”?") % {"name": isolated(campaign.name)}, _("Archive"), _("Leave unchanged"), sentence, consequences)


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required("campaigns.delete_campaign", raise_exception=True)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    """For good, if nothing is filed under it."""
    campaign = get_object_or_404(Campaign, pk=pk)
    sentence = _("Nothing is filed under it. A deleted campaign cannot be brought back.")
    question = Question(_("Delete “%(name)s”?") % {"name": isolated(campaign.name)}, _("Delete the campaign"), _("Keep the campaign"), sentence)
    done = _("The campaign “%(name)s” is deleted.") % {"name": isolated(campaign.name)}
    return _asked(campaign).delete(request, question, why_not=lambda: campaigns.why_kept(campaign), do=lambda: campaigns.delete(campaign), done=done)


def _asked(campaign: Campaign) -> Asked:
    return Asked("campaign", campaign, not campaign.archived, _("The campaign is in use and cannot be deleted"))
