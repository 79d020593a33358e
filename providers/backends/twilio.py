"""Twilio: its Messages resource, status callbacks and incoming messages.

Facts from Twilio's documentation, by title of the page: "Messages resource", "Authenticate with HTTP" (API keys),
"Webhooks security" (signatures), "Outbound Message Status in Status Callbacks", "Twilio's Request to your Incoming
Message Webhook URL", "Error and Warning Dictionary".
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from ipaddress import ip_address
from typing import Any, ClassVar
from urllib.parse import parse_qsl, unquote_plus, urlencode, urlsplit

from django.core.validators import RegexValidator, URLValidator
from django.utils.translation import gettext_lazy as _
from twilio.request_validator import RequestValidator

from providers.backends.base import Backend, Setting, Webhook
from providers.backends.http import Reply, Session
from providers.charset import normalise
from providers.errors import Misconfigured, NotSent, Refused, Unknown, WebhookRejected
from providers.types import DeliveryReport, InboundSms, OutboundSms, ProviderSnapshot, ReportStatus, SendResult

WORLD = "https://api.twilio.com"
SIGNATURE = "x-twilio-signature"
NEAR = timedelta(minutes=15)  # between the moment when a text became unknown and the one when Twilio took it on; a lost worker is noticed late
LISTED = 20  # messages that one look-up reads: whole answers stay short

STATUSES = {
    "accepted": ReportStatus.ACCEPTED, "scheduled": ReportStatus.ACCEPTED, "queued": ReportStatus.ACCEPTED,
    "sending": ReportStatus.ACCEPTED, "sent": ReportStatus.ACCEPTED, "delivered": ReportStatus.DELIVERED, "read": ReportStatus.DELIVERED,
    "undelivered": ReportStatus.UNDELIVERED, "failed": ReportStatus.FAILED, "canceled": ReportStatus.FAILED,
}  # fmt: skip
REASONS = {
    21211: "invalid_number", 21217: "invalid_number", 21214: "invalid_number", 21604: "invalid_number", 21421: "invalid_number",
    21614: "not_mobile", 30006: "not_mobile", 30005: "unknown_number", 30003: "unreachable", 30004: "blocked", 30007: "filtered",
    30008: "not_delivered", 30009: "not_delivered", 30010: "too_expensive", 30034: "filtered", 30410: "gateway_trouble",
    21408: "country_not_allowed", 21612: "no_route", 21610: "opted_out",
    21212: "sender_not_allowed", 21603: "sender_not_allowed", 21606: "sender_not_allowed", 21659: "sender_not_allowed", 21660: "sender_not_allowed",
    21601: "sender_not_allowed", 21608: "country_not_allowed", 21602: "text_not_allowed", 21605: "text_not_allowed", 21617: "text_not_allowed",
    30001: "gateway_trouble", 30002: "account",
}  # fmt: skip
_CREDENTIALS = {20003: "credentials", 20404: "credentials", 20008: "credentials", 20005: "account", 10001: "account", 90010: "account", 21703: "account"}
_SLOWER = {20429, 14107, 21611}  # too many calls; the sender's queue is full

_account_sid = RegexValidator(r"\AAC[0-9A-Za-z]{3,60}\Z", _("An account SID begins with AC, for example AC followed by 32 letters and digits."))
_key_sid = RegexValidator(r"\ASK[0-9A-Za-z]{3,60}\Z", _("An API key SID begins with SK."))
_service_sid = RegexValidator(r"\AMG[0-9A-Za-z]{3,60}\Z", _("A messaging service SID begins with MG."))
_address = URLValidator(schemes=["https", "http"], message=_("Enter a whole address, for example https://api.twilio.com."))


@dataclass(frozen=True, slots=True)
class Wire:
    """What all calls of a provider share."""

    messages: str
    account: str
    headers: Mapping[str, str]
    sender: tuple[str, str] | None  # a messaging service takes the place of From
    hidden: tuple[str, ...]  # what no error may repeat


class TwilioBackend(Backend):
    """Posts to the Messages resource."""

    kind = "twilio"
    can_look_up = True
    label: ClassVar[Any] = "Twilio"
    order = 10
    confirms_opt_out = True  # Twilio's default handling of STOP answers by itself
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("account_sid", _("Account SID"), _("On the first page of the Twilio console; begins with AC."), validators=(_account_sid,)),
        Setting("auth_token", _("Auth token"), _("Also needed beside an API key: Twilio signs delivery reports with it."), secret=True),
        Setting("api_key_sid", _("API key SID"), _("Optional. Calls then use the key instead of the auth token."), required=False, validators=(_key_sid,)),
        Setting("api_key_secret", _("API key secret"), _("Shown by Twilio once, when the key is made."), required=False, secret=True),
        Setting("messaging_service_sid", _("Messaging service SID"), _("Optional. Twilio then chooses the sender; begins with MG."),
                required=False, validators=(_service_sid,)),
        Setting("base_url", _("Address"), _("Change it only to use a stand-in, for example http://127.0.0.1:8025."),
                required=False, address=True, initial=WORLD, validators=(_address,)),
    )  # fmt: skip

    def clean(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
        faults: dict[str, Any] = {}
        if bool(options.get("api_key_sid")) != bool(secrets.get("api_key_secret")):
            missing = "api_key_secret" if options.get("api_key_sid") else "api_key_sid"
            faults[missing] = _("An API key has a SID and a secret. Enter both or neither.")
        address = options.get("base_url") or WORLD
        if urlsplit(address).scheme != "https" and not is_loopback(address):
            faults["base_url"] = _("Credentials travel with every text: use https. Plain http is for this machine only, for example http://127.0.0.1:8025.")
        return faults

    def sender_from(self, options: Mapping[str, str]) -> str:
        return options.get("messaging_service_sid", "")

    def accepts_fictional(self, provider: ProviderSnapshot) -> bool:
        """An address on this machine is a stand-in: nothing leaves for the world."""
        return is_loopback(self.base_url(provider))

    def base_url(self, provider: ProviderSnapshot) -> str:
        """Where the gateway is, without a slash at the end."""
        return (provider.options.get("base_url") or WORLD).rstrip("/")

    def auth_token(self, provider: ProviderSnapshot) -> str:
        """The secret with which webhooks are signed."""
        return provider.secrets.get("auth_token", "")

    def login(self, provider: ProviderSnapshot) -> tuple[str, str, str]:
        """(account, user, password) of each call."""
        account = provider.options.get("account_sid", "")
        if provider.options.get("api_key_sid"):
            return account, provider.options["api_key_sid"], provider.secrets.get("api_key_secret", "")
        return account, account, provider.secrets.get("auth_token", "")

    def wire(self, provider: ProviderSnapshot) -> Wire:
        account, user, password = self.login(provider)
        root = f"{self.base_url(provider)}/2010-04-01/Accounts/{account}"
        service = provider.options.get("messaging_service_sid")
        basic = b64encode(f"{user}:{password}".encode()).decode()
        hidden = tuple(secret for secret in (*provider.secrets.values(), password, basic) if secret)
        headers = {"Authorization": f"Basic {basic}", "Accept": "application/json"}
        return Wire(f"{root}/Messages.json", f"{root}.json", headers, ("MessagingServiceSid", service) if service else None, hidden)

    async def send(self, session: Session, provider: ProviderSnapshot, sms: OutboundSms) -> SendResult:
        wire: Wire = provider.wire
        fields = [("To", sms.number), wire.sender or ("From", sms.sender), ("Body", sms.text)]
        if sms.callback_url:
            fields.append(("StatusCallback", sms.callback_url))
        reply = await session.post_form(wire.messages, wire.headers, fields)
        if reply.status == 201 or reply.status == 200:
            return _accepted(reply.body)
        raise _refusal(provider, reply)

    async def check(self, session: Session, provider: ProviderSnapshot) -> str:
        reply = await session.get(provider.wire.account, provider.wire.headers)
        if reply.status != 200:
            raise _refusal(provider, reply)
        account = _fields(reply.body)
        if not account.get("sid"):
            raise Unknown("Something answers there, but not like Twilio.", reason="odd_answer")
        if account.get("status", "active") != "active":
            raise Misconfigured("The account is not active.", reason="account", detail=str(account.get("status")))
        return str(_("Connected to the account “%(name)s”.") % {"name": str(account.get("friendly_name") or account["sid"])[:60]})

    async def look_up(self, session: Session, provider: ProviderSnapshot, sms: OutboundSms, around: datetime) -> list[DeliveryReport]:
        """Twilio keeps no reference of ours: its list by To, From and day, compared by time and text ("Messages resource", read multiple)."""
        wire: Wire = provider.wire
        sender = [("From", sms.sender)] if sms.sender and wire.sender is None else []
        query = [("To", sms.number), *sender, ("DateSent>", f"{(around - NEAR).astimezone(UTC):%Y-%m-%d}"), ("PageSize", str(LISTED))]
        reply = await session.get(f"{wire.messages}?{urlencode(query)}", wire.headers)
        if reply.status != 200:
            raise _refusal(provider, reply)
        rows = _fields(reply.body).get("messages")
        alike = [row for row in rows if _is_like(row, sms, around)] if isinstance(rows, list) else []
        return [_listed(provider, row, sms.reference) for row in alike]

    def verify(self, provider: ProviderSnapshot, webhook: Webhook) -> None:
        token, signature = self.auth_token(provider), webhook.headers.get(SIGNATURE, "")
        if not token or not signature or not signature.isascii():
            raise WebhookRejected("The signature is missing.")
        try:
            valid = RequestValidator(token).validate(webhook.url, _form(webhook.body), signature)
        except (ValueError, UnicodeError):
            valid = False
        if not valid:
            raise WebhookRejected("The signature does not match.")

    def parse_status(self, provider: ProviderSnapshot, webhook: Webhook) -> list[DeliveryReport]:
        values = _last_values(webhook.body, _OF_REPORTS)
        sid, word = values.get("MessageSid") or values.get("SmsSid", ""), values.get("MessageStatus") or values.get("SmsStatus", "")
        if not sid or not word:
            raise ValueError("MessageSid or MessageStatus is missing")
        code = values.get("ErrorCode", "")
        status = STATUSES.get(word.lower(), ReportStatus.UNKNOWN)
        reason = REASONS.get(_number(code), "not_delivered") if status in (ReportStatus.UNDELIVERED, ReportStatus.FAILED) else ""
        reference = _last_values(webhook.query.encode(), _OF_QUERIES).get("ref", "")
        return [DeliveryReport(provider.id, sid[:80], status, reference=reference[:80], reason=reason, raw_status=word[:40], raw_code=code[:20])]

    def parse_inbound(self, provider: ProviderSnapshot, webhook: Webhook) -> list[InboundSms]:
        values = _last_values(webhook.body, _OF_TEXTS)
        sid, sender = values.get("MessageSid") or values.get("SmsSid", ""), values.get("From", "")
        if not sid or not sender:
            raise ValueError("MessageSid or From is missing")
        return [InboundSms(provider.id, sid[:80], sender[:40], values.get("To", "")[:40], values.get("Body", ""))]

    def answer(self, event: str) -> tuple[str, str]:
        return "<Response/>", "text/xml"  # "nothing to send back"


def is_loopback(address: str) -> bool:
    """Whether an address names this machine."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


