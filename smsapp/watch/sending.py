"""Texts on their way: what waits although it could go, what is held, of what nobody knows, and whether gateways still report."""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import lanes
from campaigns.models import Chunk, Mailing
from campaigns.pipeline.finish import OPEN_STATES
from campaigns.services import lane_figures, standstill, unknowns
from campaigns.statuses import MailingStatus
from providers import registry
from providers.models import Provider, WebhookEvent
from providers.services import binds
from providers.services.providers import DAY_IS_FULL
from smsapp.common.readable import number
from smsapp.watch.findings import Finding, mind, wrong

URGENT_WAITS, BULK_WAITS = 15, standstill.QUIET.total_seconds()  # that a due chunk may wait while nobody works for its provider
LATE = standstill.QUIET  # after which what the tick should have done was not done


def look() -> list[Finding]:
    """All of them; bounded queries, by index."""
    return [*_waiting(), *_lost_leases(), *_lanes(), *_sessions(), *_unknown(), *_mailings(), *_reports_unread(), *_reports_silent()]


# --- chunks ---

# The due chunk of each lane and priority that is next, and whether somebody works for the provider. As the claim asks: only what could go.
QUEUES = """
    SELECT p.id, p.name, w.priority, extract(epoch FROM now() - o.due_at)::float,
           EXISTS (SELECT 1 FROM campaigns_chunk c WHERE c.state = 2 AND c.lease_until > now() AND c.provider_id = p.id)
      FROM providers_provider p CROSS JOIN (VALUES (0), (1)) AS w(priority)
     CROSS JOIN LATERAL (SELECT c.due_at FROM campaigns_chunk c
                          WHERE c.provider_id = p.id AND c.priority = w.priority AND c.state = 1 AND c.due_at <= now()
                            AND (c.mailing_id IS NULL OR EXISTS (SELECT 1 FROM campaigns_mailing g
                                                                  WHERE g.id = c.mailing_id AND g.status IN ('sending', 'finished')))
                          ORDER BY c.turn, c.due_at, c.id LIMIT 1) AS o
     WHERE p.active AND p.lane <> 'paused' AND (p.slowed_until IS NULL OR p.slowed_until <= now())
     ORDER BY p.id, w.priority"""


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for one provider at one priority; `age` in seconds since the chunk that is next was due."""

    provider: int
    name: str
    priority: int
    age: float
    is_worked_on: bool

    @property
    def is_stuck(self) -> bool:
        """It could go, for long, and nobody sends."""
        return not self.is_worked_on and self.age > (URGENT_WAITS if self.priority == Chunk.Priority.URGENT else BULK_WAITS)


def queues() -> list[Queue]:
    """Lanes with something due."""
    with connection.cursor() as cursor:
        cursor.execute(QUEUES)
        return [Queue(*row) for row in cursor.fetchall()]


def _waiting() -> list[Finding]:
    found = []
    apart = binds.missing(Provider.objects.filter(kind__in=registry.session_bound()))  # told as what it is, see `_sessions`
    for queue in queues():
        if queue.is_stuck and queue.provider not in apart:
            facts = {"provider": queue.name, "time": _long(queue.age)}
            urgent = queue.priority == Chunk.Priority.URGENT
            what = _("One-off texts for %(provider)s have waited for %(time)s, and nobody sends them.") if urgent else _(
                "Texts of mailings for %(provider)s have waited for %(time)s, and nobody sends them.")  # fmt: skip
            cure = _("Look whether the workers of the queues “urgent” and “bulk” run and what their logs say.")
            found.append(wrong("queue_stuck", what % facts, cure, reverse("providers:health")))
    return found


def _long(seconds: float) -> str:
    minutes = int(seconds // 60)
    if minutes < 2:
        return _("%(n)s s") % {"n": int(seconds)}
    return _("%(n)s min") % {"n": minutes} if minutes < 120 else _("%(n)s h") % {"n": minutes // 60}


def _lost_leases() -> list[Finding]:
    over = timezone.now() - standstill.LEASE_OVER
    lost = Chunk.objects.filter(state=2, lease_until__lt=over)[:1000].count()
    if not lost:
        return []
    what = ngettext("%(n)s chunk of texts was left by its worker and is not freed.", "%(n)s chunks of texts were left by workers and are not freed.", lost)
    return [wrong("leases_over", what % {"n": lost}, _("The sweep does not run: start beat and a worker of the queue “urgent”."))]


# --- lanes ---


def _lanes() -> list[Finding]:
    found, health = [], reverse("providers:health")
    for provider in Provider.objects.filter(active=True, lane=Provider.Lane.PAUSED).order_by("name")[:20]:
        what = _("%(provider)s is paused: %(reason)s") % {"provider": provider, "reason": provider.lane_words or _("nobody wrote why")}
        found.append(wrong("lane_paused", what, _("Mend the cause, then resume the provider."), health))
    slow = Provider.objects.filter(active=True, lane=Provider.Lane.SLOWED, slowed_until__gt=timezone.now()).order_by("name")[:20]
    return [*found, *(_slowed(provider, health) for provider in slow)]


def _slowed(provider: Provider, health: str) -> Finding:
    if provider.lane_cause == DAY_IS_FULL:
        what = _("%(provider)s: %(reason)s") % {"provider": provider, "reason": provider.lane_words}
        return mind("day_is_full", what, _("Raise its limit of texts per day, or let them wait."), health)
    return mind("lane_slowed", _("%(provider)s is slowed.") % {"provider": provider}, _("It goes on by itself. A lower rate avoids it."), health)


# --- sessions ---


def _sessions() -> list[Finding]:
    """Providers whose texts travel over sessions, and have none: nobody holds them, or the gateway lets nobody in."""
    found, health = [], reverse("providers:health")
    waiting = Provider.objects.filter(active=True, kind__in=registry.session_bound()).exclude(lane=Provider.Lane.PAUSED).order_by("name")[:20]
    for provider in waiting:
        held = binds.standing([provider.pk]).get(provider.pk, [])
        if any(bind.bound_since for bind in held):
            continue
        reason = next((bind.problem for bind in held if bind.problem), "") if held else _("no sender runs")
        cure = _("Its sender goes on trying. Compare the settings with what the operator gave you.") if held else _(
            "Start it: %(command)s") % {"command": "python manage.py sender"}  # fmt: skip
        if reason:
            what = _("%(provider)s has no session with its gateway: %(reason)s") % {"provider": provider, "reason": reason}
            found.append(wrong("no_session" if held else "no_sender", what, cure, health))
    return found


# --- unknown texts ---


def _unknown() -> list[Finding]:
    first = unknowns.old_ones().order_by("since").first()
    if first is None:
        return []
    count = unknowns.waiting_count()
    what = ngettext("Nobody knows of %(n)s text whether it was sent.", "Nobody knows of %(n)s texts whether they were sent.", count)
    cure = _("Wait for reports, or settle them: as sent, sent again, or given up.")
    return [mind("unknown_texts", what % {"n": number(min(count, unknowns.MOST))}, cure, reverse("campaigns:unknown"))]


# --- mailings ---


def _mailings() -> list[Finding]:
    before = timezone.now() - LATE
    due = Mailing.objects.filter(status=MailingStatus.SCHEDULED, scheduled_at__lt=before)
    through = Mailing.objects.filter(status=MailingStatus.SENDING, started_at__lt=before).exclude(
        Exists(Chunk.objects.filter(mailing_id=OuterRef("id"), state__in=OPEN_STATES))
    )
    busy = standstill.being_prepared()
    left = [row for row in Mailing.objects.filter(status=MailingStatus.PREPARING, updated_at__lt=before).order_by("id")[:20] if row.pk not in busy]
    words = (
        ("mailing_late", due.order_by("id")[:20], _("“%(name)s” is due and has not started.")),
        ("mailing_not_closed", through.order_by("id")[:20], _("“%(name)s” has nothing left to send and is not closed.")),
        ("preparation_left", left, _("Nobody goes on with the preparation of “%(name)s”.")),
    )
    cure = _("The tick does it by itself: start beat and workers of the queues “urgent” and “bulk”.")
    return [wrong(code, what % {"name": row.name}, cure, reverse("campaigns:mailing", args=[row.pk])) for code, rows, what in words for row in rows]


# --- reports ---


def _reports_unread() -> list[Finding]:
    first = WebhookEvent.objects.filter(state="new").order_by("id").first()
    if first is None or timezone.now() - first.received_at < LATE:
        return []
    what = _("Delivery reports have waited for %(time)s and are not applied.") % {"time": _long((timezone.now() - first.received_at).total_seconds())}
    return [wrong("reports_unread", what, _("Start a worker of the queue “urgent”; more of them when it runs and does not keep up."))]


def _reports_silent() -> list[Finding]:
    """Gateways that take texts and have stopped to tell what becomes of them."""
    cure = _("Check that PUBLIC_BASE_URL (%(url)s) leads to this console from outside, and that no proxy refuses /hooks/.") % {"url": settings.PUBLIC_BASE_URL}
    found = lane_figures.silences()
    return [wrong("reports_silent", f"{silence.provider}: {lanes.words_of(silence)}", cure, reverse("providers:health")) for silence in found]
