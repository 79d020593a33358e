"""Vonage: its SMS API, delivery receipts and inbound messages, both signed.

Facts from Vonage's documentation, by title of the page: "SMS API" (reference: api_key, api_secret, type, ttl, callback, client-ref; up to 100
characters for a callback), "Troubleshooting SMS" and "API Errors, SMS API" (status of each message of an answer, whose HTTP status is 200
also for errors), "Delivery receipts", "DLR Statuses" and "Vonage SMS Delivery Error Codes and Descriptions" (err-code), "Inbound SMS",
"Signing Messages" (sig over the sorted parameters), "Account API" (get-balance).
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from providers.backends import validity
from providers.backends.addresses import VendorBackend, vendor_address
from providers.backends.answers import by_status, form_fields, gateway_id, json_object, odd, plain, refuses_us, scrubbed, throttled
from providers.backends.base import Setting, Webhook
from providers.backends.http import Reply, Session
from providers.errors import Refused, Unknown, WebhookRejected
from providers.segments import UCS_2, price
from providers.types import DeliveryReport, InboundSms, OutboundSms, ProviderSnapshot, ReportStatus, SendResult

WORLD = "https://rest.nexmo.com"
LONGEST_CALLBACK = 100
SHORTEST, LONGEST = 20, 604_800  # seconds of a ttl, which is in milliseconds
STATUSES = {
    "accepted": ReportStatus.ACCEPTED, "acceptd": ReportStatus.ACCEPTED, "buffered": ReportStatus.ACCEPTED,
    "delivered": ReportStatus.DELIVERED, "delivrd": ReportStatus.DELIVERED,
    "undeliv": ReportStatus.UNDELIVERED, "expired": ReportStatus.UNDELIVERED,
    "failed": ReportStatus.FAILED, "rejected": ReportStatus.FAILED, "rejectd": ReportStatus.FAILED, "deleted": ReportStatus.FAILED,
}  # fmt: skip
REASONS = {  # err-code of a receipt
    "1": "not_delivered", "2": "unreachable", "3": "unknown_number", "4": "blocked", "5": "no_route", "6": "filtered", "7": "unreachable",
    "8": "gateway_trouble", "9": "opted_out", "10": "text_not_allowed", "11": "no_route", "12": "no_route", "13": "blocked", "14": "blocked",
    "99": "not_delivered",
}  # fmt: skip
REFUSALS = {  # status of a message in an answer
    "6": "no_route", "7": "blocked", "12": "text_not_allowed", "15": "sender_not_allowed", "22": "no_route", "29": "country_not_allowed",
    "33": "unknown_number",
}  # fmt: skip
_OURS = {"4": "credentials", "14": "credentials", "32": "credentials", "8": "account", "9": "account", "11": "account"}
_SLOWER = {"1", "10"}  # throttled; too many connections
_THEIRS = "5"  # an internal error while the text was processed: it may be out
METHODS = (
    ("sha256", "SHA-256 HMAC"), ("sha512", "SHA-512 HMAC"), ("sha1", "SHA1 HMAC"), ("md5", "MD5 HMAC"), ("md5hash", "MD5 hash"),
)  # fmt: skip

_api_key = RegexValidator(r"\A[0-9A-Za-z]{6,20}\Z", _("An API key is about 8 letters and digits, for example abcd1234."))


@dataclass(frozen=True, slots=True)
class Wire:
    """What all calls of a provider share."""

    messages: str
    balance: str
    login: tuple[tuple[str, str], ...]
    hidden: tuple[str, ...]  # what no error may repeat


class VonageBackend(VendorBackend):
    """Posts to the SMS API."""

    kind = "vonage"
    world = WORLD
    label: ClassVar[Any] = "Vonage"
    order = 20
    hook_methods = ("POST", "GET")  # the account's setting decides
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("api_key", _("API key"), _("At the top of the Vonage dashboard."), validators=(_api_key,)),
        Setting("api_secret", _("API secret"), _("Beside the API key."), secret=True),
        Setting("signature_secret", _("Signature secret"), _("In the dashboard's API settings. Reports and replies are taken only when signed with it."),
                secret=True),
        Setting("signature_method", _("Signature method"), _("As chosen in the dashboard's API settings."), choices=METHODS, initial="sha256"),
        validity.VALIDITY,
        vendor_address(WORLD),
    )  # fmt: skip

    def wire(self, provider: ProviderSnapshot) -> Wire:
        root = self.base_url(provider)
        login = (("api_key", provider.options.get("api_key", "")), ("api_secret", provider.secrets.get("api_secret", "")))
        hidden = tuple(secret for secret in provider.secrets.values() if secret)
        return Wire(f"{root}/sms/json", f"{root}/account/get-balance", login, hidden)

    async def send(self, session: Session, provider: ProviderSnapshot, sms: OutboundSms) -> SendResult:
        wire: Wire = provider.wire
        reply = await session.post_form(wire.messages, {"Accept": "application/json"}, [*wire.login, *_fields(provider, sms)])
        if reply.status != 200:
            raise by_status(reply, scrubbed(f"HTTP {reply.status}", wire.hidden))
        return _outcome(reply, wire)

    async def check(self, session: Session, provider: ProviderSnapshot) -> str:
        wire: Wire = provider.wire
        reply = await session.get(f"{wire.balance}?{urlencode(wire.login)}", {"Accept": "application/json"})
        if reply.status != 200:
            raise by_status(reply, f"HTTP {reply.status}")
        value = json_object(reply.body).get("value")
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise Unknown("Something answers there, but not like Vonage.", reason="odd_answer")
        return str(_("Connected. The account's balance is %(balance)s.") % {"balance": f"{value:.2f}"})

    def verify(self, provider: ProviderSnapshot, webhook: Webhook) -> None:
        secret = provider.secrets.get("signature_secret", "")
        try:
            values = _received(webhook)
        except ValueError:
            raise WebhookRejected("The signed fields cannot be read.") from None
        told = values.pop("sig", "")
        values.pop("ref", None)  # ours, in the address of the callback
        if not secret or not told or not told.isascii():
            raise WebhookRejected("The signature is missing.")
        right = signature(values, secret, provider.options.get("signature_method") or "sha256")
        if not hmac.compare_digest(told.upper(), right):
            raise WebhookRejected("The signature does not match.")

    def parse_status(self, provider: ProviderSnapshot, webhook: Webhook) -> list[DeliveryReport]:
        values = _received(webhook)
        id_, word = gateway_id(values.get("messageId", "")), values.get("status", "")
        if not id_ or not word:
            raise ValueError(_("messageId or status is missing"))
        code = values.get("err-code", "")
        status = STATUSES.get(word.lower(), ReportStatus.UNKNOWN)
        reason = REASONS.get(code, "not_delivered") if status in (ReportStatus.UNDELIVERED, ReportStatus.FAILED) else ""
        reference = values.get("client-ref") or values.get("ref", "")
        return [DeliveryReport(provider.id, id_, status, reference=reference[:80], reason=reason, raw_status=word[:40], raw_code=code[:20])]

    def parse_inbound(self, provider: ProviderSnapshot, webhook: Webhook) -> list[InboundSms]:
        values = _received(webhook)
        id_, sender = gateway_id(values.get("messageId", "")), values.get("msisdn", "")
        if not id_ or not sender:
            raise ValueError(_("messageId or msisdn is missing"))
        return [InboundSms(provider.id, id_, _with_plus(sender)[:40], _with_plus(values.get("to", ""))[:40], values.get("text", ""))]


def signature(values: Mapping[str, str], secret: str, method: str) -> str:
    """The signature of parameters, in capitals: sorted, & and = in values made _, under the account's secret."""
    text = "".join(f"&{name}={values[name].replace('&', '_').replace('=', '_')}" for name in sorted(values))
    if method == "md5hash":
        return hashlib.md5((text + secret).encode(), usedforsecurity=False).hexdigest().upper()
    return hmac.digest(secret.encode(), text.encode(), method).hex().upper()


