"""Rules while somebody builds them: their state travels in the form, incomplete ones too, so that each step is a plain post.

`node` says in order what stands where ("b1.0": branch 1 in nothing, "r2.1": rule 2 in branch 1); `how-1`, `q-2`, `test-2`, `v-2` are what
was chosen and entered; `w-2` is the widget that asked, so that what was entered for another question is dropped.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Optional, Union

from contacts.smart.comparisons import Comparison
from contacts.smart.criteria import Catalogue
from contacts.smart.problems import Path
from contacts.smart.rules import ALL, ANY, DEEPEST, MOST, NONE
from contacts.smart.values import MOST as MOST_VALUES
from contacts.smart.values import BadValue

MOST_NODES = 2 * MOST
LONGEST_FIELD = 12_000  # a list of texts
Node = Union["DraftRule", "DraftBranch"]


@dataclass(eq=False)
class DraftRule:
    """A question with what was entered, complete or not; `question` is empty until one is chosen."""

    id: int
    question: str = ""
    test: str = ""
    fields: list[str] = field(default_factory=list)
    parent: Optional["DraftBranch"] = None


@dataclass(eq=False)
class DraftBranch:
    """All, any or none of its parts."""

    id: int
    how: str = ALL
    parts: list[Node] = field(default_factory=list)
    parent: Optional["DraftBranch"] = None

    def add(self, node: Node, place: int | None = None) -> None:
        """Take a part in, at the end or at its place."""
        node.parent = self
        self.parts.insert(len(self.parts) if place is None else place, node)


class Draft:
    """A tree under work."""

    def __init__(self, root: DraftBranch, catalogue: Catalogue) -> None:
        self.root, self.catalogue = root, catalogue
        self.focus = ""  # id of the element where the person goes on

    @classmethod
    def empty(cls, catalogue: Catalogue) -> "Draft":
        """One rule without a question."""
        root = DraftBranch(1)
        root.add(DraftRule(2))
        return cls(root, catalogue)

    @classmethod
    def of(cls, tree: Any, catalogue: Catalogue) -> "Draft":
        """A stored tree; what cannot be used any longer is kept so that it can be seen and mended."""
        draft = cls(DraftBranch(1), catalogue)
        draft._take(tree if isinstance(tree, dict) and "q" not in tree else {ALL: [tree]}, draft.root, 1)
        return draft

    def _take(self, tree: Any, branch: DraftBranch, depth: int) -> None:
        how, parts = next(iter(tree.items()), (ALL, []))
        branch.how, parts = (how if how in (ALL, ANY, NONE) else NONE), parts if isinstance(parts, list) else [parts]
        for part in parts[:MOST_NODES]:
            if len(self.nodes()) > MOST_NODES or not isinstance(part, dict):
                return
            if "q" in part:
                branch.add(self._rule_of(part))
            elif depth < DEEPEST:
                inner = DraftBranch(self.new_id())
                branch.add(inner)
                self._take(part, inner, depth + 1)

    def _rule_of(self, leaf: dict[str, Any]) -> DraftRule:
        rule = DraftRule(self.new_id(), str(leaf.get("q"))[:60], str(leaf.get("test"))[:20])
        if comparison := self.comparison(rule):
            try:
                rule.fields = comparison.value.fill(comparison.value.clean(leaf.get("value")))
            except BadValue:
                rule.fields = comparison.value.still_there(leaf.get("value"))
        return rule

    @classmethod
    def read(cls, data: Any, catalogue: Catalogue) -> "Draft":
        """As a form posted it; nonsense is left out."""
        draft = cls(DraftBranch(1), catalogue)
        branches = {1: draft.root}
        draft.root.how = _how(data.get("how-1"))
        seen = {1}
        for text in data.getlist("node")[:MOST_NODES]:
            kind, id_, parent = text[:1], *(int(part) if part.isascii() and part.isdigit() and len(part) < 7 else 0 for part in _halves(text[1:]))
            if not id_ or id_ in seen or parent not in branches:
                continue
            seen.add(id_)
            if kind == "r":
                branches[parent].add(draft._rule_from(data, id_))
            elif depth_of(branches[parent]) < DEEPEST:
                branches[id_] = DraftBranch(id_, _how(data.get(f"how-{id_}")))
                branches[parent].add(branches[id_])
        return draft

    def _rule_from(self, data: Any, id_: int) -> DraftRule:
        rule = DraftRule(id_, data.get(f"q-{id_}", "")[:60], data.get(f"test-{id_}", "")[:20])
        comparison = self.comparison(rule)
        if comparison and data.get(f"w-{id_}") == signature(rule.question, comparison):
            rule.fields = [value.replace("\0", "")[:LONGEST_FIELD] for value in data.getlist(f"v-{id_}")[: MOST_VALUES + 2]]
        return rule

    # --- what it says ---

    def comparison(self, rule: DraftRule) -> Comparison | None:
        """How the rule asks; the question's first way when none is chosen."""
        question = self.catalogue.get(rule.question)
        if question is None:
            return None
        found = question.comparison(rule.test) or question.comparisons[0]
        rule.test = found.name
        return found

    def tree(self) -> Any:
        """As JSON for `rules.parse`, which says what is missing."""
        return self._json(self.root)

    def _json(self, node: Node) -> Any:
        if isinstance(node, DraftBranch):
            return {node.how: [self._json(part) for part in node.parts]}
        comparison = self.comparison(node)
        value = comparison.value.gather(node.fields) if comparison else None
        return {"q": node.question, "test": node.test, "value": value}

    def nodes(self) -> list[Node]:
        """All but the root, in order."""
        return list(_walk(self.root))

    def find(self, id_: int) -> Node | None:
        """The node of that id."""
        return next((node for node in [self.root, *self.nodes()] if node.id == id_), None)

    def new_id(self) -> int:
        """One that no node has."""
        return max(node.id for node in [self.root, *self.nodes()]) + 1

    def path_of(self, node: Node) -> Path:
        """Its place, as problems name it."""
        if node.parent is None:
            return ()
        return (*self.path_of(node.parent), node.parent.parts.index(node) + 1)

    # --- steps ---

    def step(self, command: str) -> None:
        """Do what a button says, "up:7" or "ask:7:language"; a command that makes no sense does nothing."""
        name, _colon, rest = command.partition(":")
        id_, _colon, detail = rest.partition(":")
        node = self.find(int(id_)) if id_.isascii() and id_.isdigit() and len(id_) < 7 else None
        steps: dict[str, Callable[[Any, str], None]] = {
            "add-rule": self._add_rule, "add-group": self._add_group, "remove": self._remove, "up": self._up, "down": self._down, "ask": self._ask,
        }  # fmt: skip
        if node is not None and name in steps:
            steps[name](node, detail)

    def _full(self) -> bool:
        return len(self.nodes()) >= MOST_NODES

    def _add_rule(self, node: Node, detail: str) -> None:
        if isinstance(node, DraftBranch) and not self._full():
            node.add(DraftRule(self.new_id()))
            self.focus = f"find-{node.parts[-1].id}"

    def _add_group(self, node: Node, detail: str) -> None:
        if isinstance(node, DraftBranch) and not self._full() and depth_of(node) < DEEPEST:
            node.add(DraftBranch(self.new_id(), ANY if node.how == ALL else ALL))
            self._add_rule(node.parts[-1], "")

    def _remove(self, node: Node, detail: str) -> None:
        parent = node.parent
        if parent is None:
            return
        place = parent.parts.index(node)
        parent.parts.remove(node)
        after = parent.parts[min(place, len(parent.parts) - 1)] if parent.parts else None
        self.focus = f"remove-{after.id}" if after else f"add-rule-{parent.id}"

    def _ask(self, node: Node, detail: str) -> None:
        if isinstance(node, DraftRule):
            node.test = "" if node.question else node.test  # rules with a blank say how before they say what
            node.question, node.fields = detail[:60], []
            self.focus = f"test-{node.id}" if self.comparison(node) else f"find-{node.id}"

    def _up(self, node: Node, detail: str) -> None:
        self._move(node, -1)

    def _down(self, node: Node, detail: str) -> None:
        self._move(node, 1)

    def _move(self, node: Node, by: int) -> None:
        """One place on: into a group of rules that stands there, out of one at its end."""
        parent = node.parent
        if parent is None:
            return
        place = parent.parts.index(node)
        beside = parent.parts[place + by] if 0 <= place + by < len(parent.parts) else None
        self.focus = f"{'up' if by < 0 else 'down'}-{node.id}"
        if isinstance(beside, DraftBranch) and depth_of(beside) + height_of(node) <= DEEPEST:
            parent.parts.remove(node)
            beside.add(node, None if by < 0 else 0)
        elif beside is not None:
            parent.parts.remove(node)
            parent.add(node, place + by)
        elif parent.parent is not None:
            parent.parts.remove(node)
            outer = parent.parent
            outer.add(node, outer.parts.index(parent) + (by > 0))


def signature(question: str, comparison: Comparison) -> str:
    """Which widget asks: what was entered in it fits another comparison with the same one."""
    inner = getattr(comparison.value, "of", comparison.value)
    return f"{question}/{comparison.value.widget}/{inner.widget}"


def depth_of(branch: DraftBranch) -> int:
    """1 for the root."""
    return 1 + (depth_of(branch.parent) if branch.parent else 0)


def height_of(node: Node) -> int:
    """How many groups of rules stand in one another here; 0 for a rule."""
    return 1 + max((height_of(part) for part in node.parts), default=0) if isinstance(node, DraftBranch) else 0


def _walk(branch: DraftBranch) -> Iterator[Node]:
    for part in branch.parts:
        yield part
        if isinstance(part, DraftBranch):
            yield from _walk(part)


def _how(text: Any) -> str:
    return text if text in (ALL, ANY, NONE) else ALL


def _halves(text: str) -> tuple[str, str]:
    first, _dot, second = text.partition(".")
    return first, second
