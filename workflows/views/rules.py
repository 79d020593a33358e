"""The rules of a step, built on the page of the advanced search."""

from dataclasses import replace
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from contacts.smart import rules as smart_rules
from contacts.smart.drafts import Draft
from contacts.views.search import Builder
from workflows.errors import WorkflowError
from workflows.graph import Graph, Node
from workflows.models import Workflow
from workflows.services import edits, workflows
from workflows.steps import registry
from workflows.steps.query import Query
from workflows.views.drawing import back, seen, version_of


@require_http_methods(["GET", "HEAD", "POST"])
@permission_required(["workflows.change_workflow", "contacts.view_contact"], raise_exception=True)
def rules(request: HttpRequest, pk: int, step: str, part: str = "") -> HttpResponse:
    """Of a query, or of a segment (`part`)."""
    workflow = get_object_or_404(Workflow, pk=pk)
    graph = seen(workflow, request.POST, lambda graph: _has_rules(graph.steps.get(step), part))
    node = graph.steps.get(step)
    if node is None or not _has_rules(node, part):
        raise Http404
    return StepRules(request, workflow, node, part).answer()


def _has_rules(node: Node | None, part: str) -> bool:
    if node is None:
        return False
    if part:
        return any(segment.get("name") == part for segment in node.options.get("segments", []))
    return isinstance(registry.get(node.kind), Query)


class StepRules(Builder):
    """The builder, whose rules are kept with the step."""

    template = "workflows/step_rules.html"

    def __init__(self, request: HttpRequest, workflow: Workflow, node: Node, part: str) -> None:
        super().__init__(request, None)
        self.workflow, self.node, self.part = workflow, node, part
        version = request.POST.get("version") or workflow.version
        self.context |= {"workflow": workflow, "node": node, "step_name": self._called(), "version": version, "here": self.here()}
        self.context["blank"] = registry.lacks(workflow, node) if "blank" in node.options else ""

    def _called(self) -> Any:
        """The segment, or the step; by what it is while nobody has named it, for its rules are what is written here."""
        if self.part:
            return next((one["label"] for one in self.node.options["segments"] if one["name"] == self.part), "")
        kind = registry.get(self.node.kind)
        return self.node.label or (kind.label if kind else "")

    def stored(self) -> Any:
        """The step's, or the segment's."""
        if not self.part:
            return self.node.options.get("rules")
        return next((one.get("rules") for one in self.node.options["segments"] if one["name"] == self.part), None)

    def here(self) -> str:
        """The page's address."""
        where = [self.workflow.pk, self.node.id]
        return reverse("workflows:segment_rules", args=[*where, self.part]) if self.part else reverse("workflows:rules", args=where)

    def save(self, draft: Draft) -> HttpResponse:
        """Into the drawing; what was built stays on the page when somebody else drew meanwhile."""
        tree = smart_rules.parse(draft.tree(), self.catalogue).as_json()
        try:
            workflows.draw(self.workflow, self.request.user, version_of(self.request.POST), lambda graph: self._with(graph, tree))
        except WorkflowError as problem:
            self.workflow.refresh_from_db()
            self.context |= {"refused": problem.message, "version": self.workflow.version} if self._is_there() else self._gone()
            return self.page(draft, [])
        return back(self.workflow, self.node.id)

    def _is_there(self) -> bool:
        return _has_rules(self.workflow.drawing.steps.get(self.node.id), self.part)

    def _gone(self) -> dict[str, Any]:
        """Nothing is left with which the rules could be kept: they stay on the page, as of the drawing in which they had a place."""
        words = _("%(who)s What these rules belong to is no longer there, so they cannot be saved. They stand here to be copied.")
        return {"refused": words % {"who": workflows.last_author(self.workflow, self.request.user)}, "version": version_of(self.request.POST)}

    def _with(self, graph: Graph, tree: Any) -> Graph:
        node = edits.node_of(graph, self.node.id)
        if not self.part:
            return graph.with_step(replace(node, options={**node.options, "rules": tree}))
        segments = [one | {"rules": tree} if one["name"] == self.part else one for one in node.options.get("segments", [])]
        return graph.with_step(replace(node, options={**node.options, "segments": segments}))
