"""The one road of a text to a gateway: nothing else calls a backend's `send`."""

from contextlib import AbstractAsyncContextManager
from datetime import datetime

from django.conf import settings

from providers import failures, registry
from providers.backends import http
from providers.backends.sessions import Line, SessionBackend, Store
from providers.errors import ProviderError, Refused
from providers.types import DeliveryReport, OutboundSms, ProviderSnapshot, SendResult
from smsapp.common import phone
from smsapp.common.sentences import Sentence, of
from smsapp.common.sentences import say as _


def is_session_bound(provider: ProviderSnapshot) -> bool:
    """Whether its texts travel over the sessions of a sender process, and nobody else sends them."""
    return registry.get(provider.kind).session_bound


def sessions_wanted(provider: ProviderSnapshot) -> int:
    """How many sessions a provider that `is_session_bound` has at the same time."""
    return _with_sessions(provider).sessions_wanted(provider)


def open_line(provider: ProviderSnapshot, store: Store) -> Line:
    """The sessions of a provider that `is_session_bound`, none of them open yet; in the event loop that will use it."""
    return _with_sessions(provider).open_line(provider, store, settings.CALL_DEADLINE_SECONDS)


def _with_sessions(provider: ProviderSnapshot) -> SessionBackend:
    backend = registry.get(provider.kind)
    assert isinstance(backend, SessionBackend)
    return backend


def in_words(error: ProviderError) -> Sentence:
    """What went wrong, for staff: the neutral category and the gateway's own words."""
    what = of(failures.label(error.reason) or str(error))
    return _("%(what)s. %(detail)s") % {"what": what, "detail": error.detail} if error.detail else what


def open_session(connections: int) -> AbstractAsyncContextManager[http.Session]:
    """Connections to gateways for one event loop; made after the fork, closed at the end of the slice."""
    return http.open_session(connections=connections, deadline=settings.CALL_DEADLINE_SECONDS)


async def send(session: http.Session | Line, provider: ProviderSnapshot, sms: OutboundSms) -> SendResult:
    """Hand over one text. Raises NotSent, Refused, Unknown or Misconfigured (see providers.errors)."""
    backend = registry.get(provider.kind)
    if not backend.accepts_fictional(provider) and phone.is_fictional(sms.number):
        raise Refused("A number that belongs to nobody is texted through the simulator only.", reason="fictional_number")
    return await backend.send(session, provider, sms)


async def look_up(session: http.Session, provider: ProviderSnapshot, sms: OutboundSms, around: datetime) -> list[DeliveryReport]:
    """What the gateway took on around a time and may be this text; kinds that `can_look_up` only. Raises ProviderError."""
    return await registry.get(provider.kind).look_up(session, provider, sms, around)


async def check(provider: ProviderSnapshot) -> str:
    """Ask the gateway whether it knows us, without sending; a sentence for people. Raises ProviderError."""
    async with open_session(1) as session:
        return await registry.get(provider.kind).check(session, provider)
