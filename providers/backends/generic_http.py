"""Any gateway that takes a text by one HTTP call: the call, what its answer means and what its reports say are settings.

Not one vendor's documentation but what many have in common: a form, JSON or XML; an id in the answer; a report by POST or GET.
"""

import hashlib
import hmac
from base64 import b64decode, b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar
from urllib.parse import quote, quote_plus

from django.conf import settings as installation
from django.utils.translation import gettext_lazy as _

from providers import filling, finding
from providers.backends import validity
from providers.backends.answers import LONGEST_ID, by_status, odd, refuses_us, scrubbed, throttled
from providers.backends.base import Backend, Doubt, Webhook
from providers.backends.generic_settings import EXAMPLE, SETTINGS, STATUS_WORDS, faults_of
from providers.backends.http import Reply, Session
from providers.backends.pairs import table
from providers.errors import Misconfigured, ProviderError, Refused, Unknown, WebhookRejected
from providers.finding import Content
from providers.types import DeliveryReport, InboundSms, OutboundSms, ProviderSnapshot, ReportStatus, SendResult
from smsapp.common import phone

STATUSES = {word: ReportStatus(word) for word in STATUS_WORDS}


@dataclass(frozen=True, slots=True)
class Wire:
    """What all calls of a provider share: its templates, read once."""

    method: str
    url: Callable[[filling.Values], str]
    headers: Callable[[filling.Values], dict[str, str]]
    body: Callable[[filling.Values], str] | None
    fixed: Mapping[str, str]  # headers of every call
    by_id: bool  # reports can name the gateway's id only: no template hands our reference over
    account: Mapping[str, str]
    hidden: tuple[str, ...]  # what no error may repeat


