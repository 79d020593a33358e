"""Names in scripts that run from right to left, set apart so that they turn nothing of the sentence or list around them. Pure."""

import re

FIRST_STRONG, POP = "\u2068", "\u2069"  # what <bdi> is in HTML, good for attributes and plain text too
LEFTWARD = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]")


def isolated(name: str) -> str:
    """The name with invisible marks around it, where it has letters that run leftward; any other as it is."""
    return f"{FIRST_STRONG}{name}{POP}" if LEFTWARD.search(name) else name
