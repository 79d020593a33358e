"""SMPP 3.4: submit_sm out, deliver_sm in, over sessions of our own.

Facts from "Short Message Peer to Peer Protocol Specification v3.4" (SMPP Developers Forum): 2.2 (binds), 4.4 (submit_sm), 4.6 (deliver_sm),
5.1.3 (command_status), 5.2.5 and 5.2.6 (TON, NPI), 5.2.12 (esm_class), 5.2.19 (data_coding), appendix B (receipts).

A text of several parts is accepted when each part is. When the first part is refused nothing left, and it is refused. When a later one is,
the recipient has pieces of it: unknown, never repeated by itself. A later part that must wait is tried again within the call.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from providers.backends.base import Setting, Webhook
from providers.backends.pairs import PairFault, table
from providers.backends.sessions import SessionBackend, Store
from providers.errors import NotSent, ProviderError, Unknown
from providers.smpp import answers, codings, parts, pdus, receipts
from providers.smpp.access import BOTH, PAIR, PLANS, Access, number_of, status_of
from providers.smpp.line import Heard, Line
from providers.smpp.parts import Place
from providers.smpp.session import Session
from providers.types import DeliveryReport, Fragment, InboundSms, OutboundSms, ProviderSnapshot, SendResult
from smsapp.common.hosts import is_this_machine

CONTENT_TYPE = "application/x-deliver-sm"
CHECK_SECONDS = 8.0
_MESSAGE_TYPE, _RECEIPT, _INTERMEDIATE = 0x3C, 0x04, 0x20  # in esm_class
_PATIENCE = (0.2, 0.5, 1.0, 2.0)  # seconds between tries of a later part that must wait

_host = RegexValidator(r"\A[A-Za-z0-9.:\-]{1,250}\Z", _("Enter a host without port, for example smpp.example.org."))
_port = RegexValidator(r"\A(?!0)\d{1,5}\Z", _("A port is a number from 1 to 65535, often 2775, or 3550 with TLS."))
_binds = RegexValidator(r"\A([1-9]|1\d|20)\Z", _("From 1 to 20."))
_window = RegexValidator(r"\A[1-9]\d{0,2}\Z", _("From 1 to 999."))
_enquire = RegexValidator(r"\A([5-9]|[1-9]\d|[1-5]\d\d|600)\Z", _("From 5 to 600 seconds."))
_plan = RegexValidator(r"\A[0-6]/(\d|1[0-8])\Z", _("Type and plan with a slash between, for example 1/1."))
_system_id = RegexValidator(r"\A[\x21-\x7e]{1,15}\Z", _("At most 15 letters, digits and signs."))
_system_type = RegexValidator(r"\A[\x21-\x7e]{0,12}\Z", _("At most 12 letters, digits and signs."))


def _plan_setting(name: str, label: Any) -> Setting:
    return Setting(f"plan_{name}", label, _("Type of number and numbering plan (TON/NPI)."), required=False, initial=PLANS[name], validators=(_plan,))


class SmppBackend(SessionBackend):
    """A bind with an operator's or aggregator's SMSC."""

    kind = "smpp"
    label: ClassVar[Any] = "SMPP 3.4"
    order = 20
    reports_by_id = True
    settings: ClassVar[tuple[Setting, ...]] = (
        Setting("host", _("Host"), _("The operator's SMPP server, for example smpp.example.org."), address=True, validators=(_host,)),
        Setting("port", _("Port"), _("Usually 2775; with TLS often 3550."), initial="2775", validators=(_port,)),
        Setting("tls", _("TLS"), _("With TLS the server's certificate is checked against its host. Without it the password can be read on the way."),
                address=True, initial="no", choices=(("no", _("No")), ("yes", _("Yes"))), required=False),
        Setting("system_id", _("System id"), _("The login that the operator gave you."), validators=(_system_id,)),
        Setting("password", _("Password"), _("Usually at most 8 characters."), secret=True),
        Setting("system_type", _("System type"), _("Only if the operator names one."), required=False, validators=(_system_type,)),
        Setting("mode", _("Bind"), _("A transceiver unless the operator asks for separate sessions."), initial=BOTH,
                choices=((BOTH, _("Transceiver: one session for both ways")), (PAIR, _("Transmitter and receiver: one session for each way")))),
        Setting("binds", _("Number of binds"), _("At the same time; ask the operator how many are allowed."), initial="1", validators=(_binds,)),
        Setting("window", _("Window"), _("Texts that may wait for their answer at once on each bind; ask the operator."), initial="10", validators=(_window,)),
        Setting("enquire", _("Sign of life"), _("After so many seconds of silence the gateway is asked whether it is there (enquire_link)."),
                initial="30", validators=(_enquire,)),
        Setting("alphabet", _("Default alphabet"), _("What the operator's data coding 0 means."), initial=codings.GSM,
                choices=((codings.GSM, _("GSM 7-bit, data coding 0")), (codings.LATIN, _("Latin-1, data coding 3")),
                         (codings.LATIN_AS_DEFAULT, _("Latin-1, data coding 0")))),
        Setting("long_texts", _("Long texts"), _("Parts with a header work nearly everywhere."), initial=parts.HEADER,
                choices=((parts.HEADER, _("In parts, each with a header (UDH)")), (parts.PAYLOAD, _("Whole, as message_payload")))),
        Setting("ids", _("Message ids in receipts"),
                _("If reports never match: the operator may write the ids of receipts in another way than those of answers."),
                initial=receipts.SAME, choices=((receipts.SAME, _("As in the answer")), (receipts.DECIMAL, _("Decimal, and hexadecimal in the answer")),
                                                (receipts.HEX, _("Hexadecimal, and decimal in the answer")))),
        Setting("answer_codes", _("The operator's codes in answers"),
                _("One “code = category” a line, the code as 0x40B or 1035: opted_out, unknown_number, invalid_number, not_mobile, unreachable, blocked, "
                  "filtered, country_not_allowed, no_route, sender_not_allowed, text_not_allowed, too_expensive; throttled (the lane slows down), "
                  "gateway_trouble (tried again), credentials and account (the lane pauses). Others count as refused."), required=False, rows=4),
        Setting("receipt_codes", _("The operator's codes in receipts"),
                _("One “code = category” a line, for example 021 = opted_out; the categories from opted_out to too_expensive. Others only say that the "
                  "text did not arrive."), required=False, rows=4),
        _plan_setting("number", _("Sender that is a number")),
        _plan_setting("short_code", _("Sender that is a short code")),
        _plan_setting("name", _("Sender that is a name")),
        _plan_setting("destination", _("Recipients")),
    )  # fmt: skip

    def clean(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
        faults: dict[str, Any] = {"port": _("A port is a number from 1 to 65535.")} if int(options.get("port") or 1) > 65535 else {}
        for name, right in (("answer_codes", answers.OF_ANSWERS), ("receipt_codes", answers.OF_TEXTS)):
            try:
                _check_codes(options.get(name, ""), right, numbers=name == "answer_codes")
            except PairFault as fault:
                faults[name] = fault.args[0]
        return faults

    def login_of(self, options: Mapping[str, str]) -> tuple[str, ...]:
        """A receipt comes over any session of a login: two providers with one would get each other's."""
        return options.get("host", "").lower(), options.get("port", ""), options.get("system_id", "")

    def accepts_fictional(self, provider: ProviderSnapshot) -> bool:
        """A server on this machine is a stand-in: nothing leaves for the world."""
        return is_this_machine(provider.options.get("host", ""))

    def wire(self, provider: ProviderSnapshot) -> Access:
        return Access.of(provider.options, provider.secrets)

    def sessions_wanted(self, provider: ProviderSnapshot) -> int:
        return self.wire(provider).binds

    def open_line(self, provider: ProviderSnapshot, store: Store, deadline: float) -> Line:
        async def stored(heard: Sequence[Heard]) -> Sequence[bool]:
            return await store([_webhook(one) for one in heard])

        return Line(provider.wire or self.wire(provider), stored, deadline)

    # --- texts out ---

    async def send(self, session: Line, provider: ProviderSnapshot, sms: OutboundSms) -> SendResult:
        access: Access = provider.wire
        ends = asyncio.get_running_loop().time() + session.deadline
        connection, source, destination = session.choose(), access.source(sms.sender), access.destination(sms.number)
        wanted = parts.split(sms.text, access.alphabet, session.new_reference(), access.long_texts)
        ids = list[str]()
        for part in wanted:
            try:
                whole = _submit(source, destination, part, sms.valid_for)
                ids.append(await _hand_over(connection, whole, ends, access.answer_codes, patient=bool(ids)))
            except ProviderError as error:
                raise _broken_off(error, len(ids), len(wanted)) from None
        return SendResult(ids[0], tuple(receipts.answered(one, access.ids) for one in ids))

    async def check(self, session: Any, provider: ProviderSnapshot) -> str:
        """By a bind of its own that ends at once: it proves what the sender needs, whether one runs or not."""
        access: Access = provider.wire
        bind = Session(access, access.roles[0], lambda connection, sequence, whole: connection.acknowledge(sequence, answers.TEMPORARY), CHECK_SECONDS)
        connection = await bind.open()
        try:
            await connection.request(pdus.UNBIND, seconds=1.0)
        except ProviderError:
            pass  # it let us in: that was the question
        finally:
            connection.abort("checked")
        return str(_("Connected to “%(name)s” as %(login)s.") % {"name": bind.peer or access.host, "login": access.system_id})

    # --- what comes in ---

    def parse_status(self, provider: ProviderSnapshot, webhook: Webhook) -> list[DeliveryReport]:
        told = _read(webhook.body)
        access = Access.of(provider.options, {})
        text, tlvs = _text(told, access), {tlv.tag: tlv.value for tlv in told.tlvs}
        state = tlvs.get(pdus.MESSAGE_STATE, b"")
        receipt = receipts.read(
            text, receipted_id=pdus.first_string(tlvs.get(pdus.RECEIPTED_ID, b"")), state=state[0] if state else None,
            network_error=tlvs.get(pdus.NETWORK_ERROR, b""),
        )  # fmt: skip
        known_as = receipts.receipted(receipt.id, access.ids)
        reason = receipt.reason and (access.reason_of(receipt.code) or receipt.reason)
        return [DeliveryReport(provider.id, known_as, receipt.status, reason=reason, raw_status=receipt.word, raw_code=receipt.code)]

    def parse_inbound(self, provider: ProviderSnapshot, webhook: Webhook) -> list[InboundSms]:
        told = _read(webhook.body)
        sender = number_of(_clean(told.source_addr), told.source_addr_ton)
        if not sender:
            raise ValueError(_("the text has no sender"))
        text = _text(told, Access.of(provider.options, {}))
        return [InboundSms(provider.id, webhook.query[:80], sender, _clean(told.destination_addr)[:40], text)]

    def fragment(self, provider: ProviderSnapshot, webhook: Webhook) -> Fragment | None:
        try:
            told = _read(webhook.body)
            place = _place(told)
        except ValueError:
            return None
        if place is None:
            return None
        return Fragment(f"{_clean(told.source_addr)} {_clean(told.destination_addr)} {place.reference}"[:80], place.total, place.number)

    def join(self, bodies: Sequence[bytes]) -> bytes:
        """One deliver_sm that carries the whole text, as the operator could have sent it."""
        read = [_read(body) for body in bodies]
        first, payload = read[0], b"".join(_content(one)[1] for one in read)
        return pdus.DeliverSm(
            first.source_addr, first.destination_addr, source_addr_ton=first.source_addr_ton, source_addr_npi=first.source_addr_npi,
            dest_addr_ton=first.dest_addr_ton, dest_addr_npi=first.dest_addr_npi, data_coding=first.data_coding,
            tlvs=[pdus.Tlv(pdus.MESSAGE_PAYLOAD, payload)], sequence_number=0,
        ).encode()  # fmt: skip


