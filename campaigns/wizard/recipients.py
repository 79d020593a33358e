"""Step 1 of a new mailing: its name, the picker, and the live count, which comes by itself so that the page does not wait for it."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from campaigns import wording
from campaigns.audience import key_of, parts_with
from campaigns.forms.recipients import RecipientsForm
from campaigns.models import Mailing
from campaigns.models.mailing import Role
from campaigns.pipeline.rest import reasons_of
from campaigns.services import audience_count, campaigns, mailings
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus
from campaigns.wizard import meanwhile
from campaigns.wizard.picker import SIDES, Picker, id_in, ids
from campaigns.wizard.views import draft, launched
from contacts.eligibility import Reason
from contacts.models import Group
from smsapp.common.bidi import isolated

LATER = "later"
OF_NEW_CAMPAIGN = ("no_campaign_name", "name_taken")
JUST_NOW = timedelta(minutes=30)


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.add_mailing", raise_exception=True)
def new(request: HttpRequest) -> HttpResponse:
    """A new mailing; its row is made when the first step is kept."""
    return _recipients(request, None)


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.change_mailing", raise_exception=True)
def recipients(request: HttpRequest, pk: int) -> HttpResponse:
    """Step 1 of a draft."""
    mailing = draft(pk)
    if mailing.role == Role.CONTENT:
        return _go(request, reverse("campaigns:mailing", args=[pk]))  # which leads on to what is sent of it
    if mailing.is_made:
        messages.info(request, _("A workflow chooses who gets “%(name)s”. Its text can be changed here.") % {"name": isolated(mailing.name)})
        return _go(request, reverse("campaigns:content", args=[pk]))
    way_out = launched(request, mailing)
    return _recipients(request, mailing) if way_out is None else _go(request, way_out["Location"])


def _go(request: HttpRequest, url: str) -> HttpResponse:
    """To another page; the script's request has it loaded as a page of its own."""
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else redirect(url)  # type: ignore[attr-defined]


def _recipients(request: HttpRequest, mailing: Mailing | None) -> HttpResponse:
    if request.method == "GET":
        picker = Picker.of(mailing) if mailing else Picker(include=[str(pk) for pk in ids(request.GET.getlist("group"))])
        initial = _remembered(mailing) if mailing else {"campaign": next(iter(ids([request.GET.get("campaign", "")])), None)}
        return _page(request, mailing, _form(request, mailing, initial=initial), picker, begun=None if mailing else _begun(request))
    picker = Picker.read(request.POST)
    if "move" in request.POST or picker.find != request.POST.get("found", picker.find):  # without script Enter in the search box goes on, too early
        return _moved(request, mailing, picker.moved(request.POST))
    form = _form(request, mailing, request.POST, going_on=request.POST.get("do") != LATER, ticked=picker.ticked)
    if form.is_valid():
        try:
            kept = _keep(request, mailing, form.cleaned_data)
        except CampaignError as error:
            if error.code not in OF_NEW_CAMPAIGN:
                clash = meanwhile.in_recipients(error, mailing, form, request.user) if mailing else None
                return _page(request, mailing, form, picker, problem=error, clash=clash)
            form.add_error("new_campaign", error.message)
            return _page(request, mailing, form, picker)
        return _go(request, reverse("campaigns:drafts") if request.POST.get("do") == LATER else reverse("campaigns:content", args=[kept.pk]))
    return _page(request, mailing, form, picker)


def _form(request: HttpRequest, mailing: Mailing | None, data: Any = None, **options: Any) -> RecipientsForm:
    filed_under, makes_campaigns = mailing.campaign_id if mailing else None, request.user.has_perm("campaigns.add_campaign")
    return RecipientsForm(data, filed_under=filed_under, makes_campaigns=makes_campaigns, **options)


def _begun(request: HttpRequest) -> Mailing | None:
    """The person's own draft of just now: whoever goes back in the browser comes to an empty page, and would make it twice."""
    mine = Mailing.objects.filter(author=request.user.pk, archived=False, status=MailingStatus.DRAFT)
    return mine.filter(created_at__gt=timezone.now() - JUST_NOW).order_by("-id").first()


