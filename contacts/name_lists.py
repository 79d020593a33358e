"""Several names in one cell: "Choir; Board", a name that holds a separator in quotation marks. Pure."""

import re
from collections.abc import Iterable

SEPARATED = re.compile(r'\s*(?:"((?:[^"]|"")*)"\s*(?=[;|]|$)|([^;|]*))(?:[;|]|$)')
NEEDS_QUOTES = re.compile(r'[;|,]|^"')


class Quoted(str):
    """A name that stood in quotation marks: nothing in it separates."""


def join(names: Iterable[str]) -> str:
    """The cell of these names."""
    return "; ".join('"' + name.replace('"', '""') + '"' if NEEDS_QUOTES.search(name) else name for name in names)


def split(text: str) -> list[str]:
    """The names of a cell, separated by ; or |; empty ones are left out. Whether a comma separates, only who knows the names can say."""
    found = [match[2].strip() if match[1] is None else Quoted(match[1].replace('""', '"').strip()) for match in SEPARATED.finditer(text)]
    return [name for name in found if (name if isinstance(name, Quoted) else name.strip(", "))]


def has_commas(name: str) -> bool:
    """It may be several names."""
    return "," in name and not isinstance(name, Quoted)


def at_commas(name: str) -> list[str]:
    """The names between commas; empty ones are left out."""
    return [part for part in map(str.strip, name.split(",")) if part]
