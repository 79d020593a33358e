"""The one number in a text: cleans what spreadsheets and people leave around it, refuses what is more or less than one. Pure."""

import re
import unicodedata

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LONGEST_TEXT = 100  # characters; a cell that holds more is not a number
MOST_DIGITS = 15  # E.164

MESSAGES: dict[str, str | Promise] = {
    "empty": _("There is no number here. Write one, for example 06 39 98 04 17 or +33 6 39 98 04 17."),
    "not_a_number": _("This is not a phone number. Use digits, spaces, dots and dashes, with + before a country code, for example +33 6 39 98 04 17."),
    "too_short": _("There are too few digits. Write the whole number, for example 06 39 98 04 17 or +33 6 39 98 04 17."),
    "too_long": _("There are too many digits. Write one number without anything behind it, for example +33 6 39 98 04 17."),
    "invalid_for_region": _("Nobody can have this number: its country has no such numbers. Check the digits; a number of another country begins with +."),
    "ambiguous": _("This could be a number of another country. Write + before the country code, or the national number with its leading 0."),
    "lossy_number": _("The spreadsheet has rounded this number. Format the column as text, enter the number again and save the file."),
    "has_letters": _("There are letters in it. Write only the number, for example +33 6 39 98 04 17, and keep the name in its own field."),
    "extension": _("Texts cannot reach an extension. Leave it out if the number itself is a mobile."),
    "several_numbers": _("There is more than one number here. Keep one, and give the others fields of their own."),
    "unknown_country": _("No country has this code. Write + and the country code, for example +33 for France, then the number."),
}


class PhoneError(ValueError):
    """A text that is not one usable number: a code for programs and a sentence for people (in the reader's language when shown)."""

    def __init__(self, code: str, message: str | Promise = "") -> None:
        super().__init__(code, message)
        self.code = code
        self.message = message or MESSAGES[code]

    def __str__(self) -> str:
        return str(self.message)


# --- cleaning ---

_EVERYDAY = re.compile(r"[+]?[0-9][0-9 .\-]*[0-9]", re.ASCII)  # nothing to clean and nothing to doubt, so far
_INVISIBLE = {"Cf", "Co", "Cn"}  # zero-width and direction marks, byte order marks, private and unassigned characters
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
_OTHERS = _DASHES | dict.fromkeys(map(ord, "＋﹢⁺"), "+") | {ord("．"): ".", ord("／"): "/", ord("（"): "(", ord("）"): ")", ord("，"): ","}
_LINK = re.compile(r"tel:(?://)?\s*(?=[+(\d])", re.IGNORECASE)  # tel:+33-6-12-34-56-78, as web pages and address books write it
_QUOTES = "'\"`´‘’‚‛“”„‹›«»ʼ′＇"
_SCIENTIFIC = re.compile(r"[+-]?\d+(?:[.,]\d+)?\s?[eE]\s?[+-]?\d+")
_DECIMAL = re.compile(r"(\+?\d{6,})[.,]0+")
_FRACTION = re.compile(r"[1-9]\d{5,}[.,]\d{1,3}")
_EXTENSION = re.compile(r"\d[\s.,;/()-]*(?:ext(?:ension|n|\.)?|x|poste?|p|ps|int(?:erne|\.)?|w|#|;ext=)[\s.:=]*\d{1,7}\s*\)?\s*$", re.IGNORECASE)
_BETWEEN_NUMBERS = re.compile(r"[;,|&\\/\n\r\t]|\b(?:ou|or|et|and|oder|und)\b|\s-\s", re.IGNORECASE)
_ALLOWED = re.compile(r"\+?[\d\s.\-/(),]+")
_GROUPED_BY_COMMA = re.compile(r"\+?\d{1,4}(?:,\s?\d{2,4}){2,}")
_NO_DIGIT = re.compile(r"[^0-9]")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_DAY, _YEAR = r"(?:0?[1-9]|[12][0-9]|3[01])", r"(?:19|20)[0-9]{2}"
_DATE = re.compile(rf"{_YEAR}([-./]){_DAY}\1{_DAY}|{_DAY}([-./]){_DAY}\2{_YEAR}", re.ASCII)  # in a country of eight digits it would be a number


