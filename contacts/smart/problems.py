"""What is wrong with rules, in sentences that name the rule at fault."""

from typing import Any

from smsapp.common import sentences
from smsapp.common.sentences import say as _

Path = tuple[int, ...]  # where in the tree: (2, 1) is the first of the second


class RulesProblem(Exception):
    """Rules that cannot be used. `path` leads to the rule at fault; empty when all of them are. `told` names it, `sentence` does not."""

    def __init__(self, code: str, message: Any, path: Path = ()) -> None:
        self.code, self.path, self.sentence = code, path, sentences.of(message)
        self.all: list[RulesProblem] = [self]  # with those of other rules, when several are at fault
        self.place = place(path)
        self.told = _("Rule %(place)s: %(problem)s") % {"place": self.place, "problem": self.sentence} if path else self.sentence
        super().__init__(self.told)


def place(path: Path) -> str:
    """As people count: 2.1."""
    return ".".join(map(str, path))
