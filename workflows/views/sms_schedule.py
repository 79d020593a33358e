"""When an SMS step sends, and whom: what its dashboard says of schedule and audience."""

from typing import Any

from django.utils.translation import gettext as _

from workflows.graph import Node
from workflows.services.parents import Parent
from workflows.steps import registry


def schedule_of(parent: Parent) -> dict[str, Any]:
    """`times`: what begins the runs that reach it, in words; `next_at`: the next of its schedulers; `before`: the steps that people come from."""
    graph, node = parent.graph, parent.node
    if node is None:
        return {"times": [], "next_at": None, "before": []}
    begins = [graph.steps[step] for step in graph.before(node.id) if registry.known_shape(graph.steps[step]).begins]
    return {
        "times": [registry.name_of(one) for one in begins] or [_("Once, when somebody starts the workflow")],
        "next_at": parent.workflow.next_at([one.id for one in begins]),
        "before": [registry.name_of(graph.steps[link.source]) for link in graph.into(node.id)],
        "asks": _asks(node),
    }


def _asks(node: Node) -> bool:
    return bool(node.options.get("confirm", True))
