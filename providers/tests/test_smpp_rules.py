"""Codings, parts, receipts and addresses: plain rules with tables, and the parts against what is counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import gsm

from providers import segments
from providers.charset import BASIC, EXTENSION, normalise
from providers.smpp import codings, receipts
from providers.smpp.access import Access, number_of
from providers.smpp.parts import PAYLOAD, UDHI, read_header, read_tlvs, split
from providers.types import ReportStatus

GSM = st.text(st.sampled_from(BASIC.replace("\r", "") + EXTENSION), max_size=500)
ANY = st.text(st.characters(exclude_categories=["Cs"]), max_size=300)


def joined(parts):
    """The text of parts, as a phone puts them together."""
    return "".join(codings.decode(content(part), part.data_coding, codings.GSM) for part in parts)


def content(part):
    return read_header(part.message)[1] if part.esm_class & UDHI else part.message


@given(GSM)
def test_the_alphabet_goes_there_and_back(text):
    assert codings.from_gsm(codings.to_gsm(text)) == text


@given(GSM.map(lambda text: text.replace("\f", "").replace("§", "")))  # which that one does not know
def test_septets_are_those_of_another_library(text):
    assert codings.to_gsm(text) == gsm.gsm_encode(text)


@given(st.one_of(GSM, ANY))
def test_parts_are_those_that_are_counted(text):
    """As many as the counter says, none too long for the air, none with half of a pair; together they are the text."""
    parts, size = split(text, codings.GSM, 7), segments.measure(text)
    assert len(parts) == max(size.segments, 1)
    for part in parts:
        room = size.per_segment * (2 if size.encoding == segments.UCS_2 else 1)
        assert len(content(part)) <= room
        assert not content(part).endswith(b"\x1b") or part.data_coding
    assert joined(parts) == normalise(text).replace("\0", "")


@pytest.mark.parametrize(
    ("text", "sizes"),
    [("a" * 160, [160]), ("a" * 161, [159, 14]), ("a" * 152 + "€" + "a" * 152, [158, 159, 7]), ("ж" * 70, [140]), ("ж" * 66 + "😀" + "ж" * 66, [138, 140, 8])],
)
def test_sizes_of_parts(text, sizes):
    assert [len(part.message) for part in split(text, codings.GSM, 7)] == sizes


def test_each_part_has_a_header_with_its_place():
    first, second = split("a" * 200, codings.GSM, 300)
    assert (first.esm_class, first.message[:6], second.message[:6]) == (0x40, b"\x05\x00\x03\x2c\x02\x01", b"\x05\x00\x03\x2c\x02\x02")


def test_a_long_text_may_travel_whole():
    assert split("a" * 200, codings.GSM, 7, PAYLOAD) == [(0, 0, b"", b"a" * 200)]
    assert split("short", codings.GSM, 7, PAYLOAD) == [(0, 0, b"short", b"")]


@pytest.mark.parametrize(
    ("text", "alphabet", "number", "message"),
    [
        ("déjà @ 5 €", codings.GSM, 0, b"d\x05j\x7f \x00 5 \x1be"),
        ("déjà", codings.LATIN, 3, "déjà".encode("latin-1")),
        ("déjà", codings.LATIN_AS_DEFAULT, 0, "déjà".encode("latin-1")),
        ("5 €", codings.LATIN, 8, "5 €".encode("utf-16-be")),  # Latin-1 has none
        ("ça", codings.LATIN, 8, "ça".encode("utf-16-be")),  # counted as UCS-2, so it travels so
    ],
)
def test_data_codings(text, alphabet, number, message):
    assert split(text, alphabet, 7) == [(0, number, message, b"")]


def test_what_latin_lacks_makes_parts_of_its_own_size():
    parts = split("€" * 71, codings.LATIN, 7)
    assert [len(part.message) for part in parts] == [6 + 134, 6 + 8]
    assert joined(parts) == "€" * 71


@pytest.mark.parametrize(
    ("data", "number", "alphabet", "text"),
    [
        (b"\x00\x1be ok", 0, codings.GSM, "@€ ok"),
        (b"\x1b", 0, codings.GSM, ""),
        (b"\x1bA\x80", 0, codings.GSM, "A "),
        (b"\xe9", 0, codings.LATIN_AS_DEFAULT, "é"),
        (b"\xe9", 3, codings.GSM, "é"),
        (b"ASCII @", 1, codings.GSM, "ASCII @"),
        ("é😀".encode("utf-16-be"), 8, codings.GSM, "é😀"),
        ("é".encode("utf-16-be"), 0x18, codings.GSM, "é"),  # with a class
        (b"\x00", 0xF0, codings.GSM, "@"),  # class 0
        (b"\xd8", 8, codings.GSM, "\ufffd"),
        (b"a\0b", 3, codings.GSM, "ab"),  # nothing that the database cannot hold
    ],
)
def test_what_comes_in_is_read_by_its_coding(data, number, alphabet, text):
    assert codings.decode(data, number, alphabet) == text


@pytest.mark.parametrize(
    ("header", "place"),
    [
        (b"\x05\x00\x03\x07\x02\x01", (7, 2, 1)),
        (b"\x06\x08\x04\x01\x00\x03\x03", (256, 3, 3)),
        (b"\x0b\x05\x04\x0b\x84\x23\xf0\x00\x03\x07\x02\x02", (7, 2, 2)),  # after ports
        (b"\x05\x00\x03\x07\x02\x03", None),  # the third of two
        (b"\x05\x00\x03\x07\x01\x01", None),  # the only one
        (b"\x04\x00\x02\x07\x02", None),
    ],
)
def test_headers(header, place):
    assert read_header(header + b"hello") == (place, b"hello")


@pytest.mark.parametrize("data", [b"", b"\x05", b"\x05\x00\x03\x07\x02\x01", b"\xff" * 20])
def test_a_header_without_a_text_is_refused(data):
    with pytest.raises(ValueError):
        read_header(data)


def test_a_place_may_stand_in_optional_parameters():
    assert read_tlvs({0x020C: b"\x01\x02", 0x020E: b"\x02", 0x020F: b"\x01"}) == (258, 2, 1)
    assert read_tlvs({}) is None


RECEIPT = "id:{id} sub:001 dlvrd:001 submit date:2611291200 done date:2611291201 stat:{stat} err:{err} text:{text}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (RECEIPT.format(id="12ab", stat="DELIVRD", err="000", text="Hello"), ("12ab", "DELIVRD", "")),
        (RECEIPT.format(id="0000000007", stat="UNDELIV", err="21", text=""), ("0000000007", "UNDELIV", "21")),
        (RECEIPT.format(id="7", stat="EXPIRED", err="0A1", text="stat:DELIVRD id:9"), ("7", "EXPIRED", "0A1")),
        ("id:7 stat:REJECTD", ("7", "REJECTD", "")),
        ("ID:7 SUB:001 DLVRD:000 SUBMIT DATE:1 DONE DATE:2 STAT:DELIVRD ERR:000 TEXT:", ("7", "DELIVRD", "")),
        ("id: 7, stat: delivered, error code: 5", ("7", "delivered", "5")),
        ("id:7 sub:1 dlvrd:1 submit date:1 done date:2 status:Delivered err:0", ("7", "Delivered", "")),
        ("message id=7;state=ENROUTE", ("7", "ENROUTE", "")),
    ],
)
def test_receipts_in_many_spellings(text, expected):
    receipt = receipts.read(text)
    assert (receipt.id, receipt.word, receipt.code) == expected


@pytest.mark.parametrize("text", ["", "Hello", "id: stat:", "stat:DELIVRD", "id:7", "grid:7 restat:X", "text:id:7 stat:DELIVRD"])
def test_what_is_no_receipt(text):
    with pytest.raises(ValueError):
        receipts.read(text)


def test_optional_parameters_count_more_than_the_text():
    receipt = receipts.read("id:8 stat:ENROUTE err:000", receipted_id="7", state=5, network_error=b"\x03\x00\x15")
    assert (receipt.id, receipt.word, receipt.code) == ("7", "UNDELIV", "")
    assert receipts.read("", receipted_id="7", state=2) == receipts.Receipt("7", "DELIVRD")
    assert receipts.read("", receipted_id="7", state=5, network_error=b"\x03\x00\x15").code == "21"
    assert receipts.read("", receipted_id="7", state=99).status is ReportStatus.UNKNOWN


@pytest.mark.parametrize(
    ("word", "status", "reason"),
    [
        ("DELIVRD", ReportStatus.DELIVERED, ""), ("EXPIRED", ReportStatus.UNDELIVERED, "unreachable"), ("DELETED", ReportStatus.UNDELIVERED, "not_delivered"),
        ("UNDELIV", ReportStatus.UNDELIVERED, "not_delivered"), ("REJECTD", ReportStatus.UNDELIVERED, "blocked"), ("ACCEPTD", ReportStatus.ACCEPTED, ""),
        ("enroute", ReportStatus.ACCEPTED, ""), ("UNKNOWN", ReportStatus.UNKNOWN, ""), ("TELEPORT", ReportStatus.UNKNOWN, ""),
    ],
)  # fmt: skip
def test_words_of_receipts(word, status, reason):
    receipt = receipts.Receipt("7", word)
    assert (receipt.status, receipt.reason) == (status, reason)


@pytest.mark.parametrize(
    ("how", "answer", "receipt"),
    [("same", "0a3F", "0a3F"), ("decimal", "0A3F", "2623"), ("decimal", "a3f", "0000002623"), ("hex", "2623", "A3F"), ("decimal", "not-hex", "not-hex")],
)
def test_ids_are_compared_however_they_are_written(how, answer, receipt):
    assert receipts.answered(answer, how) == receipts.receipted(receipt, how)


@pytest.mark.parametrize(
    ("sender", "address"),
    [("+33639980001", (1, 1, "33639980001")), ("36111", (3, 0, "36111")), ("RIVERSIDE", (5, 0, "RIVERSIDE")), ("", (0, 0, ""))],
)
def test_types_of_senders(sender, address):
    assert Access.of({}, {}).source(sender) == address


def test_types_can_be_chosen():
    access = Access.of({"plan_short_code": "0/1", "plan_destination": "0/0"}, {})
    assert (access.source("36111"), access.destination("+33639980101")) == ((0, 1, "36111"), (0, 0, "33639980101"))


@pytest.mark.parametrize(
    ("address", "ton", "number"),
    [("33639980102", 1, "+33639980102"), ("+33639980102", 0, "+33639980102"), ("0033639980102", 2, "+33639980102"), ("33639980102", 0, "+33639980102"),
     ("36111", 3, "36111"), ("0639980102", 2, "0639980102"), ("BANK", 5, "BANK"), ("", 0, "")],
)  # fmt: skip
def test_who_wrote(address, ton, number):
    assert number_of(address, ton) == number
