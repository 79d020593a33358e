"""The simulated gateway as an SMSC: the same outcomes, told in SMPP 3.4; receipts and replies come over the sessions.

A text of several parts is judged by the part, and logged once it is whole.
"""

import asyncio
import secrets
import socket
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from providers.simulator.gateway import Gateway, Text
from providers.simulator.outcomes import Outcome
from providers.smpp import answers, codings, pdus
from providers.smpp.access import number_of
from providers.smpp.parts import UDHI, Place, read_header
from providers.smpp.pdus import ANSWER, BINDS, DELIVER, ENQUIRE, NACK, RECEIVER, SUBMIT, TRANSMITTER, UNBIND

NAME = "Simulator"
TRIES = 20  # of a deliver_sm that is not taken, a second apart
_REFUSALS = {21211: answers.BAD_NUMBER, 21614: answers.BAD_NUMBER, 21610: 0x422, 21408: 0x66}
_STATUSES = {429: answers.THROTTLED, 401: answers.BAD_PASSWORD, 500: answers.SYSTEM_ERROR, 503: answers.TEMPORARY}
FINAL = ("delivered", "undelivered", "failed")  # of the others nobody wants a receipt
_WORDS = {30003: "EXPIRED", 30005: "UNDELIV", 30008: "REJECTD"}


@dataclass(slots=True)
class SmscSettings:
    """How it differs from the usual. `numeric` ids are hexadecimal in answers and decimal in receipts."""

    numeric: bool = False


class Submitted(Text):
    """A text, or a part of one, that came over a session."""

    __slots__ = ("is_last", "receipt_id", "smsc", "source", "words")

    def __init__(self, sid: str, number: str, source: pdus.Address, words: str, system_id: str, outcome: Outcome, smsc: "Smsc") -> None:
        super().__init__(sid, number, {}, system_id, "", outcome, time.time())
        self.source, self.words, self.smsc, self.receipt_id = source, words, smsc, sid
        self.is_last = True  # part of its text

    @property
    def sender(self) -> str:
        return number_of(self.source.text, self.source.ton)

    @property
    def body(self) -> str:
        return self.words

    @property
    def callback(self) -> str:
        return ""

    def tell(self, word: str, value: int | str) -> None:  # type: ignore[override]
        """A receipt for the end of its way, or what the person replies."""
        if word != "reply":
            self.state, self.error = word, int(value)
        self.smsc.tell(self, word, str(value))


