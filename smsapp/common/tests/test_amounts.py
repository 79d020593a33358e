"""Amounts of money: rounded as people do, and adding up."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smsapp.common import amounts

CENTS = st.decimals(min_value=0, max_value=10_000, places=5)


@pytest.mark.parametrize(("currency", "digits"), [("EUR", 2), ("JPY", 0), ("TND", 3), ("", 2), ("XXX", 2)])
def test_a_currency_has_its_digits(currency, digits):
    assert amounts.digits(currency) == digits


@pytest.mark.parametrize(("amount", "places", "shown"), [("52.136", 2, "52.14"), ("0.125", 2, "0.13"), ("0.1249", 2, "0.12"), ("2.5", 0, "3"), ("7", 2, "7.00")])
def test_halves_go_up(amount, places, shown):
    assert str(amounts.rounded(Decimal(amount), places)) == shown


@pytest.mark.parametrize(
    ("price", "currency", "digits"), [("0.07000", "EUR", 2), ("0.04120", "EUR", 4), ("0.00001", "EUR", 5), ("3", "EUR", 2), ("100", "JPY", 0), ("0.5", "JPY", 1)]
)
def test_a_price_has_the_digits_that_it_needs(price, currency, digits):
    assert amounts.digits_of_price(Decimal(price), currency) == digits


def test_thirds_of_a_cent_go_to_who_lost_most():
    assert amounts.adding_up([Decimal("0.333"), Decimal("0.335"), Decimal("0.332")], "EUR") == [Decimal("0.33"), Decimal("0.34"), Decimal("0.33")]
    assert amounts.adding_up([], "EUR") == []


@given(st.lists(CENTS, max_size=12), st.sampled_from(["EUR", "JPY", "TND"]))
def test_rows_add_up_to_the_total_and_none_is_off_by_a_whole_cent(parts, currency):
    places = amounts.digits(currency)
    shown = amounts.adding_up(parts, currency)
    assert sum(shown, Decimal()) == amounts.rounded(sum(parts, Decimal()), places)
    assert all(abs(one - part) < Decimal(1).scaleb(-places) for one, part in zip(shown, parts, strict=True))
