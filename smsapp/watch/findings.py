"""A finding: what is not as it should be, in words, and how to mend it."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """WRONG: texts wait or get lost sight of until somebody does something. MIND: worth knowing."""

    WRONG = "wrong"
    MIND = "mind"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing. `code` is for programs; `what` and `cure` are sentences in the reader's language; `url` leads to the cure, if a page has it."""

    code: str
    level: Level
    what: str
    cure: str
    url: str = ""


def wrong(code: str, what: str, cure: str, url: str = "") -> Finding:
    """Something that has to be mended."""
    return Finding(code, Level.WRONG, what, cure, url)


def mind(code: str, what: str, cure: str, url: str = "") -> Finding:
    """Something worth knowing."""
    return Finding(code, Level.MIND, what, cure, url)
