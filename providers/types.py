"""What crosses the wall between backends and the rest: plain frozen facts."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple


@dataclass(frozen=True, slots=True)
class ProviderSnapshot:
    """A provider as it was when a worker read it: what a call needs, without the database. Never printed: it holds secrets."""

    id: int
    kind: str
    options: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict, repr=False)
    rate: int = 10  # segments per second
    sender_rate: int | None = None  # of each sender
    daily_limit: int | None = None  # texts from midnight to midnight
    senders: tuple[str, ...] = ()
    webhook_token: str = ""
    callback_prefix: str = ""  # a reference is appended to it; empty without a public address
    active: bool = True
    lane: str = "running"
    max_segments: int = 1
    allowed_countries: tuple[str, ...] = ()
    wire: Any = field(default=None, repr=False, compare=False)  # what the backend built once for all calls

    @property
    def pace(self) -> int:
        """Segments per second from one sender."""
        return min(self.rate, self.sender_rate or self.rate)


class OutboundSms(NamedTuple):
    """One text to hand to a gateway. `reference` is our signed message id; `callback_url` is empty without a public address.

    `valid_for` is how many seconds from now the text still makes sense; None leaves it to the gateway.
    """

    number: str  # E.164
    text: str
    sender: str
    reference: str
    callback_url: str = ""
    valid_for: int | None = None


class SendResult(NamedTuple):
    """A gateway accepted a text under its own id. `known_as` are the ids that its reports will name, one for each part."""

    gateway_id: str
    known_as: tuple[str, ...] = ()


class ReportStatus(StrEnum):
    """What a gateway may say of a text that it had accepted."""

    ACCEPTED = "accepted"  # still on its way: nothing to change
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    UNKNOWN = "unknown"  # a word that this backend does not know; kept in `raw_status`


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """One delivery report. `reference` (ours) finds the message first, else provider and `gateway_id`."""

    provider_id: int
    gateway_id: str
    status: ReportStatus
    reference: str = ""
    reason: str = ""  # a neutral failure category, see providers.failures
    raw_status: str = ""
    raw_code: str = ""
    event_id: int = 0  # the stored webhook


class Fragment(NamedTuple):
    """Where a part of a longer text belongs: parts with one `key` make a text of `total` parts; this is the `number`-th, from 1."""

    key: str
    total: int
    number: int


@dataclass(frozen=True, slots=True)
class InboundSms:
    """A text that somebody sent to one of our senders."""

    provider_id: int
    gateway_id: str
    sender: str  # E.164 where it is one
    recipient: str
    text: str
    event_id: int = 0
