"""A text as the parts in which it travels, and parts that came in as a text. Pure.

Parts are those that `providers.segments` counts: an escape pair or a surrogate pair never straddles two of them. Only where the
gateway's default alphabet is Latin-1 does a text with a character outside of it travel as UCS-2, in more parts than were counted.

Source: SMPP 3.4, "esm_class", "message_payload"; 3GPP TS 23.040, 9.2.3.24 (user data header, concatenation with 8-bit and 16-bit references).
"""

from collections.abc import Mapping
from typing import NamedTuple

from providers import segments
from providers.charset import normalise
from providers.smpp.codings import UCS_2, coding_of

HEADER, PAYLOAD = "header", "payload"  # how long texts travel: with a header in each part, or whole
UDHI = 0x40  # in esm_class: the text begins with a header
_CONCATENATED, _CONCATENATED_16 = 0x00, 0x08
_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER = 0x020C, 0x020E, 0x020F  # optional parameters that say the same


class Part(NamedTuple):
    """What one submit_sm carries; `payload` in the place of `message` when a long text travels whole."""

    esm_class: int
    data_coding: int
    message: bytes
    payload: bytes = b""


class Place(NamedTuple):
    """Where a part belongs: of which text, of how many parts, which one (from 1)."""

    reference: int
    total: int
    number: int


def split(text: str, alphabet: str, reference: int, by: str = HEADER) -> list[Part]:
    """The parts of a text; `reference` is what those of one text have in common."""
    text = normalise(text)
    coding = coding_of(text, alphabet)
    pieces = _in_ucs(text) if coding is UCS_2 else segments.parts(text)
    if len(pieces) < 2:
        return [Part(0, coding.number, coding.encode(text))]
    if by == PAYLOAD:
        return [Part(0, coding.number, b"", coding.encode(text))]
    head = bytes((5, _CONCATENATED, 3, reference & 0xFF, len(pieces)))
    return [Part(UDHI, coding.number, head + bytes((number,)) + coding.encode(piece)) for number, piece in enumerate(pieces, 1)]


def _in_ucs(text: str) -> list[str]:
    size = [1 + (ord(char) > 0xFFFF) for char in text]
    if sum(size) <= segments.ALONE[segments.UCS_2]:
        return [text]
    pieces, start, room = list[str](), 0, segments.PART[segments.UCS_2]
    for index, units in enumerate(size):
        if units > room:
            pieces.append(text[start:index])
            start, room = index, segments.PART[segments.UCS_2]
        room -= units
    return [*pieces, text[start:]]


def read_header(data: bytes) -> tuple[Place | None, bytes]:
    """What the header of a part says, and the rest of its bytes. Raises ValueError when the header is longer than the part."""
    length = data[0] if data else 0
    if length + 1 >= len(data):
        raise ValueError("the header is longer than the text")
    place, index = None, 1
    while index + 2 <= length:
        kind, size = data[index], data[index + 1]
        value = data[index + 2 : index + 2 + size]
        if kind == _CONCATENATED and len(value) == 3:
            place = Place(value[0], value[1], value[2])
        elif kind == _CONCATENATED_16 and len(value) == 4:
            place = Place(int.from_bytes(value[:2]), value[2], value[3])
        index += 2 + size
    return _sound(place), data[1 + length :]


def read_tlvs(values: Mapping[int, bytes]) -> Place | None:
    """The same from optional parameters."""
    told = [int.from_bytes(values.get(tag, b"")) for tag in (_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER)]
    return _sound(Place(*told))


def _sound(place: Place | None) -> Place | None:
    return place if place and 1 < place.total < 256 and 1 <= place.number <= place.total else None
