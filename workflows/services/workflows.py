"""Workflows as people draw them: made, named, and saved as they go; each save is kept, so that it can be taken back."""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from smsapp.common.bidi import isolated
from smsapp.common.models import Organisation
from workflows.errors import WorkflowError
from workflows.graph import MOST, Graph
from workflows.models import Drawing, Workflow
from workflows.states import ALIVE
from workflows.steps import registry

FACTS = ("label", "description", "campaign", "time_zone", "history_days", "error_limit")


@transaction.atomic
def create(label: str, by: Any, *, graph: Graph | None = None, **facts: Any) -> Workflow:
    """A new workflow with an empty canvas, or a ready-made drawing."""
    facts.setdefault("time_zone", getattr(by, "time_zone", "") or Organisation.current().time_zone)
    drawn = (graph or Graph()).as_json()
    workflow = Workflow.objects.create(label=_label(label), author=by, graph=drawn, version=1, **facts)
    Drawing.objects.create(workflow=workflow, version=1, author=by, graph=drawn, base=1)
    return workflow


def _label(label: str) -> str:
    if not label.strip():
        raise WorkflowError("no_label", _("Give the workflow a label."))
    return label.strip()[:120]


def save_facts(workflow: Workflow, **facts: Any) -> Workflow:
    """Its label and what it is filed under."""
    facts["label"] = _label(facts.get("label", workflow.label))
    for name, value in facts.items():
        setattr(workflow, name, value)
    workflow.save(update_fields=[*facts, "updated_at"])
    return workflow


@transaction.atomic
def draw(workflow: Workflow, by: Any, version: int, change: Callable[[Graph], Graph]) -> Workflow:
    """One change of the drawing, saved at once. Raises WorkflowError `changed` when somebody else drew meanwhile."""
    row = _to_draw(workflow, by, version)
    graph = _apart(change(row.drawing), by, row.drawing.steps)
    if len(graph.steps) > MOST:
        raise WorkflowError("too_many", _("A workflow has at most %(most)s steps. Go on in a second one that begins at the end of this one.") % {"most": MOST})
    drawn = graph.as_json()
    if drawn != row.graph:
        before = _current(row)
        _save(row, by, drawn, base=row.version + 1, before=before.base if before else None)
    return _fresh(workflow)


@transaction.atomic
def undo(workflow: Workflow, by: Any, version: int) -> Workflow:
    """Bring back the drawing before the last change. Raises WorkflowError `nothing`."""
    row = _to_draw(workflow, by, version)
    current = _current(row)
    origin = row.drawings.filter(version=current.base).first() if current else None
    earlier = row.drawings.filter(version=origin.before).first() if origin and origin.before else None
    if earlier is None:
        raise WorkflowError("nothing", _("There is nothing to undo."))
    _save(row, by, earlier.graph, base=earlier.base, before=None)
    return _fresh(workflow)


@transaction.atomic
def redo(workflow: Workflow, by: Any, version: int) -> Workflow:
    """Bring back what was undone last. Raises WorkflowError `nothing`."""
    row = _to_draw(workflow, by, version)
    current = _current(row)
    later = row.drawings.filter(before=current.base).order_by("-version").first() if current else None
    if later is None:
        raise WorkflowError("nothing", _("There is nothing to redo."))
    _save(row, by, later.graph, base=later.base, before=None)
    return _fresh(workflow)


def can_undo(workflow: Workflow) -> bool:
    """Whether there was a change before."""
    current = _current(workflow)
    origin = workflow.drawings.filter(version=current.base).first() if current else None
    return bool(origin and origin.before)


def can_redo(workflow: Workflow) -> bool:
    """Whether something was undone."""
    current = _current(workflow)
    return bool(current and workflow.drawings.filter(before=current.base).exists())


def _current(row: Workflow) -> Drawing | None:
    return row.drawings.filter(version=row.version).first()


def _to_draw(workflow: Workflow, by: Any, version: int) -> Workflow:
    row = Workflow.objects.select_for_update().select_related(None).get(pk=workflow.pk)
    if row.archived:
        raise WorkflowError("archived", _("This workflow is in the archive. Take it out of the archive first."))
    if row.version != version:
        raise WorkflowError("changed", _changed(row, by))
    return row


def _changed(row: Workflow, by: Any) -> str:
    return f"{last_author(row, by)} {_('Look at what is there now, then make your change again.')}"


def last_author(workflow: Workflow, by: Any) -> str:
    """Who changed the drawing last, told to somebody who does not see it yet."""
    last = _current(workflow)
    if last and last.author and last.author != by:
        return _("%(who)s changed the drawing meanwhile.") % {"who": isolated(str(last.author))}
    return _("The drawing was changed meanwhile, perhaps in another window.")


def _save(row: Workflow, by: Any, drawn: dict[str, Any], *, base: int, before: int | None) -> None:
    row.graph, row.version = drawn, row.version + 1
    row.save(update_fields=["graph", "version", "updated_at"])
    for node in row.drawing.steps.values():
        if kind := registry.get(node.kind):
            kind.saved(node)
    Drawing.objects.create(workflow=row, version=row.version, author=by, graph=drawn, base=base, before=before)


@transaction.atomic
def copy(workflow: Workflow, by: Any) -> Workflow:
    """The same drawing once more, to be started on its own."""
    label = (_("Copy of %(name)s") % {"name": workflow.label})[:120]
    facts = {name: getattr(workflow, name) for name in FACTS if name != "label"}
    return create(label, by, graph=_apart(workflow.drawing, by), **facts)


def _apart(graph: Graph, by: Any, known: Collection[str] = ()) -> Graph:
    """New steps share nothing with those of which they are copies."""
    for node in graph.steps.values():
        if node.id not in known and (kind := registry.get(node.kind)):
            graph = graph.with_step(replace(node, options=kind.apart(node.options, by)))
    return graph


@transaction.atomic
def archive(workflow: Workflow, *, archived: bool = True) -> None:
    """Out of the lists, or back into them; one in progress stays."""
    row = Workflow.objects.select_for_update().select_related(None).get(pk=workflow.pk)
    if archived and row.state in ALIVE:
        raise WorkflowError("in_progress", _("This workflow is in progress. Stop it first."))
    row.archived = archived
    row.save(update_fields=["archived", "updated_at"])


def _fresh(workflow: Workflow) -> Workflow:
    workflow.refresh_from_db()
    return workflow
