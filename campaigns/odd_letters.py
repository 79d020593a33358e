"""People in whose values a letter turns a text Unicode, as a condition of the database."""

from django.db.models import Q

from campaigns import tokens
from providers.charset import BASIC, EXTENSION

ODD = "[^\x01-\x7f" + "".join(char for char in BASIC + EXTENSION if not char.isascii()) + "]"  # letters outside GSM-7
FIELDS = {token.name: token.fields for token in tokens.TOKENS}
LETTERS = {"first_name", "last_name", "organisation", "email", "external_id"}  # fields of a contact that hold words


def odd_in(paths: list[str]) -> Q:
    """True of rows where one of these fields, or keys of custom values, holds such a letter."""
    found = Q(pk__in=[])
    for path in paths:
        found |= Q(**{f"{path}__regex": ODD})
    return found


def paths_of(name: str, *, prefix: str = "") -> list[str]:
    """What the token `name` reads in words; `prefix` leads from a row to its contact ("contact__")."""
    if name.startswith(tokens.CUSTOM):
        return [f"{prefix}custom__{name.removeprefix(tokens.CUSTOM)}"]
    return [f"{prefix}{field}" for field in FIELDS.get(name, ()) if field in LETTERS]
