"""What a number says of itself: its line and its country. Pure.

The same answers as the library's `number_type` and `region_code_for_number`, through patterns that are compiled once per country: an import asks
a million times (see the tests that hold both side by side).
"""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumber, PhoneNumberType

from smsapp.common import fiction

# Codes of no country (ITU-T E.164, list of assigned country codes): Inmarsat, satellite systems and networks, universal personal numbers,
# and international premium rate.
NETWORKS = {"+870": "satellite", "+881": "satellite", "+882": "satellite", "+883": "satellite", "+878": "personal", "+979": "premium"}
LINES_BY_TYPE = {
    PhoneNumberType.MOBILE: "mobile",
    PhoneNumberType.FIXED_LINE: "fixed",
    PhoneNumberType.FIXED_LINE_OR_MOBILE: "fixed_or_mobile",
    PhoneNumberType.TOLL_FREE: "toll_free",
    PhoneNumberType.PREMIUM_RATE: "premium",
    PhoneNumberType.SHARED_COST: "shared_cost",
    PhoneNumberType.VOIP: "voip",
    PhoneNumberType.PERSONAL_NUMBER: "personal",
    PhoneNumberType.PAGER: "pager",
    PhoneNumberType.UAN: "company",
    PhoneNumberType.VOICEMAIL: "voicemail",
}
SPECIAL = (  # in the library's order: the first that fits is the line
    ("premium", "premium_rate"), ("toll_free", "toll_free"), ("shared_cost", "shared_cost"), ("voip", "voip"), ("personal", "personal_number"),
    ("pager", "pager"), ("company", "uan"), ("voicemail", "voicemail"),
)  # fmt: skip
LINES: dict[str, str | Promise] = {
    "mobile": _("mobile"),
    "fixed": _("landline"),
    "fixed_or_mobile": _("landline or mobile"),
    "toll_free": _("free of charge"),
    "premium": _("premium rate"),
    "shared_cost": _("shared cost"),
    "voip": _("internet telephony"),
    "personal": _("personal number"),
    "pager": _("pager"),
    "company": _("company number"),
    "voicemail": _("voicemail"),
    "satellite": _("satellite"),
    "unknown": _("unknown"),
}
KIND_OF_LINE = {"mobile": "mobile", "fixed_or_mobile": "mobile", "fixed": "landline"}
LINE_OF_FICTION = {"mobile": "mobile", "landline": "fixed"}
DEAR_LINES = ("premium", "satellite", "personal")  # texted only where an administrator allows the range


class Facts(NamedTuple):
    """What a number says of itself: its line (one of LINES) and its country (two letters, or empty)."""

    line: str
    country: str

    @property
    def kind(self) -> str:
        """ "mobile" (a line that may be either counts), "landline" or "other"."""
        return KIND_OF_LINE.get(self.line, "other")


def facts_of(number: str) -> Facts:
    """Line and country of an E.164 number; what cannot be told is "unknown" and empty."""
    if number[:4] in NETWORKS:
        return Facts(NETWORKS[number[:4]], "")
    made_up = fiction.find(number)
    if not made_up and (short := _short_way(number)):
        return short
    parsed = quiet_parse(number)
    country = phonenumbers.region_code_for_number(parsed) or (made_up.country if made_up else "")
    line = LINE_OF_FICTION.get(made_up.kind) if made_up else None
    return Facts(line or LINES_BY_TYPE.get(phonenumbers.number_type(parsed), "unknown"), str(country))


def quiet_parse(number: str) -> PhoneNumber:
    """The library's number of an E.164 text; an empty one of what is none."""
    try:
        return phonenumbers.parse(number, None)
    except NumberParseException:
        return PhoneNumber()


class _Plan(NamedTuple):
    """A region's numbers as compiled patterns."""

    region: str
    leading: re.Pattern[str] | None  # what begins its numbers, where several regions share a code
    whole: re.Pattern[str]
    special: re.Pattern[str]
    each_special: tuple[tuple[str, re.Pattern[str]], ...]
    fixed: re.Pattern[str]
    mobile: re.Pattern[str]
    one_pattern: bool  # landlines and mobiles look alike

    def line_of(self, national: str) -> str:
        """The line of a national number; empty when it is none of this region."""
        if not self.whole.fullmatch(national):
            return ""
        if self.special.fullmatch(national):
            return next(line for line, pattern in self.each_special if pattern.fullmatch(national))
        if self.fixed.fullmatch(national):
            return "fixed_or_mobile" if self.one_pattern or self.mobile.fullmatch(national) else "fixed"
        return "mobile" if not self.one_pattern and self.mobile.fullmatch(national) else ""

    def has(self, national: str) -> bool:
        """The number is of this region, among those that share its code."""
        return bool(self.leading.match(national)) if self.leading else bool(self.line_of(national))


class _Code(NamedTuple):
    """A country code: its regions in order, and what might be a trunk prefix where a whole number was meant."""

    plans: tuple[_Plan, ...]
    doubtful: re.Pattern[str] | None


@lru_cache(maxsize=512)  # a bound on codes of the world, not on numbers
def _code(code: int) -> _Code | None:
    regions = phonenumbers.region_codes_for_country_code(code)
    metadata = [found for region in regions if (found := PhoneMetadata.metadata_for_region(region))]
    if not regions or len(metadata) < len(regions):
        return None
    prefix = metadata[0].national_prefix_for_parsing
    return _Code(tuple(map(_plan, metadata)), re.compile(prefix, re.ASCII) if prefix else None)


def _plan(metadata: PhoneMetadata) -> _Plan:
    each_special = tuple((line, _pattern(getattr(metadata, name))) for line, name in SPECIAL)
    return _Plan(
        region=metadata.id,
        leading=re.compile(metadata.leading_digits, re.ASCII) if metadata.leading_digits else None,
        whole=_pattern(metadata.general_desc),
        special=re.compile("|".join(f"(?:{pattern.pattern})" for _line, pattern in each_special), re.ASCII),
        each_special=each_special,
        fixed=_pattern(metadata.fixed_line),
        mobile=_pattern(metadata.mobile),
        one_pattern=bool(metadata.same_mobile_and_fixed_line_pattern),
    )


def _pattern(described: phonenumbers.PhoneNumberDesc | None) -> re.Pattern[str]:
    """The numbers of a kind, their lengths included."""
    if described is None or not described.national_number_pattern:
        return re.compile(r"(?!)")
    lengths = [length for length in described.possible_length if length > 0]
    if described.possible_length and not lengths:
        return re.compile(r"(?!)")
    ahead = "|".join(f".{{{length}}}" for length in lengths)
    return re.compile((f"(?=(?:{ahead})$)" if ahead else "") + f"(?:{described.national_number_pattern})", re.ASCII)


def _short_way(number: str) -> Facts | None:
    """The facts where no rule needs a second look; None: ask the library."""
    if not number[1:].isdecimal():
        return None
    for length in (2, 3, 4):
        if found := _code(int(number[1:length] or "0")):
            national = number[length:]
            if found.doubtful and found.doubtful.match(national):
                return None
            plan = found.plans[0] if len(found.plans) == 1 else next((plan for plan in found.plans if plan.has(national)), None)
            line = plan.line_of(national) if plan else ""
            return Facts(line, plan.region) if plan and line else None
    return None
