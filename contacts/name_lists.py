"""Several names in one cell: "Choir; Board", a name that holds a separator in quotation marks. Pure."""

import re
from collections.abc import Iterable

SEPARATED = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?=[;|]|$)|([^;|]*))(?:[;|]|$)')
NEEDS_QUOTES = re.compile(r'[;|]|^"')


def join(names: Iterable[str]) -> str:
    """The cell of these names."""
    return "; ".join('"' + name.replace('"', '""') + '"' if NEEDS_QUOTES.search(name) else name for name in names)


def split(text: str) -> list[str]:
    """The names of a cell, separated by ; or |; empty ones are left out."""
    found = [match[2] if match[1] is None else match[1].replace('""', '"') for match in SEPARATED.finditer(text)]
    return [name.strip() for name in found if name.strip()]