class _Fields(dict[str, list[str]]):
    """Received fields in the shape that the validator asks for: every value of a repeated field."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def _form(body: bytes) -> _Fields:
    fields = _Fields()
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS):
        fields.setdefault(name, []).append(value)
    return fields


MOST_FIELDS = 200
_OF_REPORTS = frozenset({"MessageSid", "SmsSid", "MessageStatus", "SmsStatus", "ErrorCode"})
_OF_TEXTS = frozenset({"MessageSid", "SmsSid", "From", "To", "Body"})
_OF_QUERIES = frozenset({"ref"})


def _last_values(body: bytes, wanted: frozenset[str]) -> dict[str, str]:
    """The wanted fields that are there, without what the database cannot hold. The others are not decoded: reports come in crowds.

    Raises ValueError for more fields than any gateway sends.
    """
    pairs = body.decode("utf-8", "replace").split("&", MOST_FIELDS)
    if len(pairs) > MOST_FIELDS:
        raise ValueError("there are too many fields")
    split = [pair.partition("=") for pair in pairs]
    return {name: unquote_plus(value).replace("\0", "") for name, _equals, value in split if name in wanted}


def _number(text: Any) -> int:
    return int(text) if str(text).isascii() and str(text).isdigit() and len(str(text)) < 7 else 0


def _fields(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _accepted(body: bytes) -> SendResult:
    fields = _fields(body)
    sid = fields.get("sid")
    if not isinstance(sid, str) or not 0 < len(sid) <= 80 or "\0" in sid:
        raise Unknown("The gateway's answer made no sense.", reason="odd_answer", detail="no sid in the answer")
    if fields.get("status") == "failed":
        code = _number(fields.get("error_code") or 0)
        raise Refused("The gateway took the text and failed it.", reason=REASONS.get(code, "refused"), detail=str(code))
    return SendResult(sid)


def _is_like(row: Any, sms: OutboundSms, around: datetime) -> bool:
    """Whether a line of Twilio's list may be this text: outbound, same number and words, about that time."""
    if not isinstance(row, dict) or not isinstance(row.get("sid"), str) or not 0 < len(row["sid"]) <= 80:
        return False
    try:
        at = parsedate_to_datetime(str(row.get("date_created") or row.get("date_sent") or ""))
    except ValueError:
        return False
    same = row.get("to") == sms.number and normalise(str(row.get("body", ""))) == normalise(sms.text)
    return same and str(row.get("direction", "")).startswith("outbound") and at.tzinfo is not None and abs(at - around) <= NEAR


