"""Lists of mailings: drafts and unscheduled, scheduled and sent, archived."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.mixins import PermissionRequiredMixin
from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _
from django.views.generic import TemplateView

from campaigns.forms.filters import MailingFilters
from campaigns.models import Mailing, MailingTally
from campaigns.models.mailing import MailingQuerySet
from campaigns.services import figures, quiet_hours
from campaigns.statuses import ACCEPTED, DRAFTS, LAUNCHED, MailingStatus, MessageStatus
from campaigns.views.actions import available, first_step
from campaigns.wording import of_mailing
from smsapp.common import listing


class MailingList(PermissionRequiredMixin, TemplateView):
    """Newest first, paged by key, a fixed number of queries."""

    permission_required = "campaigns.view_mailing"
    raise_exception = True
    template_name = "campaigns/mailings.html"
    place = ""
    title: Any = ""
    statuses: tuple[MailingStatus, ...] = ()

    def mailings(self) -> MailingQuerySet:
        """What the list is about, before its filters."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        filters = MailingFilters(self.request.GET, statuses=self.statuses)
        mailings = filters.narrow(self.mailings().select_related("author", "campaign", "provider"))
        page = listing.paginate(mailings, self.request, order=("-id",), label=lambda mailing: mailing.name)
        decorate(page.items, self.request.user)
        if not filters.shows_sends:
            kwargs["hidden"] = self._hidden(filters)
        return super().get_context_data(
            page=page, filters=filters, filtered=filters.in_use, title=self.title, place=self.place, any_at_all=bool(page) or self.mailings().exists(), **kwargs
        )

    def _hidden(self, filters: MailingFilters) -> dict[str, Any]:
        """Recurring sends that the list leaves out: whether there are any, and how many of them wait for somebody to confirm."""
        sends = self.mailings().sends()
        waiting = sends.filter(status=MailingStatus.READY).count() if MailingStatus.READY in self.statuses else 0
        return {"any": sends.exists(), "waiting": waiting, "query": urlencode([*filters.pairs, ("recurring", "on")])}


def decorate(mailings: list[Mailing], user: Any) -> None:
    """Give each mailing what its row shows: state, recipients, cost, actions, and until when all of it waits; a few queries for all."""
    charged = Sum("segments", filter=Q(status__in=ACCEPTED), default=0)
    waiting = Sum("messages", filter=Q(status=MessageStatus.OPEN), default=0)
    tallies = MailingTally.objects.filter(mailing__in=mailings).values_list("mailing").order_by()
    sums = {mailing: tuple(numbers) for mailing, *numbers in tallies.annotate(Sum("messages"), Sum("segments"), charged=charged, waiting=waiting)}
    again = figures.sent_again(list(sums))
    waits = quiet_hours.next_openings(mailing.pk for mailing in mailings if mailing.status == MailingStatus.SENDING)
    for mailing in mailings:
        mailing.waits_until = waits.get(mailing.pk)  # type: ignore[attr-defined]
        stale = mailing.status in (MailingStatus.DRAFT, MailingStatus.ERROR)  # what an earlier preparation left
        texts, segments, charged_segments, still_to_go = sums.get(mailing.pk, (None, 0, 0, 0))
        mailing.state = of_mailing(mailing.status, still_to_go)  # type: ignore[attr-defined]
        mailing.size = None if stale or texts is None else texts - again.get(mailing.pk, 0)  # type: ignore[attr-defined]
        mailing.expected = not_begun(mailing)  # type: ignore[attr-defined]
        counted = texts is not None and not stale and mailing.status != MailingStatus.PREPARING
        mailing.cost = figures.cost_of(mailing, segments if not_begun(mailing) else charged_segments) if counted else None  # type: ignore[attr-defined]
        mailing.actions = available(mailing, user, waiting=still_to_go)  # type: ignore[attr-defined]
        mailing.first = first_step(mailing, user)  # type: ignore[attr-defined]


def not_begun(mailing: Mailing) -> bool:
    """Whether it is prepared, and no text has left: its cost is the one of the plan."""
    status = mailing.status_before_pause if mailing.status == MailingStatus.PAUSED else mailing.status
    return status in (MailingStatus.READY, MailingStatus.SCHEDULED)


class Drafts(MailingList):
    """Drafts and unscheduled."""

    place = "campaigns:drafts"
    title = _("Drafts and unscheduled")
    statuses = DRAFTS

    def mailings(self) -> MailingQuerySet:
        return Mailing.objects.drafts()


class Launched(MailingList):
    """Scheduled and sent."""

    place = "campaigns:launched"
    title = _("Scheduled and sent")
    statuses = LAUNCHED

    def mailings(self) -> MailingQuerySet:
        return Mailing.objects.launched()


class Archived(MailingList):
    """Archived."""

    place = "campaigns:archived"
    title = _("Archived")
    statuses = (*DRAFTS, *LAUNCHED)

    def mailings(self) -> MailingQuerySet:
        return Mailing.objects.filter(archived=True).without_texts()
