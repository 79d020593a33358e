"""Which workflows use a group, and what becomes of them without it: asked before a group goes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.models import Group
from contacts.slots import GroupUse
from contacts.smart.criteria import Catalogue
from contacts.smart.nesting import reads
from smsapp.common.bidi import isolated
from workflows.graph import Graph, Node
from workflows.models import Workflow
from workflows.states import ALIVE
from workflows.steps import registry
from workflows.steps.query import RULES, tree_of
from workflows.steps.read_group import GROUPS
from workflows.steps.save_group import SaveGroup


@dataclass(frozen=True, slots=True)
class _Found:
    """How the steps of a drawing use a group."""

    named: bool  # to a step, such as one that reads or counts its members
    writes: bool
    asked: bool  # by rules

    def __bool__(self) -> bool:
        return self.named or self.asked


def of_group(group: Group) -> list[GroupUse]:
    """One for each workflow in progress that uses it, and for each drawing that names it; those in the archive do nothing."""
    catalogue = Catalogue()
    candidates = Workflow.objects.filter(Q(archived=False) | Q(state__in=ALIVE)).select_related("started").order_by("label", "id")
    return [use for workflow in candidates if (use := _use(workflow, group, catalogue))]


def _use(workflow: Workflow, group: Group, catalogue: Catalogue) -> GroupUse | None:
    name = {"workflow": isolated(workflow.label)}
    if workflow.state in ALIVE and workflow.started and (found := _found(workflow.started.read(), group, catalogue)):
        return _in_progress(found, name)
    if found := _found(workflow.drawing, group, catalogue):
        words = _("The drawing of the workflow “%(workflow)s” names it; it cannot be started before another group is chosen there.") % name
        return GroupUse(words, words if found.named else "")
    return None


def _in_progress(found: _Found, name: dict[str, Any]) -> GroupUse:
    if found.writes:
        words = _("The workflow “%(workflow)s” writes to it; its next run would stop there.") % name
        return GroupUse(words, words)
    stops = _("The workflow “%(workflow)s” reads it; its next run would stop there.") % name
    return GroupUse(stops, _("The workflow “%(workflow)s” reads it, and goes on doing so.") % name)


def _found(graph: Graph, group: Group, catalogue: Catalogue) -> _Found:
    named = [node for node in graph.steps.values() if (GROUPS, group.pk) in _refers(node)]
    asked = any(table is RULES and group.pk in reads(tree_of(key), catalogue) for node in graph.steps.values() for table, key in _refers(node))
    return _Found(bool(named), any(node.kind == SaveGroup.kind for node in named), asked)


def _refers(node: Node) -> Iterator[tuple[Any, Any]]:
    kind = registry.get(node.kind)
    yield from kind.refers(node.options) if kind else ()
