"""SMPP 3.4 on the wire: heads, binds and short answers by hand, texts by the library's codec.

Source: SMPP 3.4, chapter 4 (PDU definitions) and 5.1 (command_id). A length beyond MOST_BYTES is no PDU, whatever it says.
"""

from struct import Struct
from typing import NamedTuple

from smpp34 import DeliverSm, SmppError, SubmitSm, Tlv, decode

from providers.smpp.parts import Part

HEAD = Struct(">IIII")  # length, command, status, sequence number
HEAD_BYTES = 16
MOST_BYTES = 128 * 1024
VERSION = 0x34

NACK, RECEIVER, TRANSMITTER, SUBMIT, DELIVER, UNBIND, TRANSCEIVER, ENQUIRE = 0x80000000, 0x01, 0x02, 0x04, 0x05, 0x06, 0x09, 0x15
ALERT, OUTBIND, DATA = 0x102, 0x0B, 0x103
ANSWER = 0x80000000  # in the command of an answer
BINDS = (RECEIVER, TRANSMITTER, TRANSCEIVER)
LAST_SEQUENCE = 0x7FFFFFFF
MESSAGE_PAYLOAD, MESSAGE_STATE, RECEIPTED_ID, NETWORK_ERROR = 0x0424, 0x0427, 0x001E, 0x0423  # optional parameters (5.3.2)
LONGEST_VALIDITY = 30 * 86_400  # seconds
REPORT_WANTED = 1  # registered_delivery: the final state, whatever it is

__all__ = ["DeliverSm", "SmppError", "SubmitSm", "Tlv", "decode"]


class Address(NamedTuple):
    """A number or name with its type (TON) and plan (NPI)."""

    ton: int
    npi: int
    text: str


def pdu(command: int, status: int, sequence: int, body: bytes = b"") -> bytes:
    """A whole PDU."""
    return HEAD.pack(HEAD_BYTES + len(body), command, status, sequence) + body


def numbered(whole: bytes, sequence: int) -> bytes:
    """The same PDU under another sequence number."""
    return whole[:12] + sequence.to_bytes(4) + whole[HEAD_BYTES:]


def string(text: str) -> bytes:
    """A C string. Raises UnicodeError for what is no Latin-1."""
    return text.encode("latin-1").replace(b"\0", b"") + b"\0"


def bind_body(system_id: str, password: str, system_type: str) -> bytes:
    """Of each of the three binds: no range of addresses."""
    return string(system_id) + string(password) + string(system_type) + bytes((VERSION, 0, 0)) + b"\0"


def validity(seconds: int | None) -> str:
    """How long a text makes sense, as the relative form of `validity_period` (7.1.1); empty leaves it to the gateway."""
    if seconds is None:
        return ""
    minutes, seconds = divmod(min(max(seconds, 1), LONGEST_VALIDITY), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    return f"0000{days:02d}{hours:02d}{minutes:02d}{seconds:02d}000R"


def submit(source: Address, destination: Address, part: Part, valid_for: int | None = None) -> bytes:
    """A submit_sm without its number, with a receipt wanted for each part: each can be lost."""
    tlvs = [Tlv(MESSAGE_PAYLOAD, part.payload)] if part.payload else []
    return SubmitSm(
        source.text, destination.text, part.message,
        source_addr_ton=source.ton, source_addr_npi=source.npi, dest_addr_ton=destination.ton, dest_addr_npi=destination.npi,
        esm_class=part.esm_class, data_coding=part.data_coding, registered_delivery=REPORT_WANTED, validity_period=validity(valid_for),
        tlvs=tlvs, sequence_number=0,
    ).encode()  # fmt: skip


def first_string(body: bytes) -> str:
    """The C string at the beginning of an answer's body, such as the message id; empty when there is none."""
    return body.partition(b"\0")[0].decode("latin-1")


def frames(buffer: bytes) -> tuple[list[tuple[int, int, int, bytes]], bytes]:
    """(command, status, sequence, whole PDU) of each PDU that is there, and the rest. Raises ValueError for a length that no PDU has."""
    found, place, size = list[tuple[int, int, int, bytes]](), 0, len(buffer)
    while size - place >= HEAD_BYTES:
        length, command, status, sequence = HEAD.unpack_from(buffer, place)
        if not HEAD_BYTES <= length <= MOST_BYTES:
            raise ValueError(f"a length of {length} bytes")
        if size - place < length:
            break
        found.append((command, status, sequence, buffer[place : place + length]))
        place += length
    if size - place >= 4 and not HEAD_BYTES <= int.from_bytes(buffer[place : place + 4]) <= MOST_BYTES:
        raise ValueError("a length that no PDU has")
    return found, buffer[place:]
