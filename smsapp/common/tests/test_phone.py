"""Tables of what people and spreadsheets write, and what it is read as."""

import datetime
import time

import phonenumbers
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from smsapp.common import phone
from smsapp.common.phone_text import MESSAGES

READ = [
    # as written, region, E.164
    ("06 12 34 56 78", "FR", "+33612345678"),
    ("0612345678", "FR", "+33612345678"),
    ("06.12.34.56.78", "FR", "+33612345678"),
    ("06-12-34-56-78", "FR", "+33612345678"),
    ("06/12/34/56/78", "FR", "+33612345678"),
    ("06,12,34,56,78", "FR", "+33612345678"),
    ("06–12–34–56–78", "FR", "+33612345678"),
    ("06 12 34 56 78.", "FR", "+33612345678"),
    ("(06) 12 34 56 78", "FR", "+33612345678"),
    ("+33612345678", "FR", "+33612345678"),
    ("+33 6 12 34 56 78", "GB", "+33612345678"),
    ("+33 (0)6 12 34 56 78", "FR", "+33612345678"),
    ("+33 ( 0 ) 6 12 34 56 78", "FR", "+33612345678"),
    ("+330612345678", "FR", "+33612345678"),
    ("(+33) 6 12 34 56 78", "FR", "+33612345678"),
    ("+(33) 6 12 34 56 78", "FR", "+33612345678"),
    ("0033612345678", "FR", "+33612345678"),
    ("00 33 (0)6 12 34 56 78", "FR", "+33612345678"),
    ("00 33 6 12 34 56 78", "US", "+33612345678"),
    ("011 33 6 12 34 56 78", "US", "+33612345678"),
    ("011 44 7700 900123", "US", "+447700900123"),  # to numbers of nobody and to any country alike
    ("011 44 7700 900123", "CA", "+447700900123"),
    ("010 44 7700 900123", "JP", "+447700900123"),
    ("0011 44 7700 900123", "AU", "+447700900123"),  # where people dial more than 00
    ("0011447911123456", "AU", "+447911123456"),
    ("(0011) 33 6 12 34 56 78", "AU", "+33612345678"),
    ("0018 44 7911 123456", "AU", "+447911123456"),
    ("00 44 7911 123456", "AU", "+447911123456"),
    ("001 212 456 7890", "AU", "+12124567890"),
    ("0014 420 601 123 456", "BR", "+420601123456"),
    ("8 10 44 7911 123456", "RU", "+447911123456"),
    ("33612345678", "FR", "+33612345678"),
    ("612345678", "FR", "+33612345678"),
    ("01 42 68 53 00", "FR", "+33142685300"),
    ("+39 06 1234567", "FR", "+39061234567"),
    ("+39 (0)6 1234567", "FR", "+39061234567"),  # Italy keeps its zero
    ("+225 07 07 12 34 56", "FR", "+2250707123456"),
    ("+41 (0)79 123 45 67", "FR", "+41791234567"),
    ("0041 (0) 79 123 45 67", "CH", "+41791234567"),
    ("+36 06 20 123 4567", "FR", "+36201234567"),
    ("+7 8 912 345 67 89", "FR", "+79123456789"),
    ("011 15-2345-6789", "AR", "+5491123456789"),
    ("0171/1234567", "DE", "+491711234567"),
    ("21 062 023", "TN", "+21621062023"),
    ("07400 123456", "GB", "+447400123456"),
    ("(212) 456-7890", "US", "+12124567890"),
    ("12124567890", "US", "+12124567890"),
    ("1-212-456-7890", "US", "+12124567890"),
    ("+1 416 456 7890", "FR", "+14164567890"),
    ("98 123 456", "TN", "+21698123456"),
    ("29022345", "TN", "+21629022345"),  # also a number of Saint Helena with its code, but this is how Tunisia writes its own
    ("321 1234567", "CO", "+573211234567"),
    ("030/1234567", "DE", "+49301234567"),
    ("0612345678", "fr", "+33612345678"),
    # links
    ("tel:+33612345678", "US", "+33612345678"),
    ("tel:+33-6-12-34-56-78", "US", "+33612345678"),
    ("TEL: +33 (0)6 12 34 56 78", "US", "+33612345678"),
    ("tel://0612345678", "FR", "+33612345678"),
    ("“tel:06.12.34.56.78”", "FR", "+33612345678"),
    # spreadsheets
    ("'0612345678", "FR", "+33612345678"),
    ("’+33612345678", "FR", "+33612345678"),
    ('="0612345678"', "FR", "+33612345678"),
    ('"0612345678"', "FR", "+33612345678"),
    ("33612345678.0", "FR", "+33612345678"),
    ("33612345678,00", "FR", "+33612345678"),
    (33612345678, "FR", "+33612345678"),
    (33612345678.0, "FR", "+33612345678"),
    # what cannot be seen
    ("\ufeff0612345678", "FR", "+33612345678"),
    ("\u202a+33 6 12 34 56 78\u202c", "FR", "+33612345678"),
    ("06\u202f12\u202f34\u202f56\u202f78", "FR", "+33612345678"),
    ("06\u00a012\u200b34\u00ad56\u206078", "FR", "+33612345678"),
    ("\t0612345678\r\n", "FR", "+33612345678"),
    # other digits
    ("０６１２３４５６７８", "FR", "+33612345678"),
    ("＋３３６１２３４５６７８", "FR", "+33612345678"),
    ("٠٦١٢٣٤٥٦٧٨", "FR", "+33612345678"),
    ("۰۶۱۲۳۴۵۶۷۸", "FR", "+33612345678"),
    ("+٢١٦ ٩٨ ١٢٣ ٤٥٦", "FR", "+21698123456"),
    # nobody's numbers
    ("06 39 98 04 17", "FR", "+33639980417"),
    ("+33 6 39 98 04 17", "GB", "+33639980417"),
    ("639980417", "FR", "+33639980417"),
    ("33639980417", "FR", "+33639980417"),
    ("07700 900123", "GB", "+447700900123"),
    ("7700900123", "GB", "+447700900123"),
    ("+44 7700 900123", "FR", "+447700900123"),
    ("(202) 555-0123", "US", "+12025550123"),
    ("49 912 345", "TN", "+21649912345"),
    ("+216 49 912 345", "FR", "+21649912345"),
]

