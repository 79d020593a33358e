"""What pages say of stored webhooks: what each reports, and which ones a search finds."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import BinaryField, F, Func, IntegerField, Q, QuerySet, Value
from django.utils.translation import gettext_lazy as _

from providers import masking, registry, slots
from providers.backends.base import Webhook
from providers.models import Provider, WebhookEvent
from providers.services.providers import snapshot_of
from providers.types import DeliveryReport, InboundSms, ReportStatus
from smsapp.common import phone

State = WebhookEvent.State
OPEN_TO_REPLAY = (State.UNMATCHED, State.BROKEN)
SEARCHED = 50_000  # the newest that match the filters: a search reads what was posted, which no index knows
LOOKS: dict[str, tuple[str, str]] = {  # tone, icon
    State.NEW: ("blue", "hourglass-split"), State.APPLIED: ("green", "check2"),
    State.UNMATCHED: ("yellow", "question-circle"), State.BROKEN: ("red", "x-octagon"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that an event says: of which text or from whom, and what. Numbers are masked."""

    about: str  # the gateway's id
    word: str  # the gateway's own word and code
    number: str = ""
    url: str = ""  # of the text's own page
    nothing: Any = ""  # why it changes nothing


@dataclass(frozen=True, slots=True)
class Shown:
    """An event with its words."""

    event: WebhookEvent
    told: list[Told]

    @property
    def state(self) -> tuple[Any, str, str]:
        """Word, tone and icon."""
        if self.event.state == State.APPLIED and self.told and all(each.nothing for each in self.told):
            return (_("Changed nothing"), "grey", "dash-circle")
        return (self.event.get_state_display(), *LOOKS[self.event.state])

    @property
    def may_replay(self) -> bool:
        """Whether it was not applied."""
        return self.event.state in OPEN_TO_REPLAY


def shown(events: Sequence[WebhookEvent]) -> list[Shown]:
    """Events as a list shows them; what a backend cannot read says nothing."""
    said = [(event, _said(event)) for event in events]
    references = {each.reference for _event, reports in said for each in reports if isinstance(each, DeliveryReport) and each.reference}
    delivered = {reference for tell in slots.delivered_texts for reference in tell(references)} if references else set()
    return [Shown(event, [_told(each, delivered) for each in reports]) for event, reports in said]


def _said(event: WebhookEvent) -> Sequence[DeliveryReport | InboundSms]:
    try:
        return _read(event)
    except (ValueError, registry.UnknownKind):
        return []


def _read(event: WebhookEvent) -> Sequence[DeliveryReport | InboundSms]:
    backend, plain = registry.get(event.provider.kind), snapshot_of(event.provider)
    webhook = Webhook(event.event, "", event.query, bytes(event.body), event.content_type)
    return backend.parse_inbound(plain, webhook) if event.event == "inbound" else backend.parse_status(plain, webhook)


def _told(said: DeliveryReport | InboundSms, delivered: Collection[str]) -> Told:
    if isinstance(said, InboundSms):
        return Told(said.gateway_id, "", phone.mask(said.sender))
    words = " ".join(filter(None, [said.raw_status, said.raw_code]))
    return Told(said.gateway_id, words, url=_url(said.reference), nothing=_nothing(said, delivered))


def _nothing(report: DeliveryReport, delivered: Collection[str]) -> Any:
    """Why a report changes nothing, as far as the report and its text say it today."""
    if report.status is ReportStatus.UNKNOWN:
        return _("its word is not known")
    if report.status in (ReportStatus.UNDELIVERED, ReportStatus.FAILED) and report.reference in delivered:
        return _("the text is delivered, which stays")
    return ""


def _url(reference: str) -> str:
    return next((url for page in slots.text_pages if (url := page(reference))), "") if reference else ""


def fields_of(event: WebhookEvent) -> list[tuple[str, str]]:
    """Everything that was posted, without secrets."""
    provider: Provider = event.provider
    secrets = [*snapshot_of(provider).secrets.values(), provider.webhook_token]
    return masking.fields_of(event.query, bytes(event.body), event.content_type, secrets)


class Position(Func):
    """Where the first of two byte strings stands in the second; 0 when nowhere."""

    template, arg_joiner, output_field = "position(%(expressions)s)", " in ", IntegerField()


def search(events: QuerySet[WebhookEvent], q: str) -> QuerySet[WebhookEvent]:
    """Those among the newest that name a gateway's id, or a number in any format."""
    newest, needle = events.order_by("-id").values("id")[:SEARCHED], _needle(q)
    place = Position(Value(needle.encode(), output_field=BinaryField()), F("body"))
    return WebhookEvent.objects.alias(place=place).filter(Q(place__gt=0) | Q(query__contains=needle), id__in=newest)


def _needle(q: str) -> str:
    """A number without its plus and spaces, as it stands inside whatever a gateway posts; anything else as it is."""
    digits = re.sub(r"[\s.\-()\u00a0\u202f+]", "", q)
    return digits if digits.isdigit() else q
