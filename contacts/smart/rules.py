"""Rules: questions joined by all, any and none, from hostile JSON to SQL and to words.

{"all": [{"q": "language", "test": "is", "value": ["fr"]}, {"none": [{"q": "group", "test": "any", "value": [7]}]}]}
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import and_, or_
from typing import Any, Union

from django.db.models import Q

from contacts.smart import criteria
from contacts.smart.comparisons import Comparison
from contacts.smart.criteria import At, Catalogue, Question
from contacts.smart.problems import Path, RulesProblem
from contacts.smart.values import BadValue, Names
from smsapp.common.sentences import say as _

ALL, ANY, NONE = "all", "any", "none"
DEEPEST = 5  # groups of rules inside one another
MOST = 50  # rules, and groups of rules
Node = Union["Rule", "Branch"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One question with its answer."""

    question: Question
    comparison: Comparison
    value: Any

    def condition(self, at: At) -> Q:
        """Whom it fits."""
        return self.question.condition(self.comparison.name, self.value, at)

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        value = {} if self.comparison.value.widget == "none" else {"value": self.value}
        return {"q": self.question.name, "test": self.comparison.name, **value}

    def words(self, names: Names) -> str:
        """As people say it."""
        return str(self.comparison.phrase) % {"question": self.question.label, "value": self.comparison.value.words(self.value, names)}


@dataclass(frozen=True, slots=True)
class Branch:
    """All, any or none of its parts."""

    how: str
    parts: tuple[Node, ...]

    def condition(self, at: At) -> Q:
        """Whom it fits."""
        conditions = [part.condition(at) for part in self.parts]
        if self.how == ALL:
            return reduce(and_, conditions)
        found = reduce(or_, conditions)
        return ~found if self.how == NONE else found

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {self.how: [part.as_json() for part in self.parts]}

    def words(self, names: Names) -> str:
        """As people say it, in one line."""
        said = [part.words(names) for part in self.parts]
        if len(said) > 1:
            said = [f"({words})" if isinstance(part, Branch) and part.how != NONE else words for part, words in zip(self.parts, said, strict=True)]
        joined = (_(" and ") if self.how == ALL else _(" or ")).join(said)
        return _("not (%(rules)s)") % {"rules": joined} if self.how == NONE else joined

    def leaves(self) -> Iterator[Rule]:
        """All rules, in order."""
        for part in self.parts:
            if isinstance(part, Rule):
                yield part
            else:
                yield from part.leaves()


@dataclass(frozen=True, slots=True)
class Rules:
    """A tree that was found good, with the names of what it refers to."""

    root: Branch
    names: Names = field(default_factory=dict)

    def condition(self, at: At) -> Q:
        """The contacts that they find."""
        return self.root.condition(at)

    def words(self) -> str:
        """In one line."""
        return self.root.words(self.names)

    def outline(self) -> dict[str, Any]:
        """As a list in lists: {"how": "all", "parts": [{"words": …}, {"how": "any", "parts": […]}]}."""
        return _outline(self.root, self.names)

    def as_json(self) -> dict[str, Any]:
        """As they are stored."""
        return self.root.as_json()

    def group_ids(self) -> set[int]:
        """The groups that they read, so that smart ones among them are refreshed first."""
        return {id_ for leaf in self.root.leaves() if leaf.comparison.value.refers_to == "group" for id_ in leaf.comparison.value.ids(leaf.value)}


def _outline(node: Node, names: Names) -> dict[str, Any]:
    if isinstance(node, Rule):
        return {"words": node.words(names)}
    return {"how": node.how, "parts": [_outline(part, names) for part in node.parts]}


def parse(raw: Any, catalogue: Catalogue | None = None) -> Rules:
    """The rules of a JSON tree. Raises RulesProblem with the rule at fault."""
    root = _read(raw, catalogue or Catalogue())
    return _named(root, criteria.names_of(_wanted([root])))


def parse_all(raws: Sequence[Any]) -> list[Rules | RulesProblem]:
    """Of many trees, with what is wrong in place of those that are no good; as many queries as for one."""
    catalogue = Catalogue()
    roots = [_tried(_read, raw, catalogue) for raw in raws]
    names = criteria.names_of(_wanted([root for root in roots if isinstance(root, Branch)]))
    return [_tried(_named, root, names) if isinstance(root, Branch) else root for root in roots]


