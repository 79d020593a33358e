"""What a backend is: declarations from which the form is built, and the things that it can do."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from providers.types import DeliveryReport, InboundSms, OutboundSms, ProviderSnapshot, SendResult


@dataclass(frozen=True, slots=True)
class Setting:
    """One thing that an administrator enters for a provider of this kind. `secret` ones are encrypted and never shown again.

    An `address` is where the secrets are sent: when it changes, they are entered again. `choices` are (value, label) pairs; a field
    with `rows` takes several lines; fields of one `group` stand together under its words.
    """

    name: str
    label: Any
    help: Any = ""
    required: bool = True
    secret: bool = False
    address: bool = False
    initial: str = ""
    validators: tuple[Callable[[str], None], ...] = ()
    choices: tuple[tuple[str, Any], ...] = ()
    rows: int = 0
    group: Any = ""


@dataclass(frozen=True, slots=True)
class Webhook:
    """A request that a gateway made to us, as it came. `url` is the public address that the gateway called, with its query.

    The body of a GET is its query.
    """

    event: str  # "status" or "inbound"
    url: str
    query: str
    body: bytes
    content_type: str
    headers: Mapping[str, str] = field(default_factory=dict)


class Doubt(str):
    """The answer to a connection test that is neither good nor bad."""

    __slots__ = ()


class Backend:
    """Speaks to one kind of gateway. Stateless: one instance serves every provider of its kind."""

    kind: ClassVar[str] = ""
    label: ClassVar[Any] = ""
    order: ClassVar[int] = 100  # place among the kinds in the form
    settings: ClassVar[tuple[Setting, ...]] = ()
    confirms_opt_out: ClassVar[bool] = False  # the gateway answers a STOP itself, so we do not
    reports_delivery: ClassVar[bool] = True
    receives_texts: ClassVar[bool] = True
    needs_sender: ClassVar[bool] = True
    hook_methods: ClassVar[tuple[str, ...]] = ("POST",)  # how the gateway calls us
    has_webhooks: ClassVar[bool] = True  # the gateway posts to our addresses
    session_bound: ClassVar[bool] = False  # texts travel over long-lived sessions, see backends/sessions.py
    reports_by_id: ClassVar[bool] = False  # reports name the gateway's ids (SendResult.known_as) and not our reference
    can_look_up: ClassVar[bool] = False  # the gateway can be asked what became of a text whose call ended without an answer

    def clean(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
        """Faults between fields: name of the field → what is wrong with it."""
        return {}

    def sender_from(self, options: Mapping[str, str]) -> str:
        """What at the gateway chooses the sender in our place; empty when we do."""
        return ""

    def login_of(self, options: Mapping[str, str]) -> tuple[str, ...]:
        """What at the gateway only one provider at a time may use; empty when several may."""
        return ()

    def address_to_copy(self, url: str) -> str:
        """The address of a webhook as a person puts it into the gateway's settings."""
        return url

    def accepts_fictional(self, provider: ProviderSnapshot) -> bool:
        """Whether numbers that belong to nobody may go there: only to a stand-in, never into the world."""
        return False

    def wire(self, provider: ProviderSnapshot) -> Any:
        """What every call of this provider shares (addresses, headers), built once per snapshot."""
        return None

    async def send(self, session: Any, provider: ProviderSnapshot, sms: OutboundSms) -> SendResult:
        """Hand over one text over what `services.sending` opened. Raises a subclass of ProviderError for every other outcome."""
        raise NotImplementedError

    async def check(self, session: Any, provider: ProviderSnapshot) -> str:
        """Ask the gateway whether it knows us, without sending; a sentence for people, a Doubt when the answer may mean trouble. Raises ProviderError."""
        raise NotImplementedError

    async def look_up(self, session: Any, provider: ProviderSnapshot, sms: OutboundSms, around: datetime) -> list[DeliveryReport]:
        """Whatever the gateway took on around that time and may be this text, with our reference; empty proves nothing. Raises ProviderError."""
        raise NotImplementedError

    def verify(self, provider: ProviderSnapshot, webhook: Webhook) -> None:
        """Raises WebhookRejected unless the request provably comes from the gateway."""
        raise NotImplementedError

    def parse_status(self, provider: ProviderSnapshot, webhook: Webhook) -> list[DeliveryReport]:
        """Delivery reports in a verified webhook. Raises ValueError when it makes no sense."""
        raise NotImplementedError

    def parse_inbound(self, provider: ProviderSnapshot, webhook: Webhook) -> list[InboundSms]:
        """Texts in a verified webhook. Raises ValueError when it makes no sense."""
        raise NotImplementedError

    def answer(self, provider: ProviderSnapshot, event: str) -> tuple[str, str]:
        """(body, content type) of our answer to a webhook."""
        return "", "text/plain"