def _check_codes(text: str, right: Sequence[str], *, numbers: bool) -> None:
    wrong = [word for word in table(text, right) if numbers and status_of(word) is None]
    if wrong:
        raise PairFault(_("“%(code)s” is no code. Write it as 0x40B or as 1035.") % {"code": wrong[0][:40]})


def _submit(source: pdus.Address, destination: pdus.Address, part: parts.Part, valid_for: int | None) -> bytes:
    try:
        return pdus.submit(source, destination, part, valid_for)
    except ValueError as problem:  # longer than a PDU takes
        raise answers.refusal(answers.TOO_LONG) from problem


async def _hand_over(connection: Any, whole: bytes, ends: float, codes: Mapping[int, str], *, patient: bool) -> str:
    """The gateway's id of one part; a `patient` one waits when it is told to, for the parts before it are out."""
    for pause in (*_PATIENCE, 0.0) if patient else (0.0,):
        status, body = await connection.submit(whole, ends)
        if not status:
            return _id(body)
        error = answers.refusal(status, codes)
        if not isinstance(error, NotSent) or not pause or asyncio.get_running_loop().time() + pause > ends:
            break
        await asyncio.sleep(pause)
    raise error


def _id(body: bytes) -> str:
    found = pdus.first_string(body)
    if not 0 < len(found) <= 65 or not found.isprintable():
        raise Unknown("The gateway's answer made no sense.", reason="odd_answer", detail="no message id in the answer")
    return found


