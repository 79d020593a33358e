"""What is wrong with rules, in sentences that name the rule at fault."""

from typing import Any

from django.utils.translation import gettext as _

Path = tuple[int, ...]  # where in the tree: (2, 1) is the first of the second


class RulesProblem(Exception):
    """Rules that cannot be used. `path` leads to the rule at fault; empty when all of them are."""

    def __init__(self, code: str, message: Any, path: Path = ()) -> None:
        self.code, self.path, self.sentence = code, path, str(message)
        self.all: list[RulesProblem] = [self]  # with those of other rules, when several are at fault
        self.place = place(path)
        super().__init__(_("Rule %(place)s: %(problem)s") % {"place": place(path), "problem": message} if path else self.sentence)


def place(path: Path) -> str:
    """As people count: 2.1."""
    return ".".join(map(str, path))
