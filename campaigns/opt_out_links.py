"""Addresses by which people opt out: short, one for each contact, and not to be guessed. Nothing is stored: the code is the contact's id, signed.

They are as long for everybody, so that each text's segments are known. Code 0 is nobody's: what tests show.
"""

import hmac

from django.conf import settings

from smsapp.common.secrets import keyed_hash

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
OF_ID, OF_SIGNATURE = 6, 8  # letters: 56 thousand million people, 47 bits
PLACE = "/o/"


def available() -> bool:
    """Whether there is an address at which people reach this console."""
    return bool(settings.PUBLIC_BASE_URL)


def address(contact_id: int) -> str:
    """The whole address for a contact; empty without a public address."""
    return f"{settings.PUBLIC_BASE_URL}{PLACE}{code_of(contact_id)}" if available() else ""


def code_of(contact_id: int) -> str:
    """What stands at its end."""
    return _letters(contact_id, OF_ID) + _signature(contact_id)


def contact_of(code: str) -> int | None:
    """The contact's id, 0 for nobody's; None when it is malformed or forged."""
    written = code[:-OF_SIGNATURE]
    if not OF_ID <= len(written) <= 11 or not all(char in ALPHABET for char in code):
        return None
    number = 0
    for char in written:
        number = number * len(ALPHABET) + ALPHABET.index(char)
    return number if number < 2**63 and hmac.compare_digest(code.encode(), code_of(number).encode()) else None


def _letters(number: int, least: int) -> str:
    found = ""
    while number or len(found) < least:
        number, rest = divmod(number, len(ALPHABET))
        found = ALPHABET[rest] + found
    return found


def _signature(contact_id: int) -> str:
    return _letters(int(keyed_hash("opt-out link", str(contact_id)), 16), OF_SIGNATURE)[-OF_SIGNATURE:]