def _fields(provider: ProviderSnapshot, sms: OutboundSms) -> list[tuple[str, str]]:
    """The form of one text. The callback has no query: our reference travels as client-ref, and comes back in the receipt. Receipts of a longer
    text name the ids of its parts alone: it has arrived when all of them have."""
    encoding, segments = price(sms.text)
    kind = "unicode" if encoding == UCS_2 else "text"
    fields = [("from", sms.sender.removeprefix("+")), ("to", sms.number.removeprefix("+")), ("text", sms.text), ("type", kind)]
    if sms.reference and segments == 1:
        fields.append(("client-ref", sms.reference))
    callback = sms.callback_url.partition("?")[0]
    if callback and len(callback) <= LONGEST_CALLBACK:
        fields.append(("callback", callback))
    if seconds := validity.seconds(provider, sms, SHORTEST, LONGEST):
        fields.append(("ttl", str(seconds * 1000)))
    return fields


def _outcome(reply: Reply, wire: Wire) -> SendResult:
    """What an answer says of the parts of a text. Parts that were taken cannot be called back: a text in between is unknown."""
    parts = json_object(reply.body).get("messages")
    if not isinstance(parts, list) or not parts or not all(isinstance(part, dict) for part in parts):
        raise odd("no messages in the answer")
    states = [str(part.get("status", "")) for part in parts]
    taken = states.count("0")
    if taken == len(parts):
        ids = tuple(gateway_id(part.get("message-id")) for part in parts)
        if not all(ids):
            raise odd("no message-id in the answer")
        return SendResult(ids[0], () if parts[0].get("client-ref") else ids)
    place = next(place for place, state in enumerate(states) if state != "0")
    detail = scrubbed(f"status {states[place]} {parts[place].get('error-text') or ''}".strip(), wire.hidden)
    if taken:
        raise Unknown("The gateway took only a part of the text.", reason="gateway_trouble", detail=f"{taken} of {len(parts)} parts, {detail}")
    raise _refusal(reply, states[place], detail)


def _refusal(reply: Reply, state: str, detail: str) -> Exception:
    if state in _SLOWER:
        return throttled(reply, detail)
    if state in _OURS:
        return refuses_us(_OURS[state], detail)
    if state == _THEIRS:
        return Unknown("The gateway had a fault.", reason="gateway_trouble", detail=detail)
    if not state.isdigit():
        return odd(detail)
    return Refused("The gateway refused the text.", reason=REFUSALS.get(state, "refused"), detail=detail)


def _received(webhook: Webhook) -> dict[str, str]:
    """The parameters of a webhook, whichever of its three formats the account has. Raises ValueError."""
    values = form_fields(webhook.query.encode()) if webhook.query else {}
    if webhook.body.lstrip()[:1] == b"{":
        return values | _texts(json_object(webhook.body))
    return values | form_fields(webhook.body)


def _texts(values: Mapping[str, Any]) -> dict[str, str]:
    if any(not isinstance(value, str | int | float) for value in values.values()):
        raise ValueError("a field is no text")
    return {plain(name): plain(value if isinstance(value, str) else json.dumps(value)) for name, value in values.items()}


def _with_plus(number: str) -> str:
    """E.164 where it is a number: Vonage leaves the plus out. Short codes and names stay."""
    return f"+{number}" if number.isascii() and number.isdigit() and len(number) > 8 else number
