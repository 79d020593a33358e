"""Phone numbers: raw text to E.164, kind, country, display. Pure: no ORM, no settings, and a number is never guessed.

Reading goes in three steps: phone_text finds the one number in a text, fiction knows the numbers that belong to nobody, and phonenumbers'
metadata judge the rest. Plain numbers take a short way through compiled patterns: several times faster, same answers (see the tests).
"""

import re
from functools import lru_cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberFormat, ValidationResult, timezone

from smsapp.common import fiction
from smsapp.common.phone_lines import DEAR_LINES, LINES, Facts, facts_of, quiet_parse
from smsapp.common.phone_text import MOST_DIGITS, PhoneError, as_dialled, one_number, with_zero

_NO_DIGIT = re.compile(r"[^0-9]")

__all__ = [
    "DEAR_LINES", "LINES", "Facts", "PhoneError", "country_of", "display", "facts_of", "has_country_code", "is_fictional", "is_region", "kind_of", "mask",
    "normalise", "time_zones",
]  # fmt: skip


class _Shapes(NamedTuple):
    """Compiled patterns of a country code's main region."""

    code: int
    trunk: str  # what stands before a national number, such as "0", or nothing; "?" where it is more than that
    mobile: re.Pattern[str]
    landline: re.Pattern[str]
    other: re.Pattern[str]
    beginning: re.Pattern[str] | None  # a trunk prefix that could also begin a whole number: then the long way

    def fits(self, national: str) -> bool:
        """Surely a number of this region, with nothing to strip."""
        if self.beginning and self.beginning.match(national):
            return False
        return bool(self.mobile.fullmatch(national) or self.landline.fullmatch(national) or self.other.fullmatch(national))


_NOTHING = re.compile(r"(?!)")
_OTHER_TYPES = ("toll_free", "premium_rate", "shared_cost", "personal_number", "voip", "pager", "uan", "voicemail")


@lru_cache(maxsize=512)  # a bound on regions of the world, not on numbers
def _shapes(region: str) -> _Shapes | None:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    if metadata is None or metadata.country_code is None or metadata.leading_digits:
        return None
    whole = metadata.general_desc

    def pattern(name: str) -> re.Pattern[str]:
        described = getattr(metadata, name)
        if described is None or not described.national_number_pattern:
            return _NOTHING
        lengths = described.possible_length or (whole.possible_length if whole else ())
        ahead = "|".join(f".{{{length}}}" for length in lengths if length > 0)
        return re.compile(f"(?=(?:{ahead})$)(?:{described.national_number_pattern})", re.ASCII)

    others = "|".join(f"(?:{pattern(name).pattern})" for name in _OTHER_TYPES)
    prefix = metadata.national_prefix_for_parsing
    simple = not metadata.national_prefix_transform_rule and "(" not in (prefix or "")
    trunk = "" if not prefix else (metadata.national_prefix if simple else None) or "?"
    return _Shapes(
        code=metadata.country_code,
        trunk=trunk,
        mobile=pattern("mobile"),
        landline=pattern("fixed_line"),
        other=re.compile(others, re.ASCII),
        beginning=re.compile(prefix, re.ASCII) if prefix else None,
    )


def _short_way(digits: str, international: bool, region: str) -> str | None:
    """E.164 where no rule of any country needs a second look; None: take the long way."""
    if international:
        for length in (1, 2, 3):
            main = phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(digits[:length] or "0"))
            if main:
                shapes = _shapes(main[0])
                return f"+{digits}" if shapes and shapes.fits(digits[length:]) else None
        return None
    shapes = _shapes(region)
    if shapes is None or shapes.trunk == "?":
        return None
    if digits.startswith(shapes.trunk):
        digits = digits.removeprefix(shapes.trunk)
    elif shapes.trunk == "0":
        return None  # a zero got lost, or a country code stands without its plus
    return f"+{shapes.code}{digits}" if shapes.fits(digits) else None


@lru_cache(maxsize=512)
def _way_out(region: str) -> re.Pattern[str]:
    """What people of a region dial before another country's code, such as 011; 00 is understood everywhere, and one digit proves nothing."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    prefix = metadata.international_prefix if metadata else None
    return re.compile(f"(?!00)(?:{prefix})(?<=...)(?!0)", re.ASCII) if prefix else _NOTHING


@lru_cache(maxsize=512)
def _longer_way_out(region: str) -> re.Pattern[str] | None:
    """The same where it begins with 00 and goes on, such as Australia's 0011."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    prefix = (metadata.international_prefix if metadata else None) or "00"
    return re.compile(f"(?=00)(?:{prefix})(?<=...)(?!0)", re.ASCII) if prefix != "00" else None


def _dialled_abroad(digits: str, international: bool, region: str) -> str | None:
    """A number of another country as it is dialled from the region: 011 44 … in the US."""
    found = None if international else _way_out(region).match(digits)
    return _read(digits[found.end() :], True, region) if found else None


def _long_way(digits: str, international: bool, region: str) -> str:
    if not international and not phonenumbers.PhoneMetadata.metadata_for_region(region):
        raise PhoneError("unknown_country")
    try:
        parsed = phonenumbers.parse(f"+{digits}" if international else digits, None if international else region)
    except NumberParseException as error:
        raise PhoneError(_parse_code(error, digits, international))
    written = phonenumbers.format_number(parsed, PhoneNumberFormat.E164)
    if not international and _is_another_country(digits, written):
        raise PhoneError("ambiguous")
    if phonenumbers.is_valid_number(parsed):
        return written
    raise PhoneError(_why_not(parsed, digits))