REFUSED = [
    (None, "FR", "empty"),
    ("", "FR", "empty"),
    ("  \u200b ", "FR", "empty"),
    ("'", "FR", "empty"),
    ("-", "FR", "not_a_number"),
    ("+", "FR", "not_a_number"),
    ("12:30", "FR", "not_a_number"),
    ("*31#0612345678", "FR", "not_a_number"),
    ("0612345678²", "FR", "not_a_number"),
    ("0*612345678", "FR", "not_a_number"),
    ("0+33612345678", "FR", "not_a_number"),
    # dates, which a country of eight digits would take for numbers
    ("2023-06-12", "TN", "not_a_number"),
    ("21/06/2023", "TN", "not_a_number"),
    ("21.6.2023", "TN", "not_a_number"),
    (datetime.date(2023, 6, 12), "TN", "not_a_number"),
    (datetime.datetime(2023, 6, 12, 0, 0), "TN", "not_a_number"),  # noqa: DTZ001 (as a spreadsheet's cell has it)
    # signs that separate nothing
    ("06_12_34_56_78", "FR", "not_a_number"),
    ("06·12·34·56·78", "FR", "not_a_number"),
    ("06 12 34 56 78 €", "FR", "not_a_number"),
    ("📱 06 12 34 56 78", "FR", "not_a_number"),
    ("06 12 34 56 78\x00", "FR", "not_a_number"),
    ("36105", "FR", "too_short"),  # a short code is nobody's number
    ("112", "FR", "too_short"),
    ("+39 (0)345 123456", "FR", "ambiguous"),  # a landline with its zero, a mobile without
    ("0039 (0)345 123456", "IT", "ambiguous"),
    (True, "FR", "has_letters"),
    (float("nan"), "FR", "has_letters"),
    ("#REF!", "FR", "has_letters"),
    ("1" * 101, "FR", "not_a_number"),
    ("12", "FR", "too_short"),
    ("061234567", "FR", "too_short"),
    ("06 12 34", "FR", "too_short"),
    ("+33 6 12 34 56", "FR", "too_short"),
    ("9812345", "TN", "too_short"),
    ("06123456789", "FR", "too_long"),
    ("+33 6 12 34 56 78 9", "FR", "too_long"),
    ("061234567890123456789", "FR", "too_long"),
    ("06 12 34 56 78", "XX", "unknown_country"),
    ("0692123456", "FR", "invalid_for_region"),
    ("0000000000", "FR", "unknown_country"),
    ("+999 123 456 789", "FR", "unknown_country"),
    ("+0612345678", "FR", "unknown_country"),
    ("0612345678", "", "unknown_country"),
    ("0612345678", None, "unknown_country"),
    ("011 44 7700 900123", "FR", "too_long"),  # from France nobody dials 011
    ("011 33 6 12 34 56", "US", "too_short"),
    ("011 999 123456", "US", "unknown_country"),
    ("0011 44 7911 123456", "FR", "too_long"),  # nor 0011
    ("0033 6 1234 5678", "SG", "ambiguous"),  # France after 00, Hungary after 003
    # another country's number without its plus
    ("447400123456", "FR", "ambiguous"),
    ("447700900123", "FR", "ambiguous"),
    ("33612345678", "GB", "ambiguous"),
    ("33612345678.0", "US", "ambiguous"),
    ("493012345", "FR", "ambiguous"),  # Nice without its zero, or Berlin without its plus
    # rounded by a spreadsheet
    ("3.36E+10", "FR", "lossy_number"),
    ("3,36123E+10", "FR", "lossy_number"),
    ("3.3612345678e10", "FR", "lossy_number"),
    ("1e5", "FR", "lossy_number"),
    ("33612345678.5", "FR", "lossy_number"),
    (1e17, "FR", "lossy_number"),
    # letters are no keypad
    ("0664 1234567 Eva", "AT", "has_letters"),
    ("O612345678", "FR", "has_letters"),
    ("06 12 34 56 7B", "FR", "has_letters"),
    ("1-800-FLOWERS", "US", "has_letters"),
    ("Tel. 06 12 34 56 78", "FR", "has_letters"),
    ("tel:", "FR", "has_letters"),
    ("tel:1-800-FLOWERS", "US", "has_letters"),
    ("tel:0612345678;phone-context=+33", "GB", "has_letters"),
    ("n/a", "FR", "has_letters"),
    ("无", "FR", "has_letters"),
    # extensions
    ("01 42 68 53 00 ext. 12", "FR", "extension"),
    ("01 42 68 53 00 poste 12", "FR", "extension"),
    ("0142685300x12", "FR", "extension"),
    ("0142685300 #12", "FR", "extension"),
    ("0142685300,12", "FR", "extension"),
    ("+33142685300;ext=12", "FR", "extension"),
    ("tel:+33-1-42-68-53-00;ext=12", "FR", "extension"),
    # more than one
    ("0612345678 / 0712345678", "FR", "several_numbers"),
    ("0612345678 0712345678", "FR", "several_numbers"),
    ("0612345678;0712345678", "FR", "several_numbers"),
    ("0612345678\n0712345678", "FR", "several_numbers"),
    ("06 12 34 56 78 - 07 12 34 56 78", "FR", "several_numbers"),
    ("06 12 34 56 78 ou 07 12 34 56 78", "FR", "several_numbers"),
    ("06 12 34 56 78 (perso), 07 12 34 56 78 (bureau)", "FR", "several_numbers"),
    ("+33612345678+33712345678", "FR", "several_numbers"),
    ("06 12 34 56 78 / 79", "FR", "several_numbers"),
    ("0612345678, " * 20, "FR", "several_numbers"),
]


