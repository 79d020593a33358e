"""Builders of drawings and workflows for tests."""

from itertools import count
from typing import Any

from workflows.graph import Graph
from workflows.models import Workflow
from workflows.services import workflows

_counter = count(1)
EVERYBODY: dict[str, Any] = {"all": [{"q": "first_name", "test": "filled"}]}


def drawn(steps: dict[str, tuple[str, dict[str, Any]]], *links: str) -> Graph:
    """Steps by id as (kind, options); links as "s1 s2", "s1.out s2" or "s1.out s2.port"."""
    return Graph.read({
        "steps": [{"id": step, "kind": kind, "label": "", "options": options} for step, (kind, options) in steps.items()],
        "links": [_link(*link.split()) for link in links],
    })  # fmt: skip


def _link(source: str, target: str) -> dict[str, str]:
    step, _dot, out = source.partition(".")
    to, _dot, port = target.partition(".")
    return {"from": step, "out": out or "out", "to": to, "port": port or "in"}


def make_workflow(graph: Graph | None = None, by: Any = None, **facts: Any) -> Workflow:
    """A workflow under work."""
    facts.setdefault("time_zone", "Europe/Paris")
    return workflows.create(facts.pop("label", f"Workflow {next(_counter)}"), by, graph=graph, **facts)


def query(**rule: Any) -> tuple[str, dict[str, Any]]:
    """A query step with one rule."""
    return "query", {"rules": {"all": [rule]} if rule else EVERYBODY}


def group_step(group: Any) -> tuple[str, dict[str, Any]]:
    """A step that reads a group."""
    return "read_group", {"group": group.pk}