def _plain(raw: str) -> str:
    """`raw` with ASCII digits, signs and single spaces, without what cannot be seen and without a spreadsheet's wrapping."""
    if not raw.isascii():
        raw = "".join(_plain_character(letter) for letter in raw.translate(_OTHERS))
    text = raw.strip().strip(_QUOTES).strip()
    if text.startswith("="):  # ="0639980417", the spreadsheet's way to keep a zero
        text = text[1:].strip().strip(_QUOTES).strip()
    return _LINK.sub("", text) if text[:1] in "tT" else text


def _plain_character(letter: str) -> str:
    if letter.isascii():
        return letter
    kind = unicodedata.category(letter)
    if kind in _INVISIBLE:
        return ""
    if kind == "Nd":
        return str(unicodedata.decimal(letter))
    return " " if kind == "Zs" else letter


def one_number(raw: object) -> tuple[str, bool]:
    """Digits of the number in `raw`, and whether they begin with a country code; PhoneError says what stands in the way."""
    text = _plain("" if raw is None else str(raw))
    return _everyday(text) or _careful(text)


def with_zero(raw: object) -> str:
    """Digits of an international number with its bracketed zero, as in +39 (0)345 123456: some countries keep it. Empty without one."""
    text = _plain("" if raw is None else str(raw))
    if not _TRUNK_ZERO.search(text):
        return ""
    return one_number(_TRUNK_ZERO.sub("0", text, count=1))[0]


def as_dialled(raw: object) -> str:
    """Digits with the 00 that they begin with, which `one_number` takes for a plus; empty where a plus or nothing of the kind stands there."""
    digits = _NO_DIGIT.sub("", text) if "+" not in (text := _plain("" if raw is None else str(raw))) else ""
    return digits if digits.startswith("00") else ""


def _everyday(text: str) -> tuple[str, bool] | None:
    """As `_careful`, for the many texts that leave nothing to doubt."""
    if not _EVERYDAY.fullmatch(text) or " - " in text or _FRACTION.fullmatch(text) or _is_date(text):
        return None
    digits, international = _NO_DIGIT.sub("", text), text.startswith(("+", "00"))
    if len(digits) > MOST_DIGITS:
        return None
    return digits[2:] if international and text[0] == "0" else digits, international


def _careful(text: str) -> tuple[str, bool]:
    """Digits of the one number in `text`, and whether they begin with a country code."""
    _refuse_more_or_less_than_one(text)
    if whole := _DECIMAL.fullmatch(text):
        text = whole[1]
    bare = text.replace("(", "").lstrip(" ")
    international = bare.startswith(("+", "00"))
    if international:
        text = _TRUNK_ZERO.sub("", text)
    digits = _NO_DIGIT.sub("", text)
    if international and not bare.startswith("+"):
        digits = digits[2:]
    return digits, international


def _refuse_more_or_less_than_one(text: str) -> None:
    if not text:
        raise PhoneError("empty")
    if len(text) > LONGEST_TEXT:
        raise PhoneError("several_numbers" if _are_several(text) else "not_a_number")
    if _is_date(text):
        raise PhoneError("not_a_number")
    if _SCIENTIFIC.fullmatch(text) or (_FRACTION.fullmatch(text) and not _DECIMAL.fullmatch(text)):
        raise PhoneError("lossy_number")
    if _are_several(text):
        raise PhoneError("several_numbers")
    if _EXTENSION.search(text):
        raise PhoneError("extension")
    if any(letter.isalpha() for letter in text):
        raise PhoneError("has_letters")
    inner = text.removeprefix("(").lstrip()
    if not _ALLOWED.fullmatch(inner) or not any(letter.isdigit() for letter in inner):
        raise PhoneError("not_a_number")
    if "," in text and not _GROUPED_BY_COMMA.fullmatch(text) and not _DECIMAL.fullmatch(text):
        raise PhoneError("extension")


def _is_date(text: str) -> bool:
    return len(text) in (8, 9, 10) and _DATE.fullmatch(text) is not None


def _are_several(text: str) -> bool:
    parts = [_count(part) for part in _BETWEEN_NUMBERS.split(text)]
    if sum(count >= 7 for count in parts) > 1 or text.count("+") > 1:
        return True
    if len(parts) == 2 and "/" in text and parts[0] >= 8 and 0 < parts[1] <= 4:
        return True  # 06 39 98 04 17 / 18: two numbers, the second cut short
    return _count(text) > MOST_DIGITS and any(_count(text[: gap.start()]) >= 8 and _count(text[gap.end() :]) >= 8 for gap in re.finditer(r"[^\d]+", text))


def _count(text: str) -> int:
    return sum(letter.isdigit() for letter in text)