def _parse_code(error: NumberParseException, digits: str, international: bool) -> str:
    if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
        return "unknown_country"
    if error.error_type == NumberParseException.TOO_LONG or len(digits) > MOST_DIGITS:
        return "too_long"
    short = error.error_type in (NumberParseException.TOO_SHORT_NSN, NumberParseException.TOO_SHORT_AFTER_IDD)
    return "too_short" if short or not international else "not_a_number"


def _why_not(parsed: PhoneNumber, digits: str) -> str:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(phonenumbers.region_code_for_country_code(parsed.country_code or 0))
    if metadata:  # people's numbers; the country's plan may have shorter and longer ones for machines
        lengths = {length for kind in (metadata.mobile, metadata.fixed_line) if kind for length in kind.possible_length if length > 0}
        size = len(phonenumbers.national_significant_number(parsed))
        if metadata.national_prefix == "0" and digits.startswith("0"):
            size = len(digits) - 1
        if lengths and not min(lengths) <= size <= max(lengths):
            return "too_short" if size < min(lengths) else "too_long"
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return "too_short"
    if reason == ValidationResult.TOO_LONG or len(digits) > MOST_DIGITS:
        return "too_long"
    return "unknown_country" if reason == ValidationResult.INVALID_COUNTRY_CODE else "invalid_for_region"


def _is_another_country(digits: str, written: str) -> bool:
    """Digits without a plus, not as their country writes them at home, that are a whole number elsewhere: nobody can know which is meant."""
    elsewhere = f"+{digits}"
    if elsewhere == written or not (fiction.find(elsewhere) or phonenumbers.is_valid_number(quiet_parse(elsewhere))):
        return False
    at_home = quiet_parse(written)
    return not phonenumbers.is_valid_number(at_home) or _NO_DIGIT.sub("", phonenumbers.format_number(at_home, PhoneNumberFormat.NATIONAL)) != digits


# --- for everybody ---


def normalise(raw: object, region: str | None) -> str:
    """E.164 of the one number in `raw`, read as a number of `region` (two letters) when no country code is written; else PhoneError.

    Numbers of spreadsheet cells (int, float) are welcome.
    """
    digits, international = one_number(raw)
    region = (region or "").upper()
    if len(digits) > MOST_DIGITS + 2:
        raise PhoneError("too_long")
    if len(digits) < 4:
        raise PhoneError("too_short")
    other = _other_reading(raw, region) if international else ""
    return _read(digits, international, region) if not other else _read_both(digits, other, region)


def _read(digits: str, international: bool, region: str) -> str:
    ways = (_fictional, _short_way, _dialled_abroad, _long_way)
    return next(number for way in ways if (number := way(digits, international, region)))


def _other_reading(raw: object, region: str) -> str:
    """What a number with a country's code may be as well: most countries drop the zero of (0) behind their code, Italy keeps it; most dial 00
    before another country's code, Australia 0011."""
    if "(" in str(raw) and (zero := with_zero(raw)):
        return zero
    longer = _longer_way_out(region)
    found = longer.match(dialled) if longer and (dialled := as_dialled(raw)) else None
    return dialled[found.end() :] if found else ""


def _read_both(usual: str, other: str, region: str) -> str:
    """The reading that exists, never one of two."""
    found, problem = set(), None
    for digits in (other, usual):
        try:
            found.add(_read(digits, True, region))
        except PhoneError as error:
            problem = error
    if len(found) == 1:
        return found.pop()
    raise PhoneError("ambiguous") if found else problem or PhoneError("not_a_number")


def _fictional(digits: str, international: bool, region: str) -> str | None:
    shapes = None if international else _shapes(region)
    if shapes and shapes.trunk != "?" and digits.startswith(shapes.trunk):
        number = f"+{shapes.code}{digits.removeprefix(shapes.trunk)}"
    elif shapes and digits.startswith(str(shapes.code)):
        number = f"+{digits}"
    else:
        number = f"+{digits}" if international else f"+{phonenumbers.country_code_for_region(region)}{digits.lstrip('0')}"
    return number if fiction.find(number) else None


def kind_of(number: str) -> str:
    """ "mobile" (a number that may be either counts), "landline" or "other", of an E.164 number."""
    made_up = fiction.find(number)
    return made_up.kind if made_up else facts_of(number).kind


def country_of(number: str) -> str:
    """Two letters of an E.164 number's country, empty when it has none."""
    return facts_of(number).country


def time_zones(number: str) -> tuple[str, ...]:
    """Names of the time zones where an E.164 number may be at home, such as Europe/Paris; empty when nobody can tell."""
    zones: tuple[str, ...] = timezone.time_zones_for_geographical_number(quiet_parse(number))
    return tuple(zone for zone in zones if zone != timezone.UNKNOWN_TIMEZONE)


def has_country_code(beginning: str) -> bool:
    """A beginning of E.164 numbers, such as +8816, that some country or network has."""
    return any(beginning[1:length].isdecimal() and int(beginning[1:length]) in phonenumbers.COUNTRY_CODE_TO_REGION_CODE for length in (2, 3, 4))


def is_region(letters: str) -> bool:
    """Two capital letters of a country with a numbering plan."""
    return letters in phonenumbers.SUPPORTED_REGIONS


def is_fictional(number: str) -> bool:
    """Belongs to nobody by its country's own list: may only be texted through the simulator."""
    return fiction.find(number) is not None


def mask(number: str) -> str:
    """For logs: +33•••••78."""
    code = quiet_parse(number).country_code if number.startswith("+") else None
    tail = number[-2:] if len(number) > 6 else ""
    return f"+{code}•••••{tail}" if code else f"•••••{tail}"


@lru_cache(maxsize=10_000)  # a list shows each of its numbers twice, and so does its next page
def display(number: str) -> str:
    """For people: +33 6 39 98 04 17; what is no number stays as it is."""
    if not number.startswith("+"):
        return number
    parsed = quiet_parse(number)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL) if parsed.country_code else number
