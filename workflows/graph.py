"""A workflow's drawing: steps and the links between them, from hostile JSON; what is wrong with it, and in which order it runs. Pure.

{"steps": [{"id": "s1", "kind": "query", "label": "Birthday today", "options": {…}, "errors": "suspend"}],
 "links": [{"from": "s1", "out": "people", "to": "s2", "port": "in"}]}

An output leads to one step at most: a fork is a step of its own, so that what happens to people twice is drawn twice.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _

MOST = 60  # steps
LONGEST_LABEL = 80
SUSPEND, IGNORE = "suspend", "ignore"  # what an error does to its run
_ID = re.compile(r"s[0-9]{1,6}", re.ASCII)


class NoGraph(ValueError):
    """Something that is no drawing of a workflow at all."""


@dataclass(frozen=True, slots=True)
class Node:
    """A step as it is drawn."""

    id: str
    kind: str
    label: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    errors: str = SUSPEND

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {"id": self.id, "kind": self.kind, "label": self.label, "options": dict(self.options), "errors": self.errors}


@dataclass(frozen=True, slots=True)
class Link:
    """A transition: from an output of a step to an input of another."""

    source: str
    out: str
    target: str
    port: str = "in"
    label: str = ""

    def as_json(self) -> dict[str, str]:
        """As it is stored."""
        named = {"label": self.label} if self.label else {}
        return {"from": self.source, "out": self.out, "to": self.target, "port": self.port, **named}


@dataclass(frozen=True, slots=True)
class Shape:
    """What a step may be joined to: its outputs by name, the inputs it needs, and whether it begins runs."""

    outs: tuple[str, ...] = ()
    ports: tuple[str, ...] = ("in",)  # the first is the main one
    least: int = 1  # inputs
    most: int | None = 1
    begins: bool = False  # a run begins here, at a time or a call


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a drawing, and at which step; "" is the whole."""

    step: str
    code: str
    message: Sentence


@dataclass(frozen=True)
class Graph:
    """Steps by their ids, in the order in which they were placed, and links."""

    steps: Mapping[str, Node] = field(default_factory=dict)
    links: tuple[Link, ...] = ()

    @classmethod
    def read(cls, raw: Any) -> "Graph":
        """From what was stored or posted. Raises NoGraph."""
        try:
            nodes = [_node(item) for item in raw["steps"]]
            links = tuple(_link(item) for item in raw["links"])
        except (TypeError, KeyError, AttributeError) as problem:
            raise NoGraph(str(problem)) from None
        graph = cls({node.id: node for node in nodes}, links)
        if len(graph.steps) != len(nodes) or len(nodes) > MOST or any({link.source, link.target} - graph.steps.keys() for link in links):
            raise NoGraph("steps twice, too many, or links that lead nowhere")
        return graph

    def as_json(self) -> dict[str, Any]:
        """As it is stored."""
        return {"steps": [node.as_json() for node in self.steps.values()], "links": [link.as_json() for link in self.links]}

    # --- asking ---

    @cached_property
    def _into(self) -> dict[str, list[Link]]:
        found = defaultdict(list)
        for link in self.links:
            found[link.target].append(link)
        return found

    @cached_property
    def _from(self) -> dict[str, dict[str, Link]]:
        found: dict[str, dict[str, Link]] = defaultdict(dict)
        for link in self.links:
            found[link.source][link.out] = link
        return found

    def into(self, step: str) -> list[Link]:
        """Links that end at a step."""
        return self._into.get(step, [])

    def out_of(self, step: str) -> dict[str, Link]:
        """Links that begin at a step, by output."""
        return self._from.get(step, {})

    def before(self, step: str) -> set[str]:
        """All steps from which one is reached."""
        return _closure(step, lambda one: (link.source for link in self.into(one)))

    def after(self, step: str) -> set[str]:
        """All steps that are reached from one."""
        return _closure(step, lambda one: (link.target for link in self.out_of(one).values()))

    @cached_property
    def order(self) -> list[str]:
        """Steps in the order of travel, those on one height as they were placed; steps on a circle are missing."""
        waits = {step: len(self.into(step)) for step in self.steps}
        free, done = [step for step, count in waits.items() if not count], []
        while free:
            done.append(step := free.pop(0))
            for link in self.out_of(step).values():
                waits[link.target] -= 1
                if not waits[link.target]:
                    free.append(link.target)
        return done

    def covered(self, begin: str, shape: Callable[[Node], Shape]) -> set[str]:
        """The steps that a run has which begins at one step ("": by hand, for a workflow that nothing begins): what is reached from it, and what those need.

        Another step that begins runs is no part of it.
        """
        if not begin:
            return {*self.steps}
        reached = {begin, *self.after(begin)}
        needed = {other for step in reached for other in self.before(step)}
        return {step for step in reached | needed if step == begin or not shape(self.steps[step]).begins}

    # --- drawing ---

    def free_id(self) -> str:
        """For one more step."""
        return f"s{max((int(step[1:]) for step in self.steps), default=0) + 1}"

    def with_step(self, node: Node) -> "Graph":
        """One more step, or another one in its place."""
        return replace(self, steps={**self.steps, node.id: node})

    def without_step(self, step: str) -> "Graph":
        """One step less, and what led to it and from it."""
        rest = {key: node for key, node in self.steps.items() if key != step}
        return Graph(rest, tuple(link for link in self.links if step not in (link.source, link.target)))

    def with_link(self, link: Link) -> "Graph":
        """One more link; its output no longer leads elsewhere."""
        return replace(self, links=(*(other for other in self.links if (other.source, other.out) != (link.source, link.out)), link))

    def without_link(self, source: str, out: str) -> "Graph":
        """One link less."""
        return replace(self, links=tuple(link for link in self.links if (link.source, link.out) != (source, out)))


