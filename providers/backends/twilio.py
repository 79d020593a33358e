"""Twilio: its Messages resource, status callbacks and incoming messages.

Facts from Twilio's documentation, by title of the page: "Messages resource", "Authenticate with HTTP" (API keys),
"Webhooks security" (signatures), "Outbound Message Status in Status Callbacks", "Twilio's Request to your Incoming
Message Webhook URL", "Error and Warning Dictionary", and "90007: Invalid validity period value" (1 to 36,000 seconds).
Of codes whose number says little: "30022: US A2P 10DLC - Rate Limits Exceeded", "30024: Numeric Sender ID Not Provisioned on Carrier", "30042:
The Sender ID is blocked as generic or it contains special characters", "30450: Message delivery blocked" and "30453: Message couldn't be
delivered" (both by SMS Pumping Protection), "30500: Twilio Internal Error", "63038: Account exceeded the daily messages limit".
"""

from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from twilio.request_validator import RequestValidator, compare

from providers.backends import validity
from providers.backends.addresses import VendorBackend, vendor_address
from providers.backends.answers import MOST_FIELDS, by_status, form_fields, gateway_id, json_object, number, odd, refuses_us, scrubbed, throttled
from providers.backends.base import Setting, Webhook
from providers.backends.http import Reply, Session
from providers.charset import normalise
from providers.errors import Refused, Unknown, WebhookRejected
from providers.types import DeliveryReport, InboundSms, OutboundSms, ProviderSnapshot, ReportStatus, SendResult

WORLD = "https://api.twilio.com"
SIGNATURE = "x-twilio-signature"
LONGEST_VALIDITY = 36_000  # seconds
NEAR = timedelta(minutes=15)  # between the moment when a text became unknown and the one when Twilio took it on; a lost worker is noticed late
LISTED = 20  # messages that one look-up reads: whole answers stay short

STATUSES = {
    "accepted": ReportStatus.ACCEPTED, "scheduled": ReportStatus.ACCEPTED, "queued": ReportStatus.ACCEPTED,
    "sending": ReportStatus.ACCEPTED, "sent": ReportStatus.ACCEPTED, "delivered": ReportStatus.DELIVERED, "read": ReportStatus.DELIVERED,
    "undelivered": ReportStatus.UNDELIVERED, "failed": ReportStatus.FAILED, "canceled": ReportStatus.FAILED,
}  # fmt: skip
_CODES = {
    "invalid_number": (14101, 21211, 21214, 21217, 21401, 21421, 21604),
    "not_mobile": (21265, 21614, 21635, 30006, 30011),
    "unknown_number": (30005,),
    "unreachable": (30003,),
    "opted_out": (21610,),
    "blocked": (30004,),
    "filtered": (30007, 30033, 30034, 30450, 30453),
    "country_not_allowed": (21408, 21608),
    "no_route": (21612, 21910),
    "sender_not_allowed": (21212, 21601, 21603, 21606, 21657, 21659, 21660, 21661, 30024, 30032, 30035, 30042),
    "text_not_allowed": (14103, 21602, 21605, 21617, 21619, 21658, 30019),
    "too_expensive": (30010,),
    "gateway_trouble": (20500, 30001, 30017, 30410, 30500),
    "throttled": (30022, 63038),
    "not_delivered": (30008, 30009, 30036),
    "account": (30002,),
}
REASONS = {code: reason for reason, codes in _CODES.items() for code in codes}
_CREDENTIALS = {
    20003: "credentials", 20008: "credentials", 20403: "credentials", 20404: "credentials",
    10001: "account", 20005: "account", 21701: "account", 21703: "account", 21704: "account", 30037: "account", 90010: "account",
}  # fmt: skip
_SLOWER = {14107, 20429, 21611}  # too many calls; the sender's queue is full

_account_sid = RegexValidator(r"\AAC[0-9A-Za-z]{3,60}\Z", _("An account SID begins with AC, for example AC followed by 32 letters and digits."))
_key_sid = RegexValidator(r"\ASK[0-9A-Za-z]{3,60}\Z", _("An API key SID begins with SK."))
_service_sid = RegexValidator(r"\AMG[0-9A-Za-z]{3,60}\Z", _("A messaging service SID begins with MG."))


@dataclass(frozen=True, slots=True)
class Wire:
    """What all calls of a provider share."""

    messages: str
    account: str
    headers: Mapping[str, str]
    sender: tuple[str, str] | None  # a messaging service takes the place of From
    hidden: tuple[str, ...]  # what no error may repeat


