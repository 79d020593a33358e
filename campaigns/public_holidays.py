"""Public holidays of a whole country, as the library `holidays` knows them, with what it calls observed days; regions have more. Pure."""

from datetime import date
from functools import lru_cache


@lru_cache(maxsize=200)  # countries with rules, and the years around now
def in_year(country: str, year: int) -> dict[date, str]:
    """Days with their English names, in their order; none of a country that the library does not know."""
    import holidays  # a fifth of a second, and most processes never ask

    try:
        return dict(sorted(holidays.country_holidays(country, years=year, language="en_US").items()))
    except NotImplementedError:
        return {}


def is_holiday(country: str, day: date) -> bool:
    """Whether it is one, before administrators added and removed some."""
    return day in in_year(country, day.year)
