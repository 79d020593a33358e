"""PostgreSQL arrays written as text, where a bulk statement takes thousands of values: the driver's own way costs a microsecond a value."""

from collections.abc import Iterable, Sequence


def integers(values: Iterable[int]) -> str:
    """For a parameter that is cast to an array of whole numbers."""
    return "{" + ",".join(map(str, values)) + "}"


def texts(values: Sequence[str]) -> str:
    """For a parameter that is cast to an array of text; whatever the texts hold stays text."""
    if not values:
        return "{}"
    joined = '","'.join(values)
    if "\\" in joined or joined.count('"') > 2 * (len(values) - 1):
        joined = '","'.join([value.replace("\\", "\\\\").replace('"', '\\"') for value in values])
    return '{"' + joined + '"}'
