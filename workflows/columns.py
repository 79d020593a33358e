"""Columns on their way through a drawing: from the steps that find people to the texts that name them."""

from collections.abc import Mapping, Sequence

from campaigns.columns import Column, merged
from workflows.graph import Graph
from workflows.steps import registry


def coming_to(graph: Graph, step: str) -> list[Column]:
    """Those of the people who come into a step. Where several links bring one of the same name, that of the first link counts; into a step with a
    main link, such as an exclusion, only that one brings any."""
    return _into(graph, step, leaving(graph)) if step in graph.steps else []


def leaving(graph: Graph) -> Mapping[str, Sequence[Column]]:
    """Those of the people who leave each step. A step on a circle has none, and cannot be started."""
    found: dict[str, Sequence[Column]] = {}
    for step in graph.order:
        node = graph.steps[step]
        kind = registry.get(node.kind)
        found[step] = kind.columns(node.options) if kind and kind.makes_people else _into(graph, step, found)
    return found


def _into(graph: Graph, step: str, found: Mapping[str, Sequence[Column]]) -> list[Column]:
    kind, links = registry.get(graph.steps[step].kind), graph.into(step)
    if kind and len(kind.ports) > 1:
        links = [link for link in links if link.port == kind.ports[0][0]]
    return merged(found.get(link.source, ()) for link in links)