class Smsc:
    """All sessions, and what waits to be delivered to a login that has none which can receive."""

    def __init__(self, gateway: Gateway, report: Callable[[Text], None], loop: asyncio.AbstractEventLoop, settings: SmscSettings) -> None:
        self.gateway, self.loop, self.settings, self._report = gateway, loop, settings, report
        self.peers: dict[str, list[Peer]] = {}
        self.all: set[Peer] = set()
        self._waiting: dict[str, deque[bytes]] = {}
        self._pieces: dict[tuple[str, str, int], dict[int, tuple[str, str]]] = {}
        self._next = secrets.randbelow(2**28) + 2**28

    # --- texts ---

    def judge(self, told: pdus.SubmitSm, system_id: str) -> tuple[Outcome, str]:
        """What happens to a submit_sm, and its message id."""
        self.gateway.requests += 1
        number = number_of(told.destination_addr, told.dest_addr_ton)
        place, words = _read(told)
        outcome = self.gateway.judge(number, lambda: words)
        if not outcome.keeps:
            self.gateway.count(outcome)
            return outcome, ""
        source = pdus.Address(told.source_addr_ton, told.source_addr_npi, told.source_addr)
        text = Submitted(self.gateway.next_sid(), number, source, words, system_id, outcome, self)
        if self.settings.numeric:
            self._next += 1
            text.sid, text.receipt_id = f"{self._next:X}", str(self._next)
        text.is_last = place is None or place.number == place.total
        self._note(text, place)
        if told.registered_delivery & 3 or outcome.reply or outcome.replies:
            self._report(text)
        return outcome, text.sid

    def _note(self, text: Submitted, place: Place | None) -> None:
        """Log a text when it is whole; its id is that of its first part."""
        if place is None:
            self.gateway.keep(text)
            return
        pieces = self._pieces.setdefault((text.account, text.number, place.reference), {})
        pieces[place.number] = text.sid, text.words
        if len(pieces) == place.total:
            del self._pieces[text.account, text.number, place.reference]
            whole = Submitted(pieces[1][0], text.number, text.source, "".join(pieces[n][1] for n in sorted(pieces)), text.account, text.outcome, self)
            self.gateway.keep(whole)

    # --- news ---

    def tell(self, text: Submitted, word: str, words: str) -> None:
        """What the callbacks would post."""
        if word == "reply" and text.is_last:
            self.text_in(text.account, text.number, text.source, words)
        elif word in FINAL:
            self.deliver(text.account, _receipt(text, word))

    def text_in(self, system_id: str, number: str, recipient: pdus.Address, words: str) -> None:
        """A person texts the login."""
        coding = codings.coding_of(words, codings.GSM)
        self.deliver(system_id, _deliver(pdus.Address(1, 1, number.removeprefix("+")), recipient, coding.encode(words), coding.number))

    def deliver(self, system_id: str, whole: bytes) -> None:
        """Now, or when a session can receive."""
        peers = [peer for peer in self.peers.get(system_id, ()) if peer.role != TRANSMITTER]
        if peers:
            min(peers, key=lambda peer: len(peer.unanswered)).deliver(whole)
        else:
            self._waiting.setdefault(system_id, deque()).append(whole)

    def joined(self, peer: "Peer") -> None:
        """A session is bound."""
        self.peers.setdefault(peer.system_id, []).append(peer)
        waiting = self._waiting.pop(peer.system_id, deque()) if peer.role != TRANSMITTER else deque()
        while waiting:
            peer.deliver(waiting.popleft())

    def left(self, peer: "Peer") -> None:
        """It is gone: what it did not acknowledge comes again."""
        self.all.discard(peer)
        if peer in self.peers.get(peer.system_id, ()):
            self.peers[peer.system_id].remove(peer)
        for whole, _tries in peer.unanswered.values():
            self.deliver(peer.system_id, whole)

    def close(self) -> None:
        """End all sessions at once."""
        for peer in list(self.all):
            peer.transport.abort()