def _tried(make: Callable[..., Any], *of: Any) -> Any:
    try:
        return make(*of)
    except RulesProblem as problem:
        return problem


def _read(raw: Any, catalogue: Catalogue) -> Branch:
    reader = _Reader(catalogue)
    root = reader.branch({ALL: [raw]} if isinstance(raw, dict) and "q" in raw else raw, ())
    if reader.problems:
        first = reader.problems[0]
        first.all = reader.problems
        raise first
    return root


@dataclass(slots=True)
class _Reader:
    catalogue: Catalogue
    rules: int = 0
    branches: int = 0
    problems: list[RulesProblem] = field(default_factory=list)  # of single rules: a person mends them in one go

    def branch(self, raw: Any, path: Path) -> Branch:
        how, parts = next(iter(raw.items())) if isinstance(raw, dict) and len(raw) == 1 else ("", None)
        if how == "not":
            how, parts = NONE, [parts]
        if how not in (ALL, ANY, NONE) or not isinstance(parts, list):
            raise RulesProblem("not_rules", _("These are no rules of a search."), path)
        self.branches += 1
        if len(path) >= DEEPEST:
            raise RulesProblem("too_deep", _("At most %(most)s groups of rules fit inside one another.") % {"most": DEEPEST}, path)
        if not parts:
            self.problems.append(RulesProblem("empty", _("There is no rule here. Add one, or remove the group of rules."), path))
        if self.branches > MOST or len(parts) > MOST:
            raise RulesProblem("too_many", too_many())
        return Branch(str(how), tuple(filter(None, (self._part(part, (*path, place)) for place, part in enumerate(parts, start=1)))))

    def _part(self, raw: Any, path: Path) -> Node | None:
        if not isinstance(raw, dict) or "q" not in raw:
            return self.branch(raw, path)
        try:
            return self._rule(raw, path)
        except RulesProblem as problem:
            if problem.code == "too_many":
                raise
            self.problems.append(problem)
            return None

    def _rule(self, raw: dict[Any, Any], path: Path) -> Rule:
        self.rules += 1
        if self.rules > MOST:
            raise RulesProblem("too_many", too_many())
        question = self.catalogue.get(raw["q"])
        if raw["q"] == "":
            raise RulesProblem("no_question", _("Choose what to ask."), path)
        if question is None:
            raise RulesProblem("unknown_question", _("This question does not exist (any longer). Remove the rule, or ask another one."), path)
        comparison = question.comparison(raw.get("test"))
        if comparison is None:
            raise RulesProblem("unknown_test", _("%(question)s cannot be compared like this. Choose how.") % {"question": question.label}, path)
        try:
            return Rule(question, comparison, comparison.value.clean(raw.get("value")))
        except BadValue as problem:
            raise RulesProblem("bad_value", _("%(question)s: %(value)s") % {"question": question.label, "value": problem.message}, path) from None


def too_many() -> str:
    """The sentence for rules without end."""
    return _("At most %(most)s rules fit into one search. Save some of them as a smart group, and ask for that group.") % {"most": MOST}


def _wanted(roots: Sequence[Branch]) -> dict[str, set[int]]:
    """The rows that rules refer to."""
    wanted: dict[str, set[int]] = {}
    for root in roots:
        for leaf in root.leaves():
            if what := leaf.comparison.value.refers_to:
                wanted.setdefault(what, set()).update(leaf.comparison.value.ids(leaf.value))
    return wanted


def _named(root: Branch, names: Names) -> Rules:
    """With the names of all rows that they refer to; a rule that refers to a gone one is refused."""
    for path, leaf in placed(root):
        what = leaf.comparison.value.refers_to
        if any((what, id_) not in names for id_ in leaf.comparison.value.ids(leaf.value)):
            raise RulesProblem("gone", _("%(question)s: what was chosen here no longer exists. Choose another one.") % {"question": leaf.question.label}, path)
    return Rules(root, names)


def placed(branch: Branch, path: Path = ()) -> Iterator[tuple[Path, Rule]]:
    """All rules with their places."""
    for place, part in enumerate(branch.parts, start=1):
        if isinstance(part, Rule):
            yield (*path, place), part
        else:
            yield from placed(part, (*path, place))
