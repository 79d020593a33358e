"""External signal: begins a run when a program asks for it, or when another workflow ends."""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _
from workflows import rows
from workflows.graph import Node
from workflows.models import Workflow
from workflows.rows import Table
from workflows.steps.base import EXECUTION, GO_ON, Done, Result, StepForm, StepKind, Work

WORKFLOWS = Table(lambda ids: Workflow.objects.in_bulk(ids))
API, WORKFLOW = "api", "workflow"
CALLERS = [(API, gettext_lazy("A program asks for it")), (WORKFLOW, gettext_lazy("Another workflow has finished a run"))]


class ExternalSignalForm(StepForm):
    """Who calls."""

    by = forms.ChoiceField(label=gettext_lazy("Begins when"), choices=CALLERS, widget=forms.RadioSelect, initial=API)
    workflow_ended = forms.ModelChoiceField(
        Workflow.objects.filter(archived=False), label=gettext_lazy("Workflow"), required=False, empty_label=gettext_lazy("Choose a workflow")
    )

    def clean(self) -> dict[str, Any]:
        """Another workflow, and none that this one begins."""
        values = super().clean() or {}
        if values.get("by") == WORKFLOW and "workflow_ended" not in self.errors and (words := _lacks(self.workflow, values.get("workflow_ended"))):
            self.add_error("workflow_ended", words)
        return values

    def options(self) -> dict[str, Any]:
        """The workflow by its id."""
        other = self.cleaned_data["workflow_ended"] if self.cleaned_data["by"] == WORKFLOW else None
        return {**self.cleaned_data, "workflow_ended": other.pk if other else None}


class ExternalSignal(StepKind):
    """Begins runs."""

    kind, label, icon, family, order = "external_signal", gettext_lazy("External signal"), "broadcast", EXECUTION, 30
    about = gettext_lazy("Begins a run when a program asks for it, or when another workflow has finished one.")
    form = ExternalSignalForm
    template = "workflows/_step_external_signal.html"
    least, most, begins, listens = 0, 0, True, True

    def refers(self, options: Mapping[str, Any]) -> Iterable[tuple[Table, Any]]:
        """The other workflow."""
        return [(WORKFLOWS, options.get("workflow_ended"))]

    def tells(self, node: Node) -> dict[str, Any]:
        """Whether it has an address."""
        return {"by_program": by_program(node)}

    def says(self, node: Node) -> Any:
        """Who calls."""
        if by_program(node):
            return gettext_lazy("Called by a program")
        other = rows.one(WORKFLOWS, node.options.get("workflow_ended"))
        return other.label if other else self.label

    def problem(self, workflow: Workflow, node: Node) -> Sentence | str:
        """The other workflow must exist, and not wait for this one."""
        if by_program(node):
            return ""
        return _lacks(workflow, rows.one(WORKFLOWS, node.options.get("workflow_ended")))

    def perform(self, work: Work) -> Result:
        """It has been called already when a run exists."""
        return Done({GO_ON: None})


def by_program(node: Node) -> bool:
    """Whether a program calls it, which is what its form begins with."""
    return node.kind == ExternalSignal.kind and node.options.get("by", API) == API


def _lacks(workflow: Workflow, other: Workflow | None) -> Sentence | str:
    """Why a workflow cannot begin at the end of another one."""
    if other is None:
        return _("Choose the workflow whose end begins this one.")
    if other == workflow:
        return _("A workflow that begins itself would never end. Choose another one, or use a scheduler.")
    if other.archived:
        return _("The workflow “%(workflow)s” is in the archive, so it never ends. Choose another one, or take it out of there.") % {"workflow": other.label}
    if workflow.pk in _before(other.pk):
        return _("“%(workflow)s” begins at the end of this one: they would begin each other for ever. Choose another one.") % {"workflow": other.label}
    return ""


def _before(workflow: int) -> set[int]:
    """Workflows whose ends begin one, by way of others too; as they are drawn, and as they go on."""
    found, todo = set[int](), {workflow}
    while todo:
        rows = Workflow.objects.filter(pk__in=todo).select_related("started")
        nodes = [node for row in rows for graph in (row.drawing, row.started and row.started.read()) if graph for node in graph.steps.values()]
        todo = {int(node.options["workflow_ended"]) for node in nodes if node.kind == ExternalSignal.kind and node.options.get("workflow_ended")} - found
        found |= todo
    return found
