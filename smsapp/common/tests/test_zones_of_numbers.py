"""The first digits of a number tell its zone as well as the whole number does."""

from datetime import UTC, datetime

import pytest

from smsapp.common import phone, zones


@pytest.mark.parametrize(
    "number", ["+12025550142", "+13105550142", "+18505550142", "+18125550142", "+351912345678", "+79161234567", "+61412345678", "+5511961234567", "+447700900142"]
)
def test_the_head_of_a_number_tells_its_zone(number: str) -> None:
    digits = zones.LONG_HEAD if number[: zones.HEAD + 1] in zones.split_heads() else zones.HEAD
    assert set(zones.of_beginning(number[: digits + 1])) == set(phone.time_zones(number)) != set()


def test_few_heads_need_more_digits() -> None:
    assert len(zones.split_heads()) < 300


def test_nobody_knows_the_zone_of_nonsense() -> None:
    assert zones.of_beginning("+00000") == zones.of_beginning("") == () and zones.clocks_in(["No/Where"], datetime.now(UTC)) == []


def test_only_countries_with_several_zones_are_asked_about() -> None:
    assert {"US", "RU", "PT"} <= set(zones.several()) and not {"FR", "IT", "GB"} & set(zones.several())