class Peer(asyncio.Protocol):
    """One session."""

    transport: Any

    def __init__(self, smsc: Smsc) -> None:
        self.smsc, self.system_id, self.role = smsc, "", 0
        self.unanswered: dict[int, tuple[bytes, int]] = {}
        self._rest, self._sequence = b"", 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.smsc.all.add(self)
        sock = transport.get_extra_info("socket")
        if sock is not None and sock.family != socket.AF_UNIX:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def connection_lost(self, exc: Exception | None) -> None:
        self.smsc.left(self)

    def data_received(self, data: bytes) -> None:
        try:
            found, self._rest = pdus.frames(self._rest + data if self._rest else data)
        except ValueError:
            self.transport.abort()
            return
        for command, status, sequence, whole in found:
            self._handle(command, status, sequence, whole)

    def _handle(self, command: int, status: int, sequence: int, whole: bytes) -> None:
        if command == SUBMIT:
            self._submit(sequence, whole)
        elif command == DELIVER | ANSWER:
            self._delivered(sequence, status)
        elif command in BINDS:
            self._bind(command, sequence, whole)
        elif command == ENQUIRE:
            self.answer(ENQUIRE, 0, sequence)
        elif command == UNBIND:
            self.answer(UNBIND, 0, sequence)
            self.transport.close()
        elif command < ANSWER:
            self.transport.write(pdus.pdu(NACK, answers.BAD_COMMAND, sequence))

    def answer(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        """An answer to a PDU."""
        self.transport.write(pdus.pdu(command | ANSWER, status, sequence, body))

    def _bind(self, command: int, sequence: int, whole: bytes) -> None:
        system_id, password = [part.decode("latin-1") for part in whole[16:].split(b"\0", 2)[:2]]
        login = f"{system_id}:{password}"
        wanted = self.smsc.gateway.settings.login
        if self.role or (wanted and login != wanted):
            self.answer(command, answers.ALREADY_BOUND if self.role else answers.BAD_PASSWORD, sequence, b"\0")
            return
        self.system_id, self.role = system_id, command
        self.answer(command, 0, sequence, pdus.string(NAME))
        self.smsc.joined(self)

    def _submit(self, sequence: int, whole: bytes) -> None:
        if self.role in (0, RECEIVER):
            self.answer(SUBMIT, answers.BAD_STATE, sequence)
            return
        try:
            told = pdus.decode(whole)
            outcome, message_id = self.smsc.judge(told, self.system_id)  # type: ignore[arg-type]
        except (pdus.SmppError, ValueError):  # no PDU, or a header longer than its text
            self.answer(SUBMIT, answers.BAD_LENGTH, sequence)
            return
        delay = outcome.seconds + self.smsc.gateway.settings.latency
        if delay:
            self.smsc.loop.call_later(delay, self._told, outcome, message_id, sequence)
        else:
            self._told(outcome, message_id, sequence)

    def _told(self, outcome: Outcome, message_id: str, sequence: int) -> None:
        if outcome.answer == "accept":
            self.answer(SUBMIT, 0, sequence, message_id.encode() + b"\0")
        elif outcome.answer == "refuse":
            self.answer(SUBMIT, _REFUSALS.get(outcome.code, answers.SUBMIT_FAILED), sequence)
        elif outcome.answer == "http":
            self.answer(SUBMIT, _STATUSES.get(outcome.status, answers.SYSTEM_ERROR), sequence)
        elif outcome.answer in ("reset", "lost"):
            self.transport.abort()
        elif outcome.answer == "garbage":
            self.answer(SUBMIT, 0, sequence)  # taken, and no id
        elif outcome.answer == "redirect":
            self.answer(SUBMIT, answers.BAD_STATE, sequence)
        elif outcome.answer == "huge":
            self.transport.write(b"\xff\xff\xff\xf0\x80\0\0\4")
        elif outcome.answer == "drip":
            self._drip(pdus.pdu(SUBMIT | ANSWER, 0, sequence, b"SMdrip\0"), 0)

    def _drip(self, whole: bytes, place: int) -> None:
        if place < len(whole) and not self.transport.is_closing():
            self.transport.write(whole[place : place + 1])
            self.smsc.loop.call_later(1.0, self._drip, whole, place + 1)

    # --- deliver_sm ---

    def deliver(self, whole: bytes, tries: int = 1) -> None:
        """Hand over a receipt or a text."""
        self._sequence += 1
        self.unanswered[self._sequence] = whole, tries
        self.transport.write(pdus.numbered(whole, self._sequence))

    def _delivered(self, sequence: int, status: int) -> None:
        whole, tries = self.unanswered.pop(sequence, (b"", 0))
        if status and whole and tries < TRIES:
            self.smsc.loop.call_later(1.0, self._again, whole, tries + 1)

    def _again(self, whole: bytes, tries: int) -> None:
        if self.transport.is_closing():
            self.smsc.deliver(self.system_id, whole)
        else:
            self.deliver(whole, tries)


def _read(told: pdus.SubmitSm) -> tuple[Place | None, str]:
    """Where a part belongs, and its words."""
    payload = next((tlv.value for tlv in told.tlvs if tlv.tag == pdus.MESSAGE_PAYLOAD), b"")
    data, place = payload or told.short_message, None
    if told.esm_class & UDHI and data:
        place, data = read_header(data)
    return place, codings.decode(data, told.data_coding, codings.GSM)


def _receipt(text: Submitted, word: str) -> bytes:
    state = "DELIVRD" if word == "delivered" else _WORDS.get(text.error, "UNDELIV")
    moment = time.strftime("%y%m%d%H%M", time.gmtime(text.at))
    words = (
        f"id:{text.receipt_id} sub:001 dlvrd:{int(word == 'delivered'):03d} submit date:{moment} done date:{moment} "
        f"stat:{state} err:{text.error % 1000:03d} text:{text.words[:20]}"
    )
    source = pdus.Address(1, 1, text.number.removeprefix("+"))
    return _deliver(source, text.source, codings.to_latin(words.encode("ascii", "replace").decode()), 0, esm_class=4)


def _deliver(source: pdus.Address, recipient: pdus.Address, message: bytes, data_coding: int, *, esm_class: int = 0) -> bytes:
    return pdus.DeliverSm(
        source.text, recipient.text, message[:254], source_addr_ton=source.ton, source_addr_npi=source.npi, dest_addr_ton=recipient.ton,
        dest_addr_npi=recipient.npi, esm_class=esm_class, data_coding=data_coding, sequence_number=0,
    ).encode()  # fmt: skip
