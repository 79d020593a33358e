"""What is asked before a campaign or a template changes for good: one question, one way to delete."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from campaigns.services.errors import CampaignError
from campaigns.views.actions import Question


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom a question is about: `kind` names its routes and its crumbs (campaign, template)."""

    kind: str
    row: Model
    in_use: bool  # and not archived
    kept: Any  # heading over the reason why it cannot be deleted

    def ask(self, request: HttpRequest, question: Question, icon: str, **context: Any) -> HttpResponse:
        """The page with both answers, or with `why_not`."""
        context |= {self.kind: self.row, "asked": self, "question": question, "icon": icon}
        return render(request, "campaigns/question.html", context)

    @property
    def list(self) -> str:
        """Route of the list, which the navigation marks too."""
        return f"campaigns:{self.kind}s"

    @property
    def page(self) -> str:
        """Route of its own page."""
        return f"campaigns:{self.kind}"

    @property
    def archive(self) -> str:
        """Route of the question whether to archive it."""
        return f"campaigns:{self.kind}_archive"

    @property
    def crumbs(self) -> str:
        """Template of the way to it."""
        return f"campaigns/_{self.kind}_crumbs.html"

    def delete(self, request: HttpRequest, question: Question, *, why_not: Callable[[], str], do: Callable[[], Any], done: str) -> HttpResponse:
        """Ask on GET, with the reason why not where there is one; delete on POST."""
        if request.method != "POST":
            return self.ask(request, question, "trash3", danger=True, why_not=why_not())
        try:
            do()
        except CampaignError as error:
            return self.refused(request, error)
        messages.success(request, done)
        return redirect(self.list)

    def refused(self, request: HttpRequest, error: CampaignError) -> HttpResponse:
        """Back to where it can be looked at, with what is wrong."""
        messages.error(request, error.message)
        return redirect(self.list) if error.code == "gone" else redirect(self.page, self.row.pk)
