"""Step 3: the plan, and the launch."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns import decisions, wording
from campaigns.forms.schedule import ScheduleForm, in_an_hour, zone
from campaigns.models import Mailing
from campaigns.models.mailing import Role
from campaigns.services import blockers, changes, mailings, prepared
from campaigns.services.errors import CampaignError
from campaigns.statuses import DRAFTS, MailingStatus
from campaigns.wizard import moment_checks, times
from campaigns.wizard import plan as plans
from campaigns.wizard.checks import cure
from campaigns.wizard.moment_checks import Start
from campaigns.wizard.moments import zone_name
from campaigns.wizard.picker import id_in
from campaigns.wizard.views import as_kept, draft
from smsapp.common.bidi import isolated
from smsapp.common.models import Organisation

LAUNCH = "campaigns.launch_mailing"
MANY = 100  # recipients: to more of them the question says once more, in a sentence, how many and for how much


@require_http_methods(["GET", "POST"])
@permission_required("campaigns.change_mailing", raise_exception=True)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """GET shows the plan or how far it is; POST prepares a draft, asks, and launches."""
    mailing = draft(pk)
    if mailing.role == Role.CONTENT:
        return redirect("campaigns:mailing", mailing.pk)  # which leads on to what is sent of it
    if mailing.status not in DRAFTS:
        return _over(request, mailing)
    if request.method == "GET":
        return _page(request, mailing)
    if (seen := id_in(request.POST.get("version", ""))) is not None and seen != mailing.version and request.POST.get("do") != "prepare":
        return _go(request, mailing, seen)
    make = MAKE.get(request.POST.get("do", ""))
    return _prepare(request, mailing, make) if make else _launch(request, mailing)


Make = Callable[[Mailing, Any, int], Any]  # mailing, user, the version that they saw
MAKE: dict[str, Make] = {
    "prepare": lambda mailing, by, version: mailings.prepare(mailing, by),
    "anew": lambda mailing, by, version: mailings.prepare_anew(mailing, by),
    "rest": lambda mailing, by, version: mailings.set_rest(mailing, by, Organisation.current().recent_hours, version=version),
    "no-rest": lambda mailing, by, version: mailings.set_rest(mailing, by, None, version=version),
}


def _prepare(request: HttpRequest, mailing: Mailing, make: Make) -> HttpResponse:
    try:
        make(mailing, request.user, id_in(request.POST.get("version", "")) or 0)
    except CampaignError as error:
        messages.error(request, error.message)
    return redirect(_plan_url(mailing, _seen(request)))


def _launch(request: HttpRequest, mailing: Mailing) -> HttpResponse:
    form = ScheduleForm(request.POST)
    if not request.user.has_perm(LAUNCH):
        messages.error(request, _("You may prepare mailings. Launching this one is for: %(who)s.") % {"who": who_may() or _("nobody yet")})
        return _go(request, mailing)
    if not form.is_valid():
        return _again(request, mailing, form)
    if "sure" not in request.POST:
        return _ask(request, mailing, form)
    moment = form.cleaned_data["moment"]
    seen = {"version": form.cleaned_data["version"] or 0, "recount": form.cleaned_data["recount"], "give_up_after": form.cleaned_data["give_up_after"]}
    try:
        mailings.confirm(mailing, request.user, at=moment.at if moment else None, **seen)
    except CampaignError as error:
        messages.warning(request, error.message)
        return redirect("campaigns:mailing" if error.code == "not_ready" else "campaigns:plan", mailing.pk)
    words = _("“%(name)s” is scheduled.") if moment else _("“%(name)s” is on its way.")
    messages.success(request, words % {"name": isolated(mailing.name)})
    return redirect("campaigns:mailing", mailing.pk)


def _ask(request: HttpRequest, mailing: Mailing, form: ScheduleForm) -> HttpResponse:
    """The question with its numbers, once more, before anything leaves."""
    if mailing.status != MailingStatus.READY:
        return _go(request, mailing)
    start, found = _start(form), prepared.plan_of(mailing)
    try:
        prepared.check_day(mailing, start.at, recount=start.recount)
    except CampaignError as error:
        form.add_error(None, error.message)
    if found is None or form.errors or blockers.before_sending(mailing, found):
        return _again(request, mailing, form)
    context = {"mailing": mailing, "form": form, "plan": found, "moment": form.cleaned_data["moment"], "zone": zone_name(zone())}
    context |= {"many": found.recipients > MANY, "checks": [check for check in moment_checks.of(mailing, found, start, look=True) if check.tone == "yellow"]}
    template = "campaigns/_launch.html" if request.htmx else "campaigns/launch.html"  # type: ignore[attr-defined]
    return render(request, template, context)


def _start(form: ScheduleForm | None) -> Start:
    """When it would leave as the form stands; now where that makes no sense."""
    moment = form.cleaned_data.get("moment") if form else None
    asked = form.cleaned_data if form else {}
    return Start(moment.at if moment else None, bool(moment and asked.get("recount")), asked.get("give_up_after"))


def _seen(request: HttpRequest) -> int | None:
    """The version in a window that is not the mailing's any more; the address carries it until the plan is made anew."""
    return id_in(request.GET.get("seen", ""))