def _listed(provider: ProviderSnapshot, row: dict[str, Any], reference: str) -> DeliveryReport:
    word, code = str(row.get("status") or "")[:40], str(row.get("error_code") or "")[:20]
    status = STATUSES.get(word.lower(), ReportStatus.UNKNOWN)
    reason = REASONS.get(_number(code), "not_delivered") if status in (ReportStatus.UNDELIVERED, ReportStatus.FAILED) else ""
    return DeliveryReport(provider.id, row["sid"], status, reference=reference, reason=reason, raw_status=word, raw_code=code)


def _refusal(provider: ProviderSnapshot, reply: Reply) -> Exception:
    """The error that an answer other than 201 means."""
    status, fields = reply.status, _fields(reply.body)
    code = _number(fields.get("code") or 0)
    detail = _scrub(provider, f"HTTP {status} {code or ''} {fields.get('message') or ''}".strip())
    if status == 429 or code in _SLOWER:
        return NotSent("The gateway asks for a slower pace.", retry_after=reply.retry_after, throttled=True, reason="throttled", detail=detail)
    if status >= 500 or status in (408, 302, 303) or 200 <= status < 300:
        return Unknown("The gateway had a fault.", reason="gateway_trouble" if status >= 500 else "odd_answer", detail=detail)
    if code in _CREDENTIALS or (code not in REASONS and status in (401, 402, 403, 404)):
        return Misconfigured("The gateway refuses our account.", reason=_CREDENTIALS.get(code, "credentials"), detail=detail)
    if status < 400:
        return Misconfigured("The gateway's address leads elsewhere.", reason="credentials", detail=detail)
    return Refused("The gateway refused the text.", reason=REASONS.get(code, "refused"), detail=detail)


def _scrub(provider: ProviderSnapshot, text: str) -> str:
    """A gateway's words without our secrets, should it repeat them, and without what the database cannot hold."""
    for secret in provider.wire.hidden:
        text = text.replace(secret, "•••")
    return text.replace("\0", "")
