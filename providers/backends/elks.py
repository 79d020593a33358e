"""46elks: its SMS resource, delivery reports and incoming texts.

Facts from 46elks' documentation, by title of the page: "Send an SMS" (from, to, message, whendelivered; basic auth), "SMS Delivery Reports
(DLRs)" (id, status; a user name and password in the address; status 200 to 204), "Receive SMS" (id, from, to, message; the answer's body is
sent as a reply), "Show SMS by ID" (created, sent, delivered, failed), "Fetch SMS history" (to; start and end: before and after), "Account" (the resource Me).
"""

import hmac
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import quote, urlencode

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from providers.backends.addresses import VendorBackend, vendor_address
from providers.backends.answers import by_status, form_fields, gateway_id, json_object, odd, refuses_us, scrubbed
from providers.backends.base import Setting, Webhook
from providers.backends.http import Reply, Session
from providers.charset import normalise
from providers.errors import Refused, Unknown, WebhookRejected
from providers.types import DeliveryReport, InboundSms, OutboundSms, ProviderSnapshot, ReportStatus, SendResult

WORLD = "https://api.46elks.com"
HOOK_USER = "reports"
NEAR = timedelta(minutes=15)  # between the moment when a text became unknown and the one when 46elks took it on
LISTED = 100  # the most that the history gives at once
STATUSES = {
    "created": ReportStatus.ACCEPTED, "sent": ReportStatus.ACCEPTED, "delivered": ReportStatus.DELIVERED, "failed": ReportStatus.FAILED,
}  # fmt: skip

# A refused text is told in a sentence without a code; what none of these finds stays "refused", with the sentence.
_SENTENCES = (
    (re.compile(r"\b(from|sender)\b", re.IGNORECASE), "sender_not_allowed"),
    (re.compile(r"\b(invalid|not a valid|no valid|incorrect) ((to|recipient|phone|mobile)\b[ -]?)+", re.IGNORECASE), "invalid_number"),
    (re.compile(r"\b(message|text)\b.*\b(long|empty|invalid)\b|\b(empty|invalid) (message|text)\b", re.IGNORECASE), "text_not_allowed"),
)
_NO_CREDIT = re.compile(r"\b(credits?|balance|funds)\b", re.IGNORECASE)

_user = RegexValidator(r"\Au[0-9A-Za-z]{5,60}\Z", _("An API username begins with u and has 32 more letters and digits."))
_password = RegexValidator(r"\A[0-9A-Za-z_-]{12,60}\Z", _("Use 12 to 60 letters and digits: it stands in an address."))


@dataclass(frozen=True, slots=True)
class Wire:
    """What all calls of a provider share."""

    sms: str
    me: str
    headers: Mapping[str, str]
    hook_password: str
    hidden: tuple[str, ...]  # what no error may repeat