def _node(raw: Any) -> Node:
    if not _ID.fullmatch(str(raw["id"])) or not isinstance(raw.get("options", {}), dict):
        raise NoGraph("no step")
    errors = IGNORE if raw.get("errors") == IGNORE else SUSPEND
    return Node(str(raw["id"]), str(raw["kind"]), str(raw.get("label", ""))[:LONGEST_LABEL], raw.get("options", {}), errors)


def _link(raw: Any) -> Link:
    return Link(str(raw["from"]), str(raw["out"]), str(raw["to"]), str(raw.get("port", "in")), str(raw.get("label", ""))[:LONGEST_LABEL])


def _closure(step: str, following: Callable[[str], Iterator[str]]) -> set[str]:
    found: set[str] = set()
    todo = [step]
    while todo:
        for other in following(todo.pop()):
            if other not in found:
                found.add(other)
                todo.append(other)
    return found


def check(graph: Graph, shape: Callable[[Node], Shape | None]) -> list[Problem]:
    """Everything that keeps a drawing from being started, step by step; empty when it may be."""
    if not graph.steps:
        return [Problem("", "empty", _("The canvas is empty. Add a first step."))]
    found = [problem for node in graph.steps.values() for problem in _joints(graph, node, shape(node))]
    in_circle = [step for step in graph.steps if step not in graph.order]
    return [*found, *(Problem(step, "circle", _("This step leads back to itself. Remove a link.")) for step in in_circle)]


def _joints(graph: Graph, node: Node, shape: Shape | None) -> Iterator[Problem]:
    """What is wrong with the links of one step."""
    if shape is None:
        yield Problem(node.id, "unknown_kind", _("This kind of step does not exist (any longer). Remove it."))
        return
    came = graph.into(node.id)
    if len(came) < shape.least:
        yield Problem(node.id, "no_input", _needs(shape.least))
    if shape.most is not None and len(came) > shape.most:
        words = _("Nothing leads into this step: it begins a run.") if not shape.most else _("Only one link may lead here. Join them with a union first.")
        yield Problem(node.id, "too_many_inputs", words)
        return
    if unknown := {link.port for link in came} - {*shape.ports}:
        words = _("A link leads to an entrance (%(name)s) that this step does not have. Remove it.")
        yield Problem(node.id, "unknown_port", words % {"name": ", ".join(sorted(unknown))})
    if len(shape.ports) > 1 and came and sum(link.port == shape.ports[0] for link in came) != 1:
        yield Problem(node.id, "no_main", _("Say which one of the links is the main one: the others are taken out of it."))
    if any(out not in shape.outs for out in graph.out_of(node.id)):
        yield Problem(node.id, "unknown_out", _("A link begins at an exit that this step no longer has. Remove it."))


def _needs(least: int) -> Sentence:
    return _("Nothing leads to this step. Join it to the step before it.") if least == 1 else _("This step joins several. Lead at least two links to it.")


def heights(graph: Graph) -> dict[str, int]:
    """The row of each step on the canvas, from 1: below everything that leads to it. Steps on a circle stand last."""
    rows: dict[str, int] = {}
    for step in graph.order:
        rows[step] = 1 + max((rows[link.source] for link in graph.into(step)), default=0)
    lowest = max(rows.values(), default=0)
    for step in graph.steps:
        rows.setdefault(step, lowest + 1)
    for step in graph.order:  # what begins late stands just above what it leads to
        if not graph.into(step) and graph.out_of(step):
            rows[step] = max(1, min(rows[link.target] for link in graph.out_of(step).values()) - 1)
    return rows


def columns(graph: Graph, rows: Mapping[str, int]) -> dict[str, int]:
    """The column of each step, from 1: below its first parent where that is free, else the nearest free one to the right."""
    taken: set[tuple[int, int]] = set()
    found: dict[str, int] = {}
    for step in sorted(graph.steps, key=lambda one: (rows[one], _place(graph, one))):
        column = min((found[link.source] + _branch(graph, link) for link in graph.into(step) if link.source in found), default=1)
        while (rows[step], column) in taken:
            column += 1
        taken.add((rows[step], column))
        found[step] = column
    return found


def _place(graph: Graph, step: str) -> int:
    return list(graph.steps).index(step)


def _branch(graph: Graph, link: Link) -> int:
    """Which of its source's links it is: the second branch stands to the right of the first."""
    return list(graph.out_of(link.source)).index(link.out)
