"""People whom a run left at ways out that lead nowhere, though something should follow."""

from collections.abc import Iterable

from workflows.graph import Graph
from workflows.models import Arrival, Run
from workflows.steps import registry


def of(run: Run) -> list[Arrival]:
    """What arrived there, with the people's number."""
    ends = set(_open_ends(run.drawing.read()))
    return [arrival for arrival in run.arrivals.filter(live=True, size__gt=0).order_by("id") if (arrival.step, arrival.out) in ends]


def _open_ends(graph: Graph) -> Iterable[tuple[str, str]]:
    for node in graph.steps.values():
        kind = registry.get(node.kind)
        for out in kind.outs(node.options) if kind else ():
            if out.label and not out.spare and out.name not in graph.out_of(node.id):
                yield node.id, out.name
