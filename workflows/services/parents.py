"""The parent of an SMS step's sends: the mailing that holds its text, where it stands, and what its executions and sends came to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet

from campaigns.models import Mailing
from campaigns.models.mailing import Role
from campaigns.services import sums
from campaigns.services.sums import Total
from campaigns.statuses import MailingStatus
from workflows.graph import Graph, Node
from workflows.models import Execution, Send, Workflow


@dataclass(frozen=True)
class Parent:
    """A text of a workflow. `step` is empty once its step was taken out of the drawing; what was sent stays."""

    content: Mailing
    workflow: Workflow
    step: str

    @cached_property
    def graph(self) -> Graph:
        """Its workflow as it is drawn now."""
        return self.workflow.drawing

    @property
    def node(self) -> Node | None:
        """Its step as it is drawn now."""
        return self.graph.steps.get(self.step) if self.step else None

    @property
    def name(self) -> str:
        """The step's label, else the SMS's."""
        return (self.node.label if self.node else "") or self.content.name

    @property
    def is_recurring(self) -> bool:
        """Counted by periods: as it is drawn, or as it was when it was sent."""
        return self.node.options.get("how") == "recurring" if self.node else self.executions.exists()

    @property
    def sends(self) -> QuerySet[Send]:
        """All of them."""
        return Send.objects.filter(parent=self.content)

    @property
    def executions(self) -> QuerySet[Execution]:
        """The recurring ones."""
        return Execution.objects.filter(parent=self.content)

    @property
    def mailings(self) -> QuerySet[Mailing]:
        """What was made of the text."""
        return Mailing.objects.filter(made_by__parent=self.content)

    @cached_property
    def _exact(self) -> dict[int | None, Total]:
        return sums.of(self.mailings, "made_by__execution_id")

    @cached_property
    def total(self) -> Total:
        """Over all executions and sends."""
        return sums.together(self._exact.values())

    @cached_property
    def periods(self) -> dict[int | None, Total]:
        """What each execution came to; under None what belongs to none. Their costs are rounded so that they add up to the rounded one of `total`."""
        found = {key: replace(total, costs=dict(total.costs)) for key, total in self._exact.items()}
        sums.round_costs(found.values())
        return found

    def waiting(self) -> QuerySet[Send]:
        """Sends that somebody must confirm, oldest first."""
        ready = self.sends.filter(mailing__status=MailingStatus.READY, mailing__archived=False)
        return ready.select_related("mailing__provider", "mailing__template", "parent", "execution", "run__workflow").order_by("pk")


def find(content_id: int) -> Parent | None:
    """By the mailing that holds the text; None when no workflow has it, or had it."""
    content = Mailing.objects.select_related("campaign", "provider", "template").filter(pk=content_id, role=Role.CONTENT).first()
    return _place(content) if content else None


def workflows_of(contents: Sequence[int]) -> dict[int, Workflow]:
    """The workflow that has each of some texts, or had it; two queries for all."""
    if not contents:
        return {}
    drawn: Any = Workflow.objects.filter(reduce(or_, (Q(**_holds(pk)) for pk in contents))).with_stand().order_by("-id")
    found = {node.options["content"]: workflow for workflow in drawn for node in workflow.drawing.steps.values() if node.options.get("content") in contents}
    gone = [pk for pk in contents if pk not in found]
    sends = dict(Send.objects.filter(parent__in=gone).order_by("pk").values_list("parent", "workflow")) if gone else {}
    had: Any = Workflow.objects.filter(pk__in={*sends.values()}).with_stand()
    known = {workflow.pk: workflow for workflow in had} if sends else {}
    return found | {pk: known[workflow] for pk, workflow in sends.items()}


def _holds(content: int) -> dict[str, Any]:
    return {"graph__steps__contains": [{"options": {"content": content}}]}


def _place(content: Mailing) -> Parent | None:
    workflow = Workflow.objects.select_related("campaign", "started").filter(**_holds(content.pk)).order_by("id").first()
    if workflow is not None:
        step = next(node.id for node in workflow.drawing.steps.values() if node.options.get("content") == content.pk)
        return Parent(content, workflow, step)
    last = Send.objects.filter(parent=content).select_related("workflow__campaign", "workflow__started").order_by("-pk").first()
    return Parent(content, last.workflow, "") if last else None


def by_mailing(mailings: Iterable[int]) -> dict[int, Total]:
    """Of each."""
    return sums.of(Mailing.objects.filter(pk__in=set(mailings)), "pk")
