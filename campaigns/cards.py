"""Mailings on the home page: waiting for confirmation, under way, to continue, recent; mailings, campaigns and templates in search."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import wording
from campaigns.models import Campaign, Mailing, SmsTemplate
from campaigns.models.mailing import MailingQuerySet, Role
from campaigns.services import figures, quiet_hours, sums, unknowns
from campaigns.statuses import MailingStatus
from campaigns.views.actions import continue_at
from campaigns.views.campaigns import state_of
from campaigns.views.mailing import origins_of
from contacts.models.folding import named

SHOWN = 5
A_SEND = Q(role=Role.SEND)
WAITING = 12  # that somebody must confirm
UNDER_WAY = (MailingStatus.SENDING, MailingStatus.PAUSED, MailingStatus.SCHEDULED)


def under_way(request: HttpRequest) -> dict[str, Any] | None:
    """What is sending, paused or scheduled, with its progress; also while its recipients are recalculated before it goes out."""
    if not request.user.has_perm("campaigns.view_mailing"):
        return None
    recounting = Q(status=MailingStatus.PREPARING, recount=True, confirmed_at__isnull=False)
    under_way = Mailing.objects.filter(Q(status__in=UNDER_WAY) | recounting, archived=False)
    moving = list(under_way.exclude(A_SEND & ~Q(status=MailingStatus.PAUSED)).order_by("scheduled_at", "-id")[:SHOWN])
    if not moving:
        return None
    waits = quiet_hours.next_openings(mailing.pk for mailing in moving if mailing.status == MailingStatus.SENDING)
    rows = [
        {"mailing": mailing, "state": wording.MAILINGS[mailing.status], "figures": figures.of(mailing), "waits_until": waits.get(mailing.pk)}
        for mailing in moving
    ]
    return {
        "title": _("Under way"), "template": "campaigns/_card_under_way.html", "context": {"rows": rows, "hidden": _hidden(under_way)},
        "link": (reverse("campaigns:launched"), _("All mailings")),
    }  # fmt: skip


def _hidden(mailings: MailingQuerySet) -> bool:
    """Whether there are recurring sends of workflows that the card leaves out: a daily one would push everything else from it."""
    return mailings.sends().exists()


def unknown(request: HttpRequest) -> dict[str, Any] | None:
    """Texts of which nobody knows whether they were sent, for those who may say it; the youngest are often settled by themselves."""
    if not request.user.has_perm("campaigns.settle_unknown"):
        return None
    first = unknowns.old_ones().order_by("since").first()
    if first is None:
        return None
    context = {"count": min(unknowns.waiting_count(), unknowns.MOST), "since": first.since}
    return {
        "title": _("Unknown texts"), "template": "campaigns/_card_unknown.html", "context": context,
        "link": (reverse("campaigns:unknown"), _("All unknown texts")),
    }  # fmt: skip


def waiting(request: HttpRequest) -> dict[str, Any] | None:
    """Prepared mailings that wait for somebody who may send, whoever or whatever made them; the longest wait first."""
    user = request.user
    if not (user.has_perm("campaigns.launch_mailing") and user.has_perm("campaigns.change_mailing")):
        return None
    them = Mailing.objects.filter(status=MailingStatus.READY, archived=False).without_texts()
    found = list(them.order_by("updated_at", "id")[:WAITING])
    if not found:
        return None
    totals = sums.of(Mailing.objects.filter(pk__in=[mailing.pk for mailing in found]), "pk")
    rows = [{"mailing": mailing, "figures": totals[mailing.pk].figures, "origins": origins_of(mailing)} for mailing in found]
    return {
        "title": _("Waits for confirmation"), "template": "campaigns/_card_waiting.html", "context": {"rows": rows, "more": them.count() - len(rows)},
    }  # fmt: skip


def drafts(request: HttpRequest) -> dict[str, Any] | None:
    """What this person can go on with."""
    user = request.user
    if not user.has_perm("campaigns.change_mailing"):
        return None
    mine = Mailing.objects.drafts().filter(author=user).without_sends()  # of those only what waits for somebody is to be continued
    if user.has_perm("campaigns.launch_mailing"):
        mine = mine.exclude(status=MailingStatus.READY)  # they wait in a card of their own
    found = list(mine.order_by("-updated_at")[:SHOWN])
    if not found:
        return None
    rows = [{"mailing": mailing, "state": wording.MAILINGS[mailing.status], "url": continue_at(mailing)} for mailing in found]
    return {
        "title": _("Drafts to continue"), "template": "campaigns/_card_drafts.html", "context": {"rows": rows}, "side": True,
        "link": (reverse("campaigns:drafts"), _("All drafts")),
    }  # fmt: skip


def recent(request: HttpRequest) -> dict[str, Any] | None:
    """The last finished mailings and what came of them."""
    if not request.user.has_perm("campaigns.view_mailing"):
        return None
    ended = Mailing.objects.launched().filter(status__in=(MailingStatus.FINISHED, MailingStatus.CANCELLED))
    newest = ended.without_sends().order_by("-finished_at", "-id")[:SHOWN]
    known = [(mailing, figures.of(mailing)) for mailing in newest]
    rows = [{"mailing": mailing, "state": wording.of_mailing(mailing.status, found.open), "figures": found} for mailing, found in known]
    if not rows:
        return None
    return {
        "title": _("Recently sent"), "template": "campaigns/_card_recent.html", "context": {"rows": rows, "hidden": _hidden(ended)},
        "link": (reverse("campaigns:launched"), _("All mailings")),
    }  # fmt: skip


def search(request: HttpRequest, q: str) -> list[tuple[str, str, str]]:
    """Mailings by any part of their name, without accents."""
    if not request.user.has_perm("campaigns.view_mailing"):
        return []
    found = named(Mailing.objects.without_sends().without_texts().order_by("-id"), q)[:8]
    return [(mailing.name, reverse("campaigns:mailing", args=[mailing.pk]), str(wording.MAILINGS[mailing.status].label)) for mailing in found]


search.title = gettext_lazy("Mailings")  # type: ignore[attr-defined]


def search_templates(request: HttpRequest, q: str) -> list[tuple[str, str, str]]:
    """Templates by any part of their name, without accents; those in the archive say so."""
    if not request.user.has_perm("campaigns.view_smstemplate"):
        return []
    found = named(SmsTemplate.objects.order_by("-active", "name"), q)[:8]
    return [(row.name, reverse("campaigns:template", args=[row.pk]), str(row.get_kind_display() if row.active else _("Archived"))) for row in found]


search_templates.title = gettext_lazy("Templates")  # type: ignore[attr-defined]


def search_campaigns(request: HttpRequest, q: str) -> list[tuple[str, str, str]]:
    """Campaigns by any part of their name, without accents; those in the archive say so."""
    if not request.user.has_perm("campaigns.view_campaign"):
        return []
    found = named(Campaign.objects.order_by("archived", "name"), q)[:8]
    return [(row.name, reverse("campaigns:campaign", args=[row.pk]), str(_("Archived") if row.archived else state_of(row).label)) for row in found]


search_campaigns.title = gettext_lazy("Campaigns")  # type: ignore[attr-defined]
