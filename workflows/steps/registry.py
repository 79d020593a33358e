"""All kinds of steps: every class found in this folder."""

import importlib
import pkgutil
from functools import cache

from smsapp.common.sentences import Sentence
from workflows import steps
from workflows.graph import Node, Shape
from workflows.models import Workflow
from workflows.steps.base import FAMILIES, StepKind


@cache
def kinds() -> dict[str, StepKind]:
    """By name, in the order of the palette."""
    for module in pkgutil.iter_modules(steps.__path__):
        importlib.import_module(f"{steps.__name__}.{module.name}")
    found = [kind() for kind in _below(StepKind) if hasattr(kind, "kind")]
    families = list(FAMILIES)
    return {kind.kind: kind for kind in sorted(found, key=lambda one: (families.index(one.family), one.order, one.kind))}


def _below(kind: type[StepKind]) -> list[type[StepKind]]:
    return [found for child in kind.__subclasses__() for found in (child, *_below(child))]


def get(name: str) -> StepKind | None:
    """The kind of that name, or None."""
    return kinds().get(name)


def is_timed(node: Node | None) -> bool:
    """Whether a step begins runs at times of its own."""
    kind = get(node.kind) if node else None
    return bool(kind and kind.timed)


def shape(node: Node) -> Shape | None:
    """How a step may be joined; None when nobody knows its kind."""
    kind = get(node.kind)
    return kind.shape(node) if kind else None


def known_shape(node: Node) -> Shape:
    """The same of a step whose kind was found good; one of an unknown kind has no ways out."""
    return shape(node) or Shape()


def lacks(workflow: Workflow, node: Node) -> Sentence | str:
    """What a step's options lack, in words; empty when it may be started."""
    kind = get(node.kind)
    return kind.problem(workflow, node) if kind else ""


def name_of(node: Node) -> str:
    """What a step is called: its label, else what it does."""
    kind = get(node.kind)
    return node.label or (str(kind.says(node)) if kind else node.kind)
