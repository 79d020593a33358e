"""What changed from one text to another, word by word. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

from campaigns.texts import Texts

MOST_WORDS = 600  # of a text that is compared word by word; a longer one is compared line by line
_WORDS = re.compile(r"\{[^{}\n]*\}|\s+|[\w'’]+|[^\w\s]")


class Part(NamedTuple):
    """A piece of both texts, or of one of them."""

    kind: Literal["same", "added", "removed"]
    text: str


@dataclass(frozen=True, slots=True)
class Difference:
    """What became of a template's text in one language; an empty code is the text for everybody else."""

    language: str
    main: bool
    parts: list[Part]

    @property
    def changed(self) -> bool:
        """Whether anything is different."""
        return any(part.kind != "same" for part in self.parts)


def of_texts(before: Texts, after: Texts) -> list[Difference]:
    """The main text with the main text, each translation with its own, in the order of the codes."""
    codes = sorted({*before.translations, *after.translations})
    rest = [Difference(code, False, of(before.translations.get(code, ""), after.translations.get(code, ""))) for code in codes]
    return [Difference(after.language, True, of(before.text, after.text)), *rest]


def of(before: str, after: str) -> list[Part]:
    """Both texts in one row of pieces; those that stand side by side are of different kinds."""
    old, new = _pieces(before), _pieces(after)
    if max(len(old), len(new)) > MOST_WORDS:
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    moves = SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
    return [part for move in moves for part in _parts(move, old, new)]


def _pieces(text: str) -> list[str]:
    return _WORDS.findall(text)


def _parts(move: tuple[str, int, int, int, int], old: list[str], new: list[str]) -> Iterator[Part]:
    kind, i, j, k, m = move
    if kind == "equal":
        yield Part("same", "".join(new[k:m]))
        return
    if j > i:
        yield Part("removed", "".join(old[i:j]))
    if m > k:
        yield Part("added", "".join(new[k:m]))
