"""Phone numbers: raw text to E.164, kind, country, fiction, display. Pure: a number is never guessed.

Placeholder of the first hour: the rules grow in this file.
"""

import phonenumbers


class PhoneError(ValueError):
    """A text that is no usable number; `code` for programs, the message for people."""

    def __init__(self, code: str, message: str = "") -> None:
        super().__init__(message or code)
        self.code = code
        self.message = message or code


def normalise(raw: str, region: str) -> str:
    """E.164 of `raw`, read as a number of `region` when it has no country code."""
    try:
        parsed = phonenumbers.parse(raw, region)
    except phonenumbers.NumberParseException:
        raise PhoneError("not_a_number")
    if not phonenumbers.is_valid_number(parsed):
        raise PhoneError("invalid_for_region")
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def display(number: str) -> str:
    """+33 6 39 98 04 17; what is no number stays as it is."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
