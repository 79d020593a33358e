"""Line and country of numbers: the short way answers as the library does, everywhere."""

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneNumberFormat, PhoneNumberType

from smsapp.common import fiction, phone, phone_lines

TYPES = [*phone_lines.LINES_BY_TYPE, PhoneNumberType.UNKNOWN]
CODES = sorted(phonenumbers.COUNTRY_CODE_TO_REGION_CODE)


def by_library(number: str) -> tuple[str, str]:
    parsed = phone_lines.quiet_parse(number)
    line = phone_lines.LINES_BY_TYPE.get(phonenumbers.number_type(parsed), "unknown")
    return line, str(phonenumbers.region_code_for_number(parsed) or "")


def examples() -> list[str]:
    found = [phonenumbers.example_number_for_type(region, kind) for region in sorted(phonenumbers.SUPPORTED_REGIONS) for kind in TYPES]
    return sorted({phonenumbers.format_number(number, PhoneNumberFormat.E164) for number in found if number})


def test_every_kind_of_number_of_every_country_has_the_librarys_line_and_country():
    numbers = [number for number in examples() if not fiction.find(number) and number[:4] not in phone_lines.NETWORKS]
    assert len(numbers) > 900
    wrong = [(number, phone.facts_of(number), by_library(number)) for number in numbers if tuple(phone.facts_of(number)) != by_library(number)]
    assert wrong == []


def test_the_short_way_is_the_usual_one():
    numbers = [number for number in examples() if not fiction.find(number)]
    assert sum(phone_lines._short_way(number) is not None for number in numbers) > len(numbers) * 0.8


@settings(max_examples=600, deadline=None)
@given(code=st.sampled_from(CODES), national=st.from_regex(r"[0-9]{3,13}", fullmatch=True))
def test_any_digits_have_the_librarys_line_and_country(code, national):
    number = f"+{code}{national}"[:16]
    if not fiction.find(number) and number[:4] not in phone_lines.NETWORKS and (short := phone_lines._short_way(number)):
        assert tuple(short) == by_library(number)


@settings(max_examples=300, deadline=None)
@given(number=st.sampled_from(examples()), end=st.from_regex(r"[0-9]{1,4}", fullmatch=True))
def test_neighbours_of_real_numbers_have_the_librarys_line_and_country(number, end):
    near = number[: -len(end)] + end
    if not fiction.find(near) and near[:4] not in phone_lines.NETWORKS and (short := phone_lines._short_way(near)):
        assert tuple(short) == by_library(near)


@pytest.mark.parametrize("each", fiction.RANGES, ids=lambda each: each.beginning)
def test_kind_and_line_of_fictional_numbers_agree(each):
    number = each.beginning + "1" * each.digits
    assert phone.facts_of(number).kind == phone.kind_of(number)
