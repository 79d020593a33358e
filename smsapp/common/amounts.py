"""Amounts of money as people read them: rounded at the edge, to the digits of their currency. Pure."""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

FINEST = 5  # digits of a price, as providers ask them
WITHOUT_CENTS = frozenset(["BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"])
WITH_MILLS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])


def digits(currency: str) -> int:
    """After the point: 2 of most currencies (ISO 4217)."""
    return 0 if currency in WITHOUT_CENTS else 3 if currency in WITH_MILLS else 2


def rounded(amount: Decimal, places: int) -> Decimal:
    """Half up, as people do it: 0.125 is 0.13."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def digits_of_price(price: Decimal, currency: str) -> int:
    """As many as a price needs, and those of its currency at least: 0.0412 has four, 0.0700 two."""
    exact = -int(rounded(price, FINEST).normalize().as_tuple().exponent)
    return max(exact, digits(currency))


def adding_up(parts: Sequence[Decimal], currency: str) -> list[Decimal]:
    """The parts rounded so that they add up to their rounded sum: what is lacking goes to those that lost most."""
    places = digits(currency)
    step = Decimal(1).scaleb(-places)
    shown = [part.quantize(step, ROUND_FLOOR) for part in parts]
    lacking = int((rounded(sum(parts, Decimal()), places) - sum(shown, Decimal())) / step)
    for place in sorted(range(len(parts)), key=lambda place: shown[place] - parts[place])[:lacking]:
        shown[place] += step
    return shown
