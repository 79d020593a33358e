"""The parent of an SMS step's sends: the mailing that holds its text, where it stands, and what its executions and sends came to."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from campaigns.models import Mailing
from campaigns.models.mailing import Role
from campaigns.services import sums
from campaigns.services.sums import Total
from campaigns.statuses import MailingStatus
from workflows.graph import Node
from workflows.models import Execution, Send, Workflow
from workflows.steps import registry


@dataclass(frozen=True)
class Parent:
    """A text of a workflow. `step` is empty once its step was taken out of the drawing; what was sent stays."""

    content: Mailing
    workflow: Workflow
    step: str

    @property
    def node(self) -> Node | None:
        """As it is drawn now."""
        return self.workflow.drawing.steps.get(self.step) if self.step else None

    @property
    def name(self) -> str:
        """The step's label, else the SMS's."""
        return registry.name_of(self.node) if self.node else self.content.name

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
    def total(self) -> Total:
        """Over all executions and sends."""
        return sums.of_all(self.mailings)

    def waiting(self) -> QuerySet[Send]:
        """Sends that somebody must confirm, oldest first."""
        return self.sends.filter(mailing__status=MailingStatus.READY, mailing__archived=False).select_related("mailing", "execution", "run").order_by("pk")


def find(content_id: int) -> Parent | None:
    """By the mailing that holds the text; None when no workflow has it, or had it."""
    content = Mailing.objects.select_related("campaign", "provider", "template").filter(pk=content_id, role=Role.CONTENT).first()
    return _place(content) if content else None


def _place(content: Mailing) -> Parent | None:
    holds: dict[str, Any] = {"graph__steps__contains": [{"options": {"content": content.pk}}]}
    workflow = Workflow.objects.select_related("campaign", "started").filter(**holds).order_by("id").first()
    if workflow is not None:
        step = next(node.id for node in workflow.drawing.steps.values() if node.options.get("content") == content.pk)
        return Parent(content, workflow, step)
    last = Send.objects.filter(parent=content).select_related("workflow__campaign", "workflow__started").order_by("-pk").first()
    return Parent(content, last.workflow, "") if last else None


def by_execution(executions: list[Execution]) -> dict[int, Total]:
    """Of each."""
    return sums.of(Mailing.objects.filter(made_by__execution__in=executions), "made_by__execution_id")


def by_mailing(mailings: list[int]) -> dict[int, Total]:
    """Of each."""
    return sums.of(Mailing.objects.filter(pk__in=mailings), "pk")
