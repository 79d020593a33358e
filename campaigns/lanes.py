"""What campaigns knows of a provider's lane: what waits, how its texts went, and whether it has fallen silent."""

from datetime import timedelta
from typing import Any

from django.db.models import F, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from campaigns.models import Chunk
from campaigns.services import lane_figures
from campaigns.services.lane_figures import LaneFigures, Silence
from campaigns.statuses import ChunkState
from providers.models import Provider
from smsapp.common.readable import number, person_time


class SendTest:
    """Send test on a provider's admin page."""

    label = gettext_lazy("Send test")
    icon = "send-check"
    permission = "providers.change_provider"

    def url(self, provider: Provider) -> str:
        """The form for a number and a text."""
        return reverse("campaigns:test", args=[provider.pk])


def figures(provider_ids: list[int]) -> dict[int, list[dict[str, Any]]]:
    """For each provider what waits, and how its texts went: within a day, or within a week where the day saw none."""
    waiting, now = _waiting(provider_ids), timezone.now()
    day, week = lane_figures.since(now - timedelta(days=1)), lane_figures.since(now - lane_figures.LOOKS_BACK)
    found = {}
    for pk in provider_ids:
        did, period = (day[pk], _("within a day")) if pk in day else (week.get(pk, LaneFigures()), _("within a week"))
        found[pk] = _rows(waiting, did, period, pk)
    return found


def _waiting(provider_ids: list[int]) -> dict[tuple[int, int], int]:
    ready = Chunk.objects.filter(provider_id__in=provider_ids, state=ChunkState.READY).order_by()
    rows = ready.values_list("provider_id", "priority").annotate(texts=Sum(F("size") - F("started_up_to")))
    return {(provider_id, priority): texts for provider_id, priority, texts in rows}


def _rows(waiting: dict[tuple[int, int], int], did: LaneFigures, period: str, provider_id: int) -> list[dict[str, Any]]:
    share, median = did.delivered_share, did.seconds_until(0.5)
    tests = [{"label": _("Test texts"), "value": did.tests.accepted, "note": _of_tests(did.tests)}] if did.tests else []
    return [
        {"label": _("Waiting, urgent"), "value": waiting.get((provider_id, Chunk.Priority.URGENT), 0)},
        {"label": _("Waiting, mailings"), "value": waiting.get((provider_id, Chunk.Priority.BULK), 0)},
        {"label": _("Accepted"), "value": did.accepted, "note": period},
        {"label": pgettext("texts", "Refused"), "value": did.refused, "note": _("and %(n)s unknown") % {"n": number(did.unknown)} if did.unknown else period},
        {"label": _("Delivered"), "value": None if share is None else _("%(n)s %%") % {"n": share}, "note": _("of those reported on")},
        {"label": _("Time to report"), "value": None if median is None else span(median), "note": _("at most, for half of them")},
        *tests,
    ]


def _of_tests(tests: LaneFigures) -> str:
    """What became of them; tests are few, so each is told."""
    told = [
        (tests.delivered, _("%(n)s delivered")), (tests.undelivered, _("%(n)s not delivered")), (tests.refused, _("%(n)s refused")),
        (tests.unknown, _("%(n)s unknown")),
    ]  # fmt: skip
    return ", ".join(words % {"n": number(count)} for count, words in told if count) or _("nothing heard yet")


def troubles() -> dict[int, str]:
    """Providers that took texts and have fallen silent, in words."""
    return {silence.provider.pk: words_of(silence) for silence in lane_figures.silences()}


def words_of(silence: Silence) -> str:
    """How many texts, and since when nothing is heard."""
    facts = {"n": number(silence.texts), "when": person_time(silence.last_report)}
    if silence.last_report is None:
        return ngettext("It has taken %(n)s text and reported on none.", "It has taken %(n)s texts and reported on none.", silence.texts) % facts
    words = ngettext(
        "No delivery report has come since %(when)s, although it has taken %(n)s text meanwhile.",
        "No delivery report has come since %(when)s, although it has taken %(n)s texts meanwhile.", silence.texts,
    )  # fmt: skip
    return words % facts


def span(seconds: float) -> str:
    """A span of time to read: 30 s, 5 min, 6 h."""
    if seconds < 60:
        return _("%(n)s s") % {"n": int(seconds)}
    return _("%(n)s min") % {"n": int(seconds // 60)} if seconds < 3_600 else _("%(n)s h") % {"n": int(seconds // 3_600)}
