"""A drawing as the canvas shows it: steps in order of travel, links with counts, the states of a run, and what is wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.wording import State
from smsapp.common.readable import number
from workflows import wording
from workflows.graph import Graph, Node, Problem, columns, heights
from workflows.layout import HIGH, WIDE, Line, line
from workflows.models import Arrival, Run, StepRun
from workflows.states import StepState
from workflows.steps import registry
from workflows.steps.base import Out, StepKind


@dataclass
class Cell:
    """A step on the canvas."""

    node: Node
    kind: StepKind | None
    name: str
    column: int
    row: int
    ran: StepRun | None = None
    state: State | None = None
    flow: str = ""
    problems: list[Any] = field(default_factory=list)
    selected: bool = False
    suspended: bool = False
    exits: list[Out] = field(default_factory=list)
    opens: str = ""  # the page that opening it shows; empty: its panel


@dataclass
class Joint:
    """A link on the canvas."""

    line: Line
    words: str
    css: str
    arrival: Arrival | None

    @property
    def box(self) -> tuple[str, str, str]:
        """Of its words: left, top, width."""
        width = 0.46 * len(self.words) + 1.2
        return f"{float(self.line.x) - width / 2:.3f}", f"{float(self.line.y) - 0.62:.3f}", f"{width:.3f}"

    @property
    def base(self) -> str:
        """Of the letters."""
        return f"{float(self.line.y) + 0.27:.3f}"


class Picture:
    """All that the template of a canvas needs."""

    def __init__(self, graph: Graph, *, run: Run | None, step: str = "", problems: Sequence[Problem] = (), suspended: Sequence[str] = ()) -> None:
        self.graph, self.step = graph, step if step in graph.steps else ""
        rows = heights(graph)
        places = columns(graph, rows)
        ran = {row.step: row for row in run.steps.all()} if run else {}
        self.arrivals = {(one.step, one.out): one for one in run.arrivals.all()} if run else {}
        order = sorted(graph.steps, key=lambda one: (rows[one], places[one]))
        self.cells = [self._cell(graph.steps[one], places[one], rows[one], ran.get(one), problems, suspended) for one in order]
        self.joints = [self._joint(line(graph, link, rows, places), link.source, link.out) for link in graph.links]
        self.box = f"0 0 {WIDE * max(places.values(), default=1)} {HIGH * max(rows.values(), default=1)}"
        self.chosen = next((cell for cell in self.cells if cell.selected), None)
        self.problems = [(problem, next((cell.name for cell in self.cells if cell.node.id == problem.step), "")) for problem in problems]

    def _cell(self, node: Node, column: int, row: int, ran: StepRun | None, problems: Sequence[Problem], suspended: Sequence[str]) -> Cell:
        kind = registry.get(node.kind)
        return Cell(
            node, kind, registry.name_of(node), column, row, ran, wording.STEPS.get(StepState(ran.state)) if ran else None, _flow(ran),
            [problem.message for problem in problems if problem.step == node.id], node.id == self.step, node.id in suspended,
            list(kind.outs(node.options)) if kind else [], kind.opens(node) if kind and node.id == self.step else "",
        )  # fmt: skip

    def _joint(self, drawn: Line, step: str, out: str) -> Joint:
        node, arrival = self.graph.steps[step], self.arrivals.get((step, out))
        kind = registry.get(node.kind)
        label = next((str(one.label) for one in kind.outs(node.options) if one.name == out), "") if kind else ""
        count = number(arrival.size) if arrival and arrival.size is not None else ""
        return Joint(drawn, f"{label} {count}".strip(), "went" if arrival and arrival.live else "stub" if arrival else "", arrival)


def _flow(ran: StepRun | None) -> str:
    if ran is None or ran.state == StepState.COMING:
        return ""
    if ran.came_in is None:
        return str(StepState(ran.state).label)
    return ngettext("%(count)s person in", "%(count)s people in", ran.came_in) % {"count": number(ran.came_in)}


def leads(graph: Graph, cell: Cell) -> list[dict[str, Any]]:
    """For each exit of a step: where it leads, and where it could."""
    found = []
    for out in cell.exits:
        link = graph.out_of(cell.node.id).get(out.name)
        chosen = f"{link.target}:{link.port}" if link else ""
        choices = [choice for node in graph.steps.values() if node.id != cell.node.id for choice in _entrances(node)]
        found.append({"name": out.name, "label": out.label or _("Leads to"), "chosen": chosen, "choices": choices})
    return found


def _entrances(node: Node) -> list[tuple[str, str]]:
    kind = registry.get(node.kind)
    if kind is None or kind.most == 0:
        return []
    called = registry.name_of(node)
    return [(f"{node.id}:{port}", f"{called} ({label})" if label else called) for port, label in kind.ports]