@pytest.mark.parametrize(("raw", "region", "number"), READ)
def test_reads(raw: object, region: str, number: str) -> None:
    assert phone.normalise(raw, region) == number


@pytest.mark.parametrize(("raw", "region", "code"), REFUSED)
def test_refuses(raw: object, region: str | None, code: str) -> None:
    with pytest.raises(phone.PhoneError) as caught:
        phone.normalise(raw, region)
    assert caught.value.code == code
    assert str(caught.value).endswith(".")


def test_what_was_read_is_read_again_the_same() -> None:
    for _raw, _region, number in READ:
        assert phone.normalise(number, "FR") == number
        assert phone.normalise(phone.display(number), "US") == number


NUMBERISH = st.text(alphabet="0123456789+ ()-./,;x'=\"\u00a0\u202fEe٠٦Ａ\x00", max_size=30)


@given(raw=NUMBERISH | st.text(max_size=40) | st.integers() | st.floats(), region=st.sampled_from(["FR", "GB", "US", "TN", "IT", "DE", "XX", ""]))
def test_whatever_is_written_is_a_number_that_exists_or_a_code(raw: object, region: str) -> None:
    try:
        number = phone.normalise(raw, region)
    except phone.PhoneError as problem:
        assert problem.code in MESSAGES
    else:
        assert phonenumbers.is_valid_number(phonenumbers.parse(number)) or phone.is_fictional(number)
        assert phone.normalise(number, "FR") == number


def test_every_code_has_a_sentence_and_a_case() -> None:
    assert {code for *_, code in REFUSED} == set(MESSAGES)


def test_a_sentence_speaks_the_language_of_the_reader() -> None:
    error = phone.PhoneError("empty")
    with translation.override("en"):
        assert str(error).startswith("There is no number here.")


def example_numbers() -> list[tuple[str, phonenumbers.PhoneNumber]]:
    kinds = (
        phonenumbers.PhoneNumberType.MOBILE,
        phonenumbers.PhoneNumberType.FIXED_LINE,
        phonenumbers.PhoneNumberType.TOLL_FREE,
        phonenumbers.PhoneNumberType.VOIP,
    )
    found = [(region, phonenumbers.example_number_for_type(region, kind)) for region in sorted(phonenumbers.SUPPORTED_REGIONS) for kind in kinds]
    return [(region, number) for region, number in found if number]


def test_short_way_answers_as_the_library_in_every_country() -> None:
    for region, number in example_numbers():
        whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        national = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        assert phone.normalise(whole, "FR") == whole
        assert phone.normalise(national, region) == whole, (region, national)
        kind = phonenumbers.number_type(number)
        expected = "mobile" if kind in (1, 2) else "landline" if kind == 0 else "other"
        assert phone.kind_of(whole) == expected, whole


def test_plain_numbers_are_read_fast_enough_for_imports() -> None:
    rows = [f"06 12 34 {index // 100:02} {index % 100:02}" for index in range(5000)]
    begin = time.process_time()
    for row in rows:
        phone.normalise(row, "FR")
    assert len(rows) / (time.process_time() - begin) > 33_000