def _broken_off(error: ProviderError, taken: int, total: int) -> ProviderError:
    """The outcome of a text that ended with this error when so many parts were taken."""
    if not taken:
        return error
    return Unknown("Only a part of the text was taken.", reason="partly_sent", detail=f"{taken} of {total} parts, then {error.detail or error}")


def _webhook(heard: Heard) -> Webhook:
    """A receipt is stored once however often it comes; of texts each time counts, for a person may write the same twice."""
    body = pdus.numbered(heard.whole, 0)
    try:
        is_text = not pdus.decode(body).esm_class & _MESSAGE_TYPE  # type: ignore[union-attr]
    except pdus.SmppError:
        is_text = False  # kept as what it is: not understood
    return Webhook("inbound" if is_text else "status", "", f"bind={heard.token}" if is_text else "", body, CONTENT_TYPE)


def _read(body: bytes) -> pdus.DeliverSm:
    try:
        told = pdus.decode(bytes(body))
    except pdus.SmppError as problem:
        raise ValueError(f"no deliver_sm: {problem}") from None
    if not isinstance(told, pdus.DeliverSm):
        raise ValueError("no deliver_sm")
    return told


def _content(told: pdus.DeliverSm) -> tuple[Place | None, bytes]:
    """Where it belongs when it is a part, and its bytes without a header."""
    payload = next((tlv.value for tlv in told.tlvs if tlv.tag == pdus.MESSAGE_PAYLOAD), b"")
    data = payload or told.short_message
    return parts.read_header(data) if told.esm_class & parts.UDHI and data else (None, data)


def _place(told: pdus.DeliverSm) -> Place | None:
    return _content(told)[0] or parts.read_tlvs({tlv.tag: tlv.value for tlv in told.tlvs})


def _text(told: pdus.DeliverSm, access: Access) -> str:
    return codings.decode(_content(told)[1], told.data_coding, access.alphabet)


def _clean(address: str) -> str:
    return address.replace("\0", "").strip()
