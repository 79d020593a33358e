"""A draft as the builder's page draws it: every node with its place, its fields and what is wrong with it."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from django.utils.dates import MONTHS
from django.utils.translation import gettext as _

from contacts.smart import criteria
from contacts.smart.comparisons import Comparison
from contacts.smart.criteria import Question
from contacts.smart.drafts import MOST_NODES, Draft, DraftBranch, DraftRule, Node, depth_of, signature
from contacts.smart.problems import Path, RulesProblem, place
from contacts.smart.rules import DEEPEST
from contacts.smart.values import BadValue, Value

FEW = 8  # choices that stand side by side as boxes; of more only the chosen ones do


@dataclass(slots=True)
class Shown:
    """One node. Of a branch: `how`, `parts`; of a rule: `question`, `comparisons`, `widget`."""

    id: int
    place: str
    name: str
    problem: str
    is_branch: bool
    how: str = ""
    parts: list["Shown"] = field(default_factory=list)
    can_nest: bool = False
    question: Question | None = None
    asked: str = ""  # the name of the question, also of one that does not exist any longer
    test: str = ""  # how it is to be asked, also before a question is chosen
    comparisons: list[tuple[str, Any, bool]] = field(default_factory=list)
    widget: "Widget | None" = None

    @property
    def key(self) -> str:
        """The id as names of fields have it."""
        return str(self.id)

    @property
    def gone(self) -> bool:
        """It asks a question that does not exist any longer."""
        return bool(self.asked) and self.question is None


@dataclass(slots=True)
class Widget:
    """How the value is asked for."""

    kind: str
    signature: str
    fields: list[str]
    inner: str = ""
    options: list[tuple[str, Any]] = field(default_factory=list)
    boxes: list[tuple[str, Any]] = field(default_factory=list)  # chosen ones, and all where they are few
    months: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def chosen(self) -> list[str]:
        """Which of the choices; days stand before them."""
        return self.fields[1:] if self.kind == "rows_within" else self.fields

    @property
    def first(self) -> str:
        """What the first field shows."""
        return self.fields[0] if self.fields else ""

    @property
    def second(self) -> str:
        """What the second field shows."""
        return self.fields[1] if len(self.fields) > 1 else ""


class Stage:
    """Draws a draft; choices are looked up once, however many rules offer them."""

    def __init__(self, draft: Draft, problems: list[RulesProblem] | None = None) -> None:
        self.draft = draft
        self._problems: Mapping[Path, str] = {problem.path: problem.sentence for problem in problems or []}
        self._choices: dict[int, list[tuple[str, Any]]] = {}
        self._names = {(what, str(id_)): name for (what, id_), name in criteria.names_of(self._referred()).items()}

    def _referred(self) -> dict[str, set[int]]:
        """Rows that the rules name: those that are offered no longer have a name too."""
        ids: dict[str, set[int]] = {}
        for node in self.draft.nodes():
            comparison = self.draft.comparison(node) if isinstance(node, DraftRule) else None
            if isinstance(node, DraftRule) and comparison and comparison.value.refers_to:
                with suppress(BadValue):
                    value = comparison.value
                    ids.setdefault(value.refers_to, set()).update(value.ids(value.clean(value.gather(node.fields))))
        return ids

    def root(self) -> Shown:
        """The whole tree."""
        return self._shown(self.draft.root, ())

    def categories(self) -> list[tuple[Any, list[Question]]]:
        """The questions to choose from."""
        return self.draft.catalogue.by_category()

    def is_full(self) -> bool:
        """No room for another node."""
        return len(self.draft.nodes()) >= MOST_NODES

    def _shown(self, node: Node, path: Path) -> Shown:
        if isinstance(node, DraftBranch):
            return self._branch(node, path)
        return self._rule(node, path)

    def _branch(self, branch: DraftBranch, path: Path) -> Shown:
        parts = [self._shown(part, (*path, number)) for number, part in enumerate(branch.parts, start=1)]
        name = _("Group of rules %(place)s") % {"place": place(path)} if path else _("All rules")
        problem = self._problems.get(path, "") if path or not branch.parts else ""
        return Shown(branch.id, place(path), name, problem, True, how=branch.how, parts=parts, can_nest=depth_of(branch) < DEEPEST)

    def _rule(self, rule: DraftRule, path: Path) -> Shown:
        shown = Shown(rule.id, place(path), _("Rule %(place)s") % {"place": place(path)}, self._problems.get(path, ""), False)
        shown.question = self.draft.catalogue.get(rule.question)
        comparison = self.draft.comparison(rule)
        if shown.question is None or comparison is None:
            shown.asked, shown.test = rule.question, rule.test
            return shown
        shown.comparisons = [(each.name, each.label, each is comparison) for each in shown.question.comparisons]
        shown.widget = self._widget(rule, comparison)
        return shown

    def _widget(self, rule: DraftRule, comparison: Comparison) -> Widget:
        value = comparison.value
        widget = Widget(value.widget, signature(rule.question, comparison), rule.fields)
        if value.widget == "pair":
            widget.inner = getattr(value, "of", value).widget
        elif value.widget == "choice":
            widget.options = self._choices_of(value)
        elif value.widget in ("choices", "rows", "rows_within"):
            self._boxes(widget, value, widget.chosen)
        elif value.widget == "day_month":
            widget.months = [(str(number), name) for number, name in MONTHS.items()]
        return widget

    def _boxes(self, widget: Widget, value: Value, chosen: list[str]) -> None:
        offered = self._choices_of(value)
        labels = dict(offered)
        if len(offered) <= FEW:
            widget.boxes = offered
        else:
            widget.boxes = [(key, labels[key]) for key in dict.fromkeys(chosen) if key in labels]
            widget.options = [(key, label) for key, label in offered if key not in chosen]
        for key in dict.fromkeys(chosen):
            if key and key not in labels:
                name = self._names.get((value.refers_to, key), key)
                widget.boxes = [*widget.boxes, (key, _("%(value)s (no longer offered)") % {"value": name})]

    def _choices_of(self, value: Value) -> list[tuple[str, Any]]:
        if id(value) not in self._choices:
            self._choices[id(value)] = [(str(key), label) for key, label in value.choices()]
        return self._choices[id(value)]