def _remembered(mailing: Mailing) -> dict[str, Any]:
    return {"name": mailing.name, "campaign": mailing.campaign_id, "filed_under": mailing.campaign_id, "version": mailing.version}


@transaction.atomic
def _keep(request: HttpRequest, mailing: Mailing | None, data: dict[str, Any]) -> Mailing:
    campaign = campaigns.create(data["new_campaign"]) if data.get("new_campaign") else data["campaign"]
    chosen = {"name": data["name"], "campaign": campaign, "include": data["include"], "exclude": data["exclude"]}
    if mailing is None:
        return mailings.create(request.user, chosen.pop("name"), **chosen)
    refile = (campaign.pk if campaign else None) != data["filed_under"]
    return mailings.save_recipients(mailing, by=request.user, version=data["version"] or 0, refile=refile, **chosen)


def _moved(request: HttpRequest, mailing: Mailing | None, picker: Picker) -> HttpResponse:
    """The boxes alone for a script, which asks for the count when somebody changed sides; else the whole page with the count in it."""
    if request.htmx and "move" in request.POST:  # type: ignore[attr-defined]
        response = render(request, "campaigns/_picker.html", {"mailing": mailing, "picker": picker, "boxes": picker.boxes()})
        if request.POST.get("move") in SIDES:
            response["HX-Trigger-After-Settle"] = "audience"
        return response
    return _page(request, mailing, _form(request, mailing, initial=request.POST.dict()), picker, counted=counted(picker, mailing))


def _page(request: HttpRequest, mailing: Mailing | None, form: RecipientsForm, picker: Picker, *, counted: Any = None, **context: Any) -> HttpResponse:
    context |= {
        "mailing": mailing,
        "form": form,
        "picker": picker,
        "boxes": picker.boxes(),
        "waits": counted is None and bool(picker.include),
        "state": wording.MAILINGS[mailing.status] if mailing else wording.MAILINGS["draft"],
    }
    return render(request, "campaigns/step_recipients.html", context | (counted or {}))


# --- the live count ---


@require_safe
@permission_required("campaigns.change_mailing", raise_exception=True)
def count(request: HttpRequest) -> HttpResponse:
    """How many people an audience has, with everybody who is left out one click away."""
    mailing = mailing_of(request)
    picker = Picker.read(request.GET)
    template = "campaigns/_audience_count.html" if request.htmx else "campaigns/audience_count.html"  # type: ignore[attr-defined]
    return render(request, template, {"mailing": mailing, "picker": picker} | counted(picker, mailing))


def mailing_of(request: HttpRequest) -> Mailing | None:
    """The draft that an address of the count names, if it does."""
    return Mailing.objects.select_related("provider").filter(pk=id_in(request.GET.get("mailing", ""))).first()


def rules_of(mailing: Mailing | None) -> list[Reason]:
    """What the draft's provider adds, once it has one."""
    return reasons_of(mailing)


def is_marketing(mailing: Mailing | None) -> bool:
    """Whether those who want no advertising are left out: as long as nobody says otherwise."""
    return mailing is None or mailing.is_marketing


def counted(picker: Picker, mailing: Mailing | None) -> dict[str, Any]:
    """What the count shows; nothing while nobody is included."""
    if not picker.include:
        return {"count": None}
    excluded = parts_with(picker.exclude)
    found = audience_count.count(picker.choice, excluded=excluded, rules=rules_of(mailing), marketing=is_marketing(mailing))
    query = urlencode({"include": picker.include, "exclude": picker.exclude, **({"mailing": mailing.pk} if mailing else {})}, doseq=True)
    reasons = [(code, wording.reason(code), people, f"{reverse('campaigns:candidates', args=[code])}?{query}") for code, people in found.reasons.items()]
    taken_out = [(part, people, f"{reverse('campaigns:taken_out', args=[key_of(part)])}?{query}") for part, people in found.taken_out]
    parts = [(_("will be texted"), found.eligible, "brand"), (_("left out"), found.left_out, "grey")]
    smart = any(isinstance(part, Group) and part.kind == Group.Kind.SMART for part in [*excluded, *parts_with(picker.include)])
    return {"count": found, "reasons": reasons, "taken_out": taken_out, "parts": parts, "smart": smart}
