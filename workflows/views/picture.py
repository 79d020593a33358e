"""A drawing as the canvas shows it: steps in order of travel, links with counts, the states of a run, and what is wrong."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from unicodedata import east_asian_width

from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Mailing
from campaigns.wording import MAILINGS, State
from smsapp.common.readable import number
from workflows import wording
from workflows.graph import Graph, Link, Node, Problem, columns, heights
from workflows.layout import FEW, HIGH, WIDE, Line, line
from workflows.models import Arrival, Run, StepRun
from workflows.states import StepState
from workflows.steps import registry
from workflows.steps.base import Out, StepKind

LONGEST = 16  # signs of a link's label on the canvas; all of it stands in its panel


@dataclass
class Exit:
    """A way out of a step, with what leads on from it."""

    step: str
    out: Out
    link: Link | None
    arrival: Arrival | None
    name: str = ""  # in words, for who cannot see it
    selected: bool = False

    @property
    def at(self) -> str:
        """How addresses name it."""
        return f"{self.step}.{self.out.name}"

    @property
    def label(self) -> str:
        """What people wrote on the link, else what the exit is called."""
        return (self.link.label if self.link else "") or str(self.out.label)

    @property
    def count(self) -> str:
        """How many left by it."""
        return number(self.arrival.size) if self.arrival and self.arrival.size is not None else ""

    @property
    def people(self) -> str:
        """The same in words, with its label."""
        size = self.arrival.size if self.arrival else None
        told = ngettext("%(count)s person", "%(count)s people", size or 0) % {"count": self.count} if size is not None else ""
        return f"{self.label}: {told}" if told and self.label else told

    @property
    def is_open(self) -> bool:
        """People left by it, and nothing follows where something should."""
        return self.link is None and bool(self.out.label) and not self.out.spare and bool(self.arrival and self.arrival.live and self.arrival.size)


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
    ways_in: int = 0  # links by which people came
    problems: list[Any] = field(default_factory=list)
    selected: bool = False
    suspended: bool = False
    exits: list[Exit] = field(default_factory=list)
    opens: str = ""  # the page that opening it shows; empty: its panel

    @property
    def onward(self) -> str:
        """Who left by which exit, for where no links are drawn; else what became of the step."""
        return " · ".join(people for one in self.exits if (people := one.people)) or self.flow

    @property
    def can_run(self) -> bool:
        """Whether something waits here that somebody could want at once, such as the next run of a scheduler."""
        return bool(self.kind and self.kind.begins) or (self.ran is not None and self.ran.state == StepState.DUE)

    @property
    def left_over(self) -> int:
        """People at ways out that lead nowhere."""
        return sum(one.arrival.size or 0 for one in self.exits if one.is_open and one.arrival)

    @property
    def crowded(self) -> bool:
        """Its exits stand closer."""
        return len(self.exits) > FEW


@dataclass
class Joint:
    """A link on the canvas."""

    line: Line
    exit: Exit

    @property
    def css(self) -> str:
        """Whether people went by it."""
        arrival = self.exit.arrival
        return "went" if arrival and arrival.live else "stub" if arrival else ""

    @property
    def words(self) -> str:
        """Its label, shortened, and its count."""
        return f"{Truncator(self.exit.label).chars(LONGEST)} {self.exit.count}".strip()

    @property
    def box(self) -> tuple[str, str, str]:
        """Of its words: left, top, width."""
        width = sum(0.9 if east_asian_width(sign) in "WF" else 0.46 for sign in self.words) + 1.2
        return f"{float(self.line.x) - width / 2:.3f}", f"{float(self.line.y) - 0.62:.3f}", f"{width:.3f}"

    @property
    def base(self) -> str:
        """Of the letters."""
        return f"{float(self.line.y) + 0.27:.3f}"


class Picture:
    """All that the template of a canvas needs. `step` or `at` (an exit, as step.out) is chosen."""

    def __init__(
        self, graph: Graph, *, run: Run | None, step: str = "", at: str = "", problems: Sequence[Problem] = (), suspended: Sequence[str] = ()
    ) -> None:
        self.graph, self.step = graph, step if step in graph.steps else ""
        rows = heights(graph)
        places = columns(graph, rows)
        self.names = {node.id: registry.name_of(node) for node in graph.steps.values()}
        self.ran = {row.step: row for row in run.steps.all()} if run else {}
        self.arrivals = {(one.step, one.out): one for one in run.arrivals.all()} if run else {}
        self.exits = {node.id: [self._exit(node, out, at) for out in _outs(node)] for node in graph.steps.values()}
        self.mailings = _mailings(self.ran.values())
        order = sorted(graph.steps, key=lambda one: (rows[one], places[one]))
        self.cells = [self._cell(graph.steps[one], places[one], rows[one], problems, suspended) for one in order]
        self.joints = [self._joint(link, rows, places) for link in graph.links]
        self.box = f"0 0 {WIDE * max(places.values(), default=1)} {HIGH * max(rows.values(), default=1)}"
        self.chosen = next((cell for cell in self.cells if cell.selected), None)
        self.chosen_exit = next((one for some in self.exits.values() for one in some if one.selected), None)
        self.left_over = sum(cell.left_over for cell in self.cells)
        self.problems = [(problem, self.names.get(problem.step, "")) for problem in problems]

    @property
    def standing(self) -> list[Any]:
        """All that a run moves, for who compares."""
        states = [(cell.node.id, cell.state and cell.state.code, cell.flow) for cell in self.cells]
        return [states, [(one.step, one.out, one.live, one.size) for one in self.arrivals.values()]]

    def _exit(self, node: Node, out: Out, at: str) -> Exit:
        link = self.graph.out_of(node.id).get(out.name)
        found = Exit(node.id, out, link, self.arrivals.get((node.id, out.name)), selected=at == f"{node.id}.{out.name}")
        found.name = self._told(found)
        return found

    def _told(self, one: Exit) -> str:
        names = {"step": self.names[one.step], "label": one.label, "to": self.names[one.link.target] if one.link else ""}
        if one.link:
            words = _("From %(step)s (%(label)s) to %(to)s") if one.label else _("From %(step)s to %(to)s")
        else:
            words = _("Free exit of %(step)s (%(label)s)") if one.label else _("Free exit of %(step)s")
        return words % names

    def _cell(self, node: Node, column: int, row: int, problems: Sequence[Problem], suspended: Sequence[str]) -> Cell:
        ran, kind = self.ran.get(node.id), registry.get(node.kind)
        ways_in = self._ways_in(node, kind)
        return Cell(
            node, kind, self.names[node.id], column, row, ran, self._state(ran), _flow(ran, ways_in), ways_in,
            [problem.message for problem in problems if problem.step == node.id], node.id == self.step, node.id in suspended, self.exits[node.id],
            kind.opens(node) if kind and node.id == self.step else "",
        )  # fmt: skip

    def _ways_in(self, node: Node, kind: StepKind | None) -> int:
        """By how many links people came to its main entrance: each counts whom it brings."""
        links = [link for link in self.graph.into(node.id) if kind and link.port == kind.ports[0][0]]
        came = [self.arrivals.get((link.source, link.out)) for link in links]
        return sum(one is not None and one.live and one.size is not None for one in came)

    def _state(self, ran: StepRun | None) -> State | None:
        """Of a step that waits for its mailing: the mailing's."""
        if ran is None:
            return None
        mailing = self.mailings.get(ran.kept.get("mailing", 0)) if ran.state == StepState.HELD else None
        return mailing or wording.STEPS.get(StepState(ran.state))

    def _joint(self, link: Link, rows: dict[str, int], places: dict[str, int]) -> Joint:
        exits = self.exits[link.source]
        drawn = line(self.graph, link, rows, places, [one.out.name for one in exits])
        return Joint(drawn, next((one for one in exits if one.out.name == link.out), Exit(link.source, Out(link.out), link, None)))