class GenericHttpBackend(Backend):
    """Calls what an administrator described."""

    kind = "generic_http"
    label: ClassVar[Any] = _("Any HTTP gateway")
    order = 60
    hook_methods = ("POST", "GET")
    settings = SETTINGS

    def clean(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
        return faults_of(options, secrets)

    def sender_from(self, options: Mapping[str, str]) -> str:
        """The gateway chooses where no template asks for a sender."""
        return "" if "from" in _asked(options) else "gateway"

    def wire(self, provider: ProviderSnapshot) -> Wire | None:
        """None for settings that are not whole: no call can be made with them."""
        options, secrets = provider.options, provider.secrets
        account = {"username": options.get("username", ""), **{name: secrets.get(name, "") for name in ("password", "api_key")}}
        kind = options.get("format", "form")
        try:
            body, content_type = filling.BODIES.get(kind, (None, ""))
            headers = filling.headers(options.get("headers", ""))
            given = {name.lower() for name in headers(EXAMPLE)}
            fixed = _login(options.get("auth", ""), account) | ({"Content-Type": content_type} if content_type else {})
            fixed = {name: value for name, value in fixed.items() if name.lower() not in given}
            read = body(options.get("body", "")) if body else None
            url, by_id = filling.url(options.get("url", "")), not {"callback", "reference"} & _asked(options)
            return Wire(options.get("method", "POST"), url, headers, read, fixed, by_id, account, _hidden(secrets, fixed))
        except filling.TemplateFault:
            return None

    async def send(self, session: Session, provider: ProviderSnapshot, sms: OutboundSms) -> SendResult:
        wire, valid = _ready(provider), validity.seconds(provider, sms)
        values = {
            "to": sms.number, "to_digits": sms.number.removeprefix("+"), "from": sms.sender, "text": sms.text.encode("utf-8", "replace").decode(),
            "reference": sms.reference, "callback": sms.callback_url, "valid_minutes": str(-(-valid // 60)) if valid else "",
            **wire.account,
        }  # fmt: skip
        url, body = wire.url(values), wire.body(values).encode() if wire.body else b""
        reply = await session.call_guarded(wire.method, url, {**wire.fixed, **wire.headers(values)}, body, installation.PRIVATE_GATEWAY_HOSTS)
        return _outcome(provider.options, wire, reply, sms.reference)

    async def check(self, session: Session, provider: ProviderSnapshot) -> str:
        """Whether anything answers there: an unknown gateway has no question that sends nothing."""
        url = _ready(provider).url(EXAMPLE).partition("?")[0]
        reply = await session.call_guarded("OPTIONS", url, {}, b"", installation.PRIVATE_GATEWAY_HOSTS)
        return _of_a_look(reply.status)

    def verify(self, provider: ProviderSnapshot, webhook: Webhook) -> None:
        proof = provider.options.get("proof", "hmac")
        if proof == "hmac":
            _check_signature(provider, webhook)
        elif proof == "basic":
            right = _basic(provider.options.get("hook_user", ""), provider.secrets.get("hook_password", ""))
            if not provider.secrets.get("hook_password") or not hmac.compare_digest(webhook.headers.get("authorization", "").encode(), right.encode()):
                raise WebhookRejected("The user name or password is missing or wrong.")
        elif proof != "address":
            raise WebhookRejected("How a webhook is proved is not set.")

    def parse_status(self, provider: ProviderSnapshot, webhook: Webhook) -> list[DeliveryReport]:
        found = finding.items(provider.options.get("report_list_at", ""))(_content(webhook))
        if not found:
            raise ValueError(_("there is no report in it"))
        return [self._report(provider, content) for content in found]

    def _report(self, provider: ProviderSnapshot, content: Content) -> DeliveryReport:
        at = _Finds(provider.options, content)
        if not provider.options.get("report_status_at"):
            raise ValueError(_("the provider's settings do not say yet where the status of a report stands"))
        word, code, id_ = at("report_status_at"), at("report_code_at"), at("report_id_at")[:LONGEST_ID]
        reference = at("report_reference_at") or finding.path("ref")(content) or ""
        if not word or not (id_ or reference):
            raise ValueError(_("the status, or both id and reference, are missing"))
        status = STATUSES.get(table(provider.options.get("status_map", "")).get(word.lower(), ""), ReportStatus.UNKNOWN)
        failed = status in (ReportStatus.UNDELIVERED, ReportStatus.FAILED)
        reason = table(provider.options.get("error_map", "")).get(code.lower(), "not_delivered") if failed else ""
        return DeliveryReport(provider.id, id_, status, reference=reference[:80], reason=reason, raw_status=word[:40], raw_code=code[:20])

    def parse_inbound(self, provider: ProviderSnapshot, webhook: Webhook) -> list[InboundSms]:
        at = _Finds(provider.options, _content(webhook))
        if not (provider.options.get("text_from_at") and provider.options.get("text_at")):
            raise ValueError(_("the provider's settings do not say yet where sender and words of an incoming text stand"))
        sender, id_ = at("text_from_at"), at("text_id_at")[:LONGEST_ID]
        if not sender or finding.path(provider.options.get("text_at", ""))(at.content) is None:
            raise ValueError(_("the sender or the text is missing"))
        own = hashlib.sha256(webhook.query.encode("utf-8", "replace") + b"\0" + webhook.body).hexdigest()[:32]
        return [InboundSms(provider.id, id_ or own, _with_plus(sender)[:40], _with_plus(at("text_to_at"))[:40], at("text_at"))]

    def answer(self, provider: ProviderSnapshot, event: str) -> tuple[str, str]:
        return provider.options.get("hook_answer", ""), "text/plain"


class _Finds:
    """Looks into one report for what the settings name."""

    def __init__(self, options: Mapping[str, str], content: Content) -> None:
        self._options, self.content = options, content

    def __call__(self, name: str) -> str:
        return finding.path(self._options.get(name, ""))(self.content) or ""


def _of_a_look(status: int) -> str:
    """What an answer to OPTIONS tells: hardly any gateway expects the question, so a refusal of the method is as good as a welcome."""
    facts = {"status": status}
    if status in (404, 410):
        return Doubt(_("A server answers, but says that nothing is at this address (HTTP %(status)s). Look at the address, then send a test text.") % facts)
    if 300 <= status < 400:
        return Doubt(_("This address leads elsewhere (HTTP %(status)s), and no redirect is followed. Enter the address that it leads to.") % facts)
    if status >= 500 and status != 501:
        return Doubt(_("A server answers, but has a fault of its own (HTTP %(status)s). Try again later, then send a test text.") % facts)
    return str(_("Something answers at this address (HTTP %(status)s). Whether it takes texts, only a test text shows.") % facts)


# --- the call ---


def _asked(options: Mapping[str, str]) -> set[str]:
    """The placeholders of all templates."""
    return filling.names_in(options.get("url", ""), options.get("headers", ""), options.get("body", ""))


def _ready(provider: ProviderSnapshot) -> Wire:
    if provider.wire is None:
        raise Misconfigured("The provider's settings are not whole.", reason="credentials")
    wire: Wire = provider.wire
    return wire


def _login(auth: str, account: Mapping[str, str]) -> dict[str, str]:
    if auth == "basic":
        return {"Authorization": _basic(account["username"], account["password"])}
    return {"Authorization": f"Bearer {account['api_key']}"} if auth == "bearer" else {}


def _basic(user: str, password: str) -> str:
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


def _hidden(secrets: Mapping[str, str], fixed: Mapping[str, str]) -> tuple[str, ...]:
    plain = [secret for secret in secrets.values() if secret]
    login = fixed.get("Authorization", "").partition(" ")[2]
    return tuple(dict.fromkeys([*plain, *map(quote, plain), *map(quote_plus, plain), *([login] if login else [])]))


def _outcome(options: Mapping[str, str], wire: Wire, reply: Reply, reference: str) -> SendResult:
    at = _Finds(options, Content(reply.body))
    try:
        accepted = 200 <= reply.status < 300 and _is_accepted(options, at)
        code, words, id_ = at("error_at"), at("error_words_at"), at("id_at")
    except ValueError:
        raise odd(f"HTTP {reply.status}") from None
    if accepted:
        if options.get("id_at") and not 0 < len(id_) <= LONGEST_ID:
            raise odd("no id in the answer")
        return SendResult(id_ or reference, (id_,) if wire.by_id and id_ else ())
    detail = scrubbed(f"HTTP {reply.status} {code} {words}".strip(), wire.hidden)
    meaning = table(options.get("error_map", "")).get(code.lower(), "") if code else ""
    raise _refusal(reply, meaning, detail, said_no=bool(options.get("success_at") and at("success_at")))


def _is_accepted(options: Mapping[str, str], at: _Finds) -> bool:
    if not options.get("success_at"):
        return bool(at("id_at"))
    words = {word.strip().lower() for word in options.get("success_words", "").split(",") if word.strip()}
    said = at("success_at").lower()
    return said in words if words else bool(said)


def _refusal(reply: Reply, meaning: str, detail: str, *, said_no: bool) -> ProviderError:
    """The error that an answer means which does not say that the text was accepted."""
    if meaning == "throttled":
        return throttled(reply, detail)
    if meaning in ("credentials", "account"):
        return refuses_us(meaning, detail)
    if meaning in ("gateway_trouble", "no_answer", "odd_answer"):
        return Unknown("The gateway had a fault.", reason=meaning, detail=detail)
    if 200 <= reply.status < 300 and (said_no or meaning):
        return Refused("The gateway refused the text.", reason=meaning or "refused", detail=detail)
    return by_status(reply, detail, reason=meaning)


# --- what calls us ---


def _check_signature(provider: ProviderSnapshot, webhook: Webhook) -> None:
    """An HMAC over the raw body, in hexadecimal or base64, perhaps behind the algorithm's name (as in "sha256=…")."""
    secret, header = provider.secrets.get("signature_secret", ""), provider.options.get("signature_header", "").lower()
    algorithm = provider.options.get("signature_algorithm") or "sha256"
    told = webhook.headers.get(header, "").removeprefix(f"{algorithm}=") if header else ""
    if not secret or not told or not told.isascii():
        raise WebhookRejected("The signature is missing.")
    try:
        given = bytes.fromhex(told) if provider.options.get("signature_encoding", "hex") == "hex" else b64decode(told, validate=True)
    except (ValueError, NotBase64):
        raise WebhookRejected("The signature cannot be read.") from None
    if not hmac.compare_digest(given, hmac.digest(secret.encode(), webhook.body, algorithm)):
        raise WebhookRejected("The signature does not match.")


def _content(webhook: Webhook) -> Content:
    return Content(webhook.body, webhook.query.encode("utf-8", "replace"))


def _with_plus(number: str) -> str:
    """E.164 where a gateway writes 0033… or 33… for it; short codes and names stay, and so do numbers without their country."""
    bare = number.removeprefix("00")
    if not (bare.isascii() and bare.isdigit() and len(bare) > 8 and not bare.startswith("0")):
        return number
    try:
        return phone.normalise(f"+{bare}", None)
    except phone.PhoneError:
        return number
