"""Cells that a spreadsheet would take for a formula: guarded by an apostrophe on the way out, which the way in takes off again. Pure."""

import re

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # spreadsheets also narrow the wide ones
GUARDED = re.compile(f"'+[{re.escape(''.join(FORMULA_STARTS))}]")


def guard(text: str) -> str:
    """With an apostrophe in front where one is needed; also where apostrophes stand there already, so that `unguard` gives back the same."""
    return "'" + text if text.startswith(FORMULA_STARTS) or GUARDED.match(text) else text


def unguard(text: str) -> str:
    """Without the apostrophe that `guard` put there."""
    return text[1:] if GUARDED.match(text) else text
