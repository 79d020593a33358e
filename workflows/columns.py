"""Columns on their way through a drawing: from the steps that find people to the texts that name them."""

from collections.abc import Sequence

from campaigns.columns import Column, merged
from workflows.graph import Graph
from workflows.steps import registry


def coming_to(graph: Graph, step: str) -> list[Column]:
    """Those of the people who come into a step. Where several links bring one of the same name, that of the first link counts; into a step with a
    main link, such as an exclusion, only that one brings any."""
    leaving: dict[str, Sequence[Column]] = {}
    for one in graph.order:  # a step on a circle has none, and cannot be started
        came = _into(graph, one, leaving)
        if one == step:
            return came
        node = graph.steps[one]
        kind = registry.get(node.kind)
        leaving[one] = kind.columns(node.options) if kind and kind.makes_people else came
    return []


def _into(graph: Graph, step: str, leaving: dict[str, Sequence[Column]]) -> list[Column]:
    kind, links = registry.get(graph.steps[step].kind), graph.into(step)
    if kind and len(kind.ports) > 1:
        links = [link for link in links if link.port == kind.ports[0][0]]
    return merged(leaving.get(link.source, ()) for link in links)