class TwilioBackend(VendorBackend):
    """Posts to the Messages resource."""

    kind = "twilio"
    world = WORLD
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
        validity.VALIDITY,
        vendor_address(WORLD),
    )  # fmt: skip

    def clean(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
        faults = super().clean(options, secrets)
        if bool(options.get("api_key_sid")) != bool(secrets.get("api_key_secret")):
            missing = "api_key_secret" if options.get("api_key_sid") else "api_key_sid"
            faults[missing] = _("An API key has a SID and a secret. Enter both or neither.")
        return faults

    def sender_from(self, options: Mapping[str, str]) -> str:
        return options.get("messaging_service_sid", "")

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
        if seconds := validity.seconds(provider, sms, most=LONGEST_VALIDITY):
            fields.append(("ValidityPeriod", str(seconds)))
        reply = await session.post_form(wire.messages, wire.headers, fields)
        if reply.status == 201 or reply.status == 200:
            return _accepted(reply.body)
        raise _refusal(provider, reply)

    async def check(self, session: Session, provider: ProviderSnapshot) -> str:
        reply = await session.get(provider.wire.account, provider.wire.headers)
        if reply.status != 200:
            raise _refusal(provider, reply)
        account = json_object(reply.body)
        if not account.get("sid"):
            raise Unknown("Something answers there, but not like Twilio.", reason="odd_answer")
        if account.get("status", "active") != "active":
            raise refuses_us("account", str(account.get("status")))
        return str(_("Connected to the account “%(name)s”.") % {"name": str(account.get("friendly_name") or account["sid"])[:60]})

    async def look_up(self, session: Session, provider: ProviderSnapshot, sms: OutboundSms, around: datetime) -> list[DeliveryReport]:
        """Twilio keeps no reference of ours: its list by To, From and day, compared by time and text ("Messages resource", read multiple)."""
        wire: Wire = provider.wire
        sender = [("From", sms.sender)] if sms.sender and wire.sender is None else []
        query = [("To", sms.number), *sender, ("DateSent>", f"{(around - NEAR).astimezone(UTC):%Y-%m-%d}"), ("PageSize", str(LISTED))]
        reply = await session.get(f"{wire.messages}?{urlencode(query)}", wire.headers)
        if reply.status != 200:
            raise _refusal(provider, reply)
        rows = json_object(reply.body).get("messages")
        alike = [row for row in rows if _is_like(row, sms, around)] if isinstance(rows, list) else []
        return [_listed(provider, row, sms.reference) for row in alike]

    def verify(self, provider: ProviderSnapshot, webhook: Webhook) -> None:
        token, signature = self.auth_token(provider), webhook.headers.get(SIGNATURE, "")
        if not token or not signature or not signature.isascii():
            raise WebhookRejected("The signature is missing.")
        try:
            validator, fields = RequestValidator(token), _form(webhook.body)
            valid = compare(validator.compute_signature(webhook.url, fields), signature) or validator.validate(webhook.url, fields, signature)
        except (ValueError, UnicodeError):
            valid = False
        if not valid:
            raise WebhookRejected("The signature does not match.")

    def parse_status(self, provider: ProviderSnapshot, webhook: Webhook) -> list[DeliveryReport]:
        values = form_fields(webhook.body, _OF_REPORTS)
        sid, word = values.get("MessageSid") or values.get("SmsSid", ""), values.get("MessageStatus") or values.get("SmsStatus", "")
        if not sid or not word:
            raise ValueError(_("MessageSid or MessageStatus is missing"))
        code = values.get("ErrorCode", "")
        status = STATUSES.get(word.lower(), ReportStatus.UNKNOWN)
        reason = REASONS.get(number(code), "not_delivered") if status in (ReportStatus.UNDELIVERED, ReportStatus.FAILED) else ""
        reference = form_fields(webhook.query.encode(), _OF_QUERIES).get("ref", "")
        return [DeliveryReport(provider.id, sid[:80], status, reference=reference[:80], reason=reason, raw_status=word[:40], raw_code=code[:20])]

    def parse_inbound(self, provider: ProviderSnapshot, webhook: Webhook) -> list[InboundSms]:
        values = form_fields(webhook.body, _OF_TEXTS)
        sid, sender = values.get("MessageSid") or values.get("SmsSid", ""), values.get("From", "")
        if not sid or not sender:
            raise ValueError(_("MessageSid or From is missing"))
        return [InboundSms(provider.id, sid[:80], sender[:40], values.get("To", "")[:40], values.get("Body", ""))]

    def answer(self, provider: ProviderSnapshot, event: str) -> tuple[str, str]:
        return "<Response/>", "text/xml"  # "nothing to send back"


class _Fields(dict[str, list[str]]):
    """Received fields in the shape that the validator asks for: every value of a repeated field."""

    def getlist(self, name: str) -> list[str]:
        return self[name]


def _form(body: bytes) -> _Fields:
    fields = _Fields()
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True, max_num_fields=MOST_FIELDS):
        fields.setdefault(name, []).append(value)
    return fields


_OF_REPORTS = frozenset({"MessageSid", "SmsSid", "MessageStatus", "SmsStatus", "ErrorCode"})
_OF_TEXTS = frozenset({"MessageSid", "SmsSid", "From", "To", "Body"})
_OF_QUERIES = frozenset({"ref"})


def _accepted(body: bytes) -> SendResult:
    fields = json_object(body)
    sid = gateway_id(fields.get("sid")) if isinstance(fields.get("sid"), str) else ""
    if not sid:
        raise odd("no sid in the answer")
    if fields.get("status") == "failed":
        code = number(fields.get("error_code") or 0)
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
    reason = REASONS.get(number(code), "not_delivered") if status in (ReportStatus.UNDELIVERED, ReportStatus.FAILED) else ""
    return DeliveryReport(provider.id, row["sid"], status, reference=reference, reason=reason, raw_status=word, raw_code=code)


def _refusal(provider: ProviderSnapshot, reply: Reply) -> Exception:
    """The error that an answer other than 201 means."""
    fields = json_object(reply.body)
    code = number(fields.get("code") or 0)
    detail = scrubbed(f"HTTP {reply.status} {code or ''} {fields.get('message') or ''}".strip(), provider.wire.hidden)
    if code in _SLOWER:
        return throttled(reply, detail)
    if code in _CREDENTIALS and 400 <= reply.status < 500:
        return refuses_us(_CREDENTIALS[code], detail)
    return by_status(reply, detail, reason=REASONS.get(code, ""))