class ElksBackend(VendorBackend):
    """Posts to the SMS resource."""

    kind = "elks"
    world = WORLD
    can_look_up = True
    label: ClassVar[Any] = "46elks"
    order = 40
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("username", _("API username"), _("On the account page of the 46elks dashboard; begins with u."), validators=(_user,)),
        Setting("password", _("API password"), _("Beside the API username."), secret=True),
        Setting("hook_password", _("Password for reports"), _("Make one up. 46elks signs nothing, so it calls us with this password: "
                "put it in place of PASSWORD into the address for incoming texts, below on this page once it is saved."), secret=True, validators=(_password,)),
        vendor_address(WORLD),
    )  # fmt: skip

    def address_to_copy(self, url: str) -> str:
        """With a place for the password for reports, without which nothing is taken."""
        return _with_password(url, str(_("PASSWORD")))

    def wire(self, provider: ProviderSnapshot) -> Wire:
        root = self.base_url(provider)
        basic = _basic(provider.options.get("username", ""), provider.secrets.get("password", ""))
        hidden = tuple(secret for secret in (*provider.secrets.values(), basic) if secret)
        headers = {"Authorization": f"Basic {basic}"}
        return Wire(f"{root}/a1/sms", f"{root}/a1/me", headers, provider.secrets.get("hook_password", ""), hidden)

    async def send(self, session: Session, provider: ProviderSnapshot, sms: OutboundSms) -> SendResult:
        wire: Wire = provider.wire
        fields = [("from", sms.sender), ("to", sms.number), ("message", sms.text)]
        if sms.callback_url:
            fields.append(("whendelivered", _with_password(sms.callback_url, wire.hook_password)))
        reply = await session.post_form(wire.sms, wire.headers, fields)
        if reply.status != 200:
            raise _refusal(reply, wire)
        answer = json_object(reply.body)
        id_ = gateway_id(answer.get("id"))
        if not id_ or answer.get("direction", "outgoing") != "outgoing":
            raise odd("no id in the answer")
        if answer.get("status") == "failed":
            raise Refused("The gateway took the text and failed it.", reason="refused", detail="failed")
        return SendResult(id_)

    async def check(self, session: Session, provider: ProviderSnapshot) -> str:
        wire: Wire = provider.wire
        reply = await session.get(wire.me, wire.headers)
        if reply.status != 200:
            raise _refusal(reply, wire)
        account = json_object(reply.body)
        if not gateway_id(account.get("id")):
            raise Unknown("Something answers there, but not like 46elks.", reason="odd_answer")
        return str(_("Connected to the account “%(name)s”.") % {"name": str(account.get("displayname") or account["id"])[:60]})

    async def look_up(self, session: Session, provider: ProviderSnapshot, sms: OutboundSms, around: datetime) -> list[DeliveryReport]:
        """46elks keeps no reference of ours: its history of a number around that time, compared by sender and text."""
        wire: Wire = provider.wire
        query = {"to": sms.number, "start": _moment(around + NEAR), "end": _moment(around - NEAR), "limit": str(LISTED)}
        reply = await session.get(f"{wire.sms}?{urlencode(query)}", wire.headers)
        if reply.status != 200:
            raise _refusal(reply, wire)
        rows = json_object(reply.body).get("data")
        if not isinstance(rows, list):
            raise odd("no list in the answer")
        return [_listed(provider, row, sms.reference) for row in rows if _is_like(row, sms, around)]

    def verify(self, provider: ProviderSnapshot, webhook: Webhook) -> None:
        password, told = provider.secrets.get("hook_password", ""), webhook.headers.get("authorization", "")
        if not password or not hmac.compare_digest(told.encode(), f"Basic {_basic(HOOK_USER, password)}".encode()):
            raise WebhookRejected("The password is missing or wrong.")

    def parse_status(self, provider: ProviderSnapshot, webhook: Webhook) -> list[DeliveryReport]:
        values = form_fields(webhook.body)
        if not gateway_id(values.get("id", "")) or not values.get("status"):
            raise ValueError(_("id or status is missing"))
        return [_listed(provider, values, form_fields(webhook.query.encode()).get("ref", "")[:80])]

    def parse_inbound(self, provider: ProviderSnapshot, webhook: Webhook) -> list[InboundSms]:
        values = form_fields(webhook.body)
        id_, sender = gateway_id(values.get("id", "")), values.get("from", "")
        if not id_ or not sender:
            raise ValueError(_("id or from is missing"))
        return [InboundSms(provider.id, id_, sender[:40], values.get("to", "")[:40], values.get("message", ""))]


def _basic(user: str, password: str) -> str:
    return b64encode(f"{user}:{password}".encode()).decode()


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"


def _is_like(row: Any, sms: OutboundSms, around: datetime) -> bool:
    """Whether a line of the history may be this text: outgoing, same number, sender and words, about that time."""
    if not isinstance(row, dict) or not gateway_id(row.get("id")) or row.get("direction") != "outgoing":
        return False
    try:
        at = datetime.fromisoformat(str(row.get("created"))).replace(tzinfo=UTC)
    except ValueError:
        return False
    same = (row.get("to"), row.get("from"), normalise(str(row.get("message", "")))) == (sms.number, sms.sender, normalise(sms.text))
    return same and abs(at - around) <= NEAR


def _listed(provider: ProviderSnapshot, row: Mapping[str, Any], reference: str) -> DeliveryReport:
    """What a report, or a line of the history, says."""
    word = str(row.get("status") or "")
    status = STATUSES.get(word.lower(), ReportStatus.UNKNOWN)
    reason = "not_delivered" if status is ReportStatus.FAILED else ""
    return DeliveryReport(provider.id, gateway_id(row["id"]), status, reference=reference, reason=reason, raw_status=word[:40])


def _with_password(url: str, password: str) -> str:
    """The address with the name and password that the gateway shows when it calls it."""
    scheme, mark, rest = url.partition("://")
    return f"{scheme}{mark}{HOOK_USER}:{quote(password, safe='')}@{rest}"


def _refusal(reply: Reply, wire: Wire) -> Exception:
    """The error that an answer other than 200 means; its body is a sentence."""
    words = reply.body[:200].decode("utf-8", "replace").strip()
    detail = scrubbed(f"HTTP {reply.status} {words}".strip(), wire.hidden)
    if reply.status == 403 or (reply.status == 400 and _NO_CREDIT.search(words)):
        return refuses_us("account", detail)  # known credentials that may not: credit is used up
    return by_status(reply, detail, reason=_reason(words) if reply.status == 400 else "")


def _reason(words: str) -> str:
    """What a sentence says of the text; empty when it says nothing that we know."""
    return next((reason for pattern, reason in _SENTENCES if pattern.search(words)), "")
