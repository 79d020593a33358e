"""Names of countries in the reader's language, from the data of phonenumbers; no network, no table of our own but for what it lacks."""

from functools import lru_cache

from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from phonenumbers import SUPPORTED_REGIONS, country_code_for_region

OURS = {  # places that it does not know, and names that it writes without their accents
    "AC": _("Ascension Island"),
    "TA": _("Tristan da Cunha"),
    "US": _("United States"),
    "XK": _("Kosovo"),
}


def name_of(region: str) -> str:
    """The name of a country (two letters); letters that nobody knows stay as they are."""
    if region in OURS:
        return str(OURS[region])
    return _name(region, (get_language() or "en")[:2])


@lru_cache(maxsize=1_000)  # countries of the world in two languages
def _name(region: str, language: str) -> str:
    from phonenumbers.geodata.locale import LOCALE_DATA  # only where a country is named: it takes long, and workers name none

    names = LOCALE_DATA.get(region, {})
    found = names.get(language) or names.get("en") or region
    return str(names[found[1:]] if found.startswith("*") else found)  # "*aa": as in that language


def choices() -> list[tuple[str, str]]:
    """(letters, "France (+33)") of every country that has phone numbers, by name in the reader's language."""
    named = [(region, f"{name_of(region)} (+{country_code_for_region(region)})") for region in SUPPORTED_REGIONS]
    return sorted(named, key=lambda choice: choice[1].casefold())