def _plan_url(mailing: Mailing, seen: int | None) -> str:
    url = reverse("campaigns:plan", args=[mailing.pk])
    return url if seen is None else f"{url}?{urlencode({'seen': seen})}"


def _go(request: HttpRequest, mailing: Mailing, seen: int | None = None) -> HttpResponse:
    """Back to the plan as it is now, also for a script that waits for a dialog; it says what changed since version `seen`."""
    url = _plan_url(mailing, seen)
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else redirect(url)  # type: ignore[attr-defined]


def _again(request: HttpRequest, mailing: Mailing, form: ScheduleForm) -> HttpResponse:
    """The page with what is wrong; a script that waits for a dialog puts it in the page's place."""
    response = _page(request, mailing, form)
    if request.htmx:  # type: ignore[attr-defined]
        for name, value in {"HX-Retarget": "#main", "HX-Reselect": "#main", "HX-Reswap": "outerHTML"}.items():
            response[name] = value
    return response


def _over(request: HttpRequest, mailing: Mailing) -> HttpResponse:
    """To the page of a mailing that is no draft any more; whoever wanted to launch it is told why it is not, and that of a cancelled one in any case."""
    if "version" in request.POST or mailing.status == MailingStatus.CANCELLED:
        messages.warning(request, mailings.not_ready(mailing))
    url = reverse("campaigns:mailing", args=[mailing.pk])
    return HttpResponse(headers={"HX-Redirect": url}) if request.htmx else redirect(url)  # type: ignore[attr-defined]


def _page(request: HttpRequest, mailing: Mailing, form: ScheduleForm | None = None) -> HttpResponse:
    ready = mailing.status == MailingStatus.READY
    seen = _seen(request)
    if seen is None and mailing.status == MailingStatus.DRAFT:
        seen = changes.version_of_last_plan(mailing, request.user)
    context: dict[str, Any] = {
        "mailing": mailing,
        "state": wording.MAILINGS[mailing.status],
        "ready": ready,
        "missing": _missing(mailing),
        "may_launch": request.user.has_perm(LAUNCH),
        "who_may": "" if request.user.has_perm(LAUNCH) else who_may(),
        "form": form or ScheduleForm(initial={**in_an_hour(), "version": mailing.version}),
        "zone": zone_name(zone()),
        "now": timezone.now(),
        "pace": _pace(mailing),
        "here": _plan_url(mailing, seen),
        "changed": "" if seen is None or seen >= mailing.version else changes.told(mailing, seen, request.user),
    }
    if ready:
        start = _start(form)
        shown = plans.page(mailing, start, look="look" in request.GET)
        context |= {"times": times.of(shown.plan, shown.forecast, zone(), zone_name(zone()))}
        context |= {"plan": shown.plan, "shown": shown, "composer": as_kept(request, mailing), "ask": reverse("campaigns:preview", args=[mailing.pk])}
    return render(request, "campaigns/step_plan.html", context)


def _missing(mailing: Mailing) -> list[tuple[str, str, str]]:
    """(sentence, address, name of the place) of what keeps a draft from being prepared."""
    if mailing.status not in (MailingStatus.DRAFT, MailingStatus.ERROR):
        return []
    return [(sentence, *cure(mailing, code)) for code, sentence in blockers.missing(mailing)]


@permission_required("campaigns.change_mailing", raise_exception=True)
def plan_times(request: HttpRequest, pk: int) -> HttpResponse:
    """What follows from the start that is being chosen: first and last text, here and where the recipients live, and what to check."""
    mailing = draft(pk)
    form = ScheduleForm(request.GET)
    context: dict[str, Any] = {"mailing": mailing, "refused": next((errors[0] for errors in form.errors.values()), "")}
    if form.is_valid():
        start = _start(form)
        context["moment"] = form.cleaned_data["moment"]
        if mailing.status == MailingStatus.READY:
            context["shown"] = shown = plans.page(mailing, start, look=True)
            context["times"] = times.of(shown.plan, shown.forecast, zone(), zone_name(zone()))
    return render(request, "campaigns/plan_times.html", context)


@permission_required("campaigns.change_mailing", raise_exception=True)
def preparing(request: HttpRequest, pk: int) -> HttpResponse:
    """How far the preparation is; reloads the page when it is over."""
    mailing = draft(pk)
    response = render(request, "campaigns/_preparing.html", {"mailing": mailing, "pace": _pace(mailing)})
    if mailing.status != MailingStatus.PREPARING:
        response["HX-Refresh"] = "true"
    return response


def _pace(mailing: Mailing) -> dict[str, Any] | None:
    """People a second, and how long the rest takes, once there is something to tell from."""
    began = decisions.prepared_at(mailing) if mailing.status == MailingStatus.PREPARING else None
    elapsed = (timezone.now() - began).total_seconds() if began else 0
    if elapsed < 2 or not mailing.targeted:
        return None
    rate = mailing.targeted / elapsed
    return {"rate": round(rate), "left": plans.duration(round(max(mailing.audience_size - mailing.targeted, 0) / rate))}


def who_may() -> str:
    """Names of a few people who may launch mailings."""
    people = get_user_model().objects.with_perm(LAUNCH, backend="django.contrib.auth.backends.ModelBackend", include_superusers=False)
    return ", ".join(str(user) for user in people.order_by("first_name", "username")[:5])