def _mailings(ran: Iterable[StepRun]) -> dict[int, State]:
    """States of the mailings for which steps wait."""
    held = [row.kept["mailing"] for row in ran if row.state == StepState.HELD and "mailing" in row.kept]
    found = Mailing.objects.filter(pk__in=held).values_list("pk", "status") if held else ()
    return {pk: MAILINGS[status] for pk, status in found}


def _outs(node: Node) -> Sequence[Out]:
    kind = registry.get(node.kind)
    return kind.outs(node.options) if kind else ()


def _flow(ran: StepRun | None, ways_in: int) -> str:
    if ran is None or ran.state == StepState.COMING:
        return ""
    if ran.came_in is None:
        return str(StepState(ran.state).label)
    if ways_in > 1:
        return _("%(count)s in, by %(links)s links") % {"count": number(ran.came_in), "links": ways_in}
    return ngettext("%(count)s person in", "%(count)s people in", ran.came_in) % {"count": number(ran.came_in)}


def entrances(picture: Picture, step: str) -> list[tuple[str, str]]:
    """Where an exit of a step could lead, as (step:port, name)."""
    return [choice for node in picture.graph.steps.values() if node.id != step for choice in _entrances(node, picture.names[node.id])]


def _entrances(node: Node, called: str) -> list[tuple[str, str]]:
    kind = registry.get(node.kind)
    if kind is None or kind.most == 0:
        return []
    return [(f"{node.id}:{port}", f"{called} ({label})" if label else called) for port, label in kind.ports]


def places(picture: Picture, step: str) -> list[tuple[str, str]]:
    """Where a step could be moved to, as (step.out, name)."""
    return [(one.at, one.name) for cell in picture.cells if cell.node.id != step for one in cell.exits]
