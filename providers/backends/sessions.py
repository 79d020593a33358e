"""What a backend is whose texts travel over long-lived sessions: a sender process keeps them, and no other worker sends for it."""

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Protocol

from providers.backends.base import Backend, Webhook
from providers.errors import Misconfigured, WebhookRejected
from providers.types import Fragment, ProviderSnapshot


class Line(Protocol):
    """The sessions of one provider that a process holds; handed to `send` where other backends get connections."""

    @property
    def is_open(self) -> bool:
        """Whether a text can leave at this moment."""

    @property
    def width(self) -> int:
        """Texts that can be under way at once."""

    @property
    def fault(self) -> Misconfigured | None:
        """Why no session will come about before somebody changes the settings."""

    def keep(self, numbers: Collection[int]) -> Any:
        """Hold exactly the sessions with these numbers."""

    def standing(self) -> dict[int, tuple[float, str]]:
        """Of each: since when it stands (seconds since 1970; 0.0 when it does not), and its trouble in words."""

    async def close(self) -> None:
        """End all in good order."""


Store = Callable[[Sequence[Webhook]], Awaitable[Sequence[bool]]]  # whether each is stored, so that the gateway may forget it


class SessionBackend(Backend):
    """Reports and texts come over the sessions, so there are no addresses for the gateway to call."""

    has_webhooks = False
    session_bound = True

    def sessions_wanted(self, provider: ProviderSnapshot) -> int:
        """How many of them."""
        raise NotImplementedError

    def open_line(self, provider: ProviderSnapshot, store: Store, deadline: float) -> Line:
        """A line without sessions yet; `deadline` is how many seconds a text may take."""
        raise NotImplementedError

    def fragment(self, provider: ProviderSnapshot, webhook: Webhook) -> Fragment | None:
        """Where a text that came in belongs when it is a part of a longer one."""
        return None

    def join(self, bodies: Sequence[bytes]) -> bytes:
        """The body of the whole text from those of its parts, in order."""
        raise NotImplementedError

    def verify(self, provider: ProviderSnapshot, webhook: Webhook) -> None:
        raise WebhookRejected("This gateway never posts.")
