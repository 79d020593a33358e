"""The page of a mailing: where it stands, live, and what came of it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from campaigns import slots, template_uses, trials, troubles, wording
from campaigns.audience import parts_of
from campaigns.models import Mailing, Message
from campaigns.models.mailing import Role
from campaigns.services import figures, retries, unknowns
from campaigns.services.figures import Figures
from campaigns.statuses import DRAFTS, MailingStatus, MessageStatus
from campaigns.texts import Texts
from campaigns.views import against, mailing_lists, quiet, retry, standing, story
from campaigns.views import pace as paces
from campaigns.views.actions import available, continue_at
from campaigns.views.against import Cause
from campaigns.views.pace import Pace
from campaigns.views.people import decorate_messages
from campaigns.views.quiet import Wait
from campaigns.views.standing import Still
from campaigns.views.templates import said
from campaigns.wizard import plan as plans
from campaigns.wizard.plan import reasons_of

LATE_REPORTS = timedelta(minutes=15)  # so long a finished mailing's page goes on asking, every now and then
LATEST = 8
TESTING = ("campaigns.add_message", "campaigns.change_mailing")
STALE = (MailingStatus.DRAFT, MailingStatus.ERROR)  # what is counted then belongs to an earlier preparation


def mailings() -> QuerySet[Mailing]:
    """With what their pages show."""
    return Mailing.objects.select_related("campaign", "provider", "author", "confirmed_by", "template", "template_version")


@permission_required("campaigns.view_mailing", raise_exception=True)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """State, progress, what did not arrive, messages, plan and actual, text, story."""
    mailing = get_object_or_404(mailings(), pk=pk)
    if mailing.role == Role.CONTENT and (page := next((page for known in slots.content_pages if (page := known(mailing))), "")):
        return redirect(page)
    live = Live.of(mailing, request.user, timezone.now(), refreshing=request.GET.get("live") != "0")
    expected = plans.expected(mailing) if mailing_lists.not_begun(mailing) else None
    newest = [] if mailing.status in STALE else list(Message.objects.filter(mailing=mailing).with_stage().order_by("-contact_id")[:LATEST])
    decorate_messages(newest)
    retryable = bool(live.causes) and retries.possible(mailing) and request.user.has_perm(retry.RIGHT)
    context = {
        "mailing": mailing,
        "live": live,
        "offers": available(mailing, request.user, waiting=live.figures.waiting),
        "continue_url": continue_at(mailing) if mailing.status in DRAFTS and request.user.has_perm("campaigns.change_mailing") else "",
        "causes": _worded(mailing, live.causes, retries.left_of(mailing, live.causes) if retryable else {}),
        "retryable": retryable,
        "newest": newest,
        "unknown": unknowns.waiting_count(mailing=mailing) if live.figures.unknown else 0,
        "expected": expected,
        "against": against.of(mailing, live.figures, timezone.now(), lambda: live.causes),
        "left_out": reasons_of(mailing, live.figures.excluded),
        "story": story.of(mailing),
        "audience": parts_of(mailing),
        "origins": origins_of(mailing),
        "source": template_uses.source_of_mailing(mailing),
        "rewritten": mailing.template_version is not None and Texts.of(mailing) != Texts.of(mailing.template_version),
        "said": said(Texts.of(mailing)) if mailing.text else [],
        "tests": trials.listed(mailing.tests.all()),
        "may_test": mailing.status in DRAFTS and bool(mailing.text.strip() and mailing.provider_id) and request.user.has_perms(TESTING),
    }
    return render(request, "campaigns/mailing.html", context)


def origins_of(mailing: Mailing) -> list[slots.Origin]:
    """Where a mailing comes from that no person made."""
    return [origin for known in slots.origins for origin in known(mailing)]


@permission_required("campaigns.view_mailing", raise_exception=True)
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The moving parts alone; a change of state reloads the whole page once."""
    mailing = get_object_or_404(mailings(), pk=pk)
    now = timezone.now()
    live = Live.of(mailing, request.user, now)
    context = {"mailing": mailing, "live": live, "against": against.of(mailing, live.figures, now, lambda: live.causes)}
    response = render(request, "campaigns/_progress_again.html", context)
    if request.GET.get("was", live.state.code) != live.state.code:
        response["HX-Refresh"] = "true"
    return response


@dataclass
class Live:
    """The figures of a page that refreshes itself."""

    mailing: Mailing
    figures: Figures
    state: wording.State
    parts: list[tuple[Any, int, str, str]]  # for the ribbon: label, count, fill, address
    pace: Pace
    ends_at: datetime | None
    seconds_left: int | None
    poll: str
    percent: int
    cost: tuple[Decimal, str] | None
    still: Still | None
    waits: list[Wait]

    @classmethod
    def of(cls, mailing: Mailing, user: Any, now: datetime, *, refreshing: bool = True) -> "Live":
        found = Figures() if mailing.status in STALE else figures.of(mailing)
        still = standing.of(mailing, user, now)
        waits = quiet.waits(mailing, found.open)
        all_wait = sum(wait.texts for wait in waits) >= found.open > 0
        pace = Pace() if still or all_wait else paces.of(mailing, found, now)
        seconds = int(found.open / pace.rate) + 1 if pace.rate and found.open else None
        return cls(
            mailing=mailing,
            figures=found,
            state=wording.of_mailing(mailing.status, found.open),
            parts=_parts(mailing, found, now),
            pace=pace,
            ends_at=now + timedelta(seconds=seconds) if seconds else None,
            seconds_left=seconds,
            poll=("20s" if all_wait else _poll(mailing, found, now)) if refreshing else "",
            percent=100 * found.dealt_with // found.total if found.total else 0,
            cost=figures.cost_of(mailing, found.charged_segments),
            still=still,
            waits=waits,
        )

    @cached_property
    def causes(self) -> list[Cause]:
        """Why texts did not arrive: looked up once, by the part of the page that asks first."""
        return figures.causes(self.mailing, self.figures)

    @property
    def tenth(self) -> int:
        """The last full 10 %, for people who listen."""
        return self.percent // 10 * 10


def _parts(mailing: Mailing, found: Figures, now: datetime) -> list[tuple[Any, int, str, str]]:
    page = reverse("campaigns:messages", args=[mailing.pk])
    counts = [(wording.of_message(state.code, mailing.finished_at, now), getattr(found, state.code)) for state in wording.STAGES.values()]
    return [(state.label, count, state.fill, f"{page}?stage={state.code}") for state, count in counts if count]


def _poll(mailing: Mailing, found: Figures, now: datetime) -> str:
    """How often the page asks again; empty when nothing moves by itself."""
    status = mailing.status
    if status in (MailingStatus.SENDING, MailingStatus.PREPARING) or (status == MailingStatus.FINISHED and found.open):
        return "2s"
    if status == MailingStatus.SCHEDULED and mailing.scheduled_at:
        return "2s" if mailing.scheduled_at - now < timedelta(minutes=1) else "20s"
    ended = mailing.finished_at
    waits = found.sent or found.unknown or found.sending
    return "5s" if waits and ended and now - ended < LATE_REPORTS else ""


def _worded(mailing: Mailing, causes: list[Cause], left: dict[tuple[int, str], int]) -> list[dict[str, Any]]:
    page = reverse("campaigns:messages", args=[mailing.pk])
    rows = []
    for status, reason, count in causes:
        state = wording.STAGES[MessageStatus(status).name.lower()]
        words = wording.reason(reason, state.code) if reason else state.label
        trouble = troubles.of(reason, state.code) if status in troubles.FAILED else None
        facts = {"trouble": trouble, "left": left.get((status, reason), 0), "reason": reason, "advice": wording.advice(reason, state.code)}
        rows.append({"label": words, "state": state, "texts": count, "url": f"{page}?stage={state.code}&reason={reason}", **facts})
    return rows
