"""Test: which of two ways, by how many people came."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from workflows.graph import Node
from workflows.steps.base import FLOW, Done, Out, Result, StepForm, StepKind, Work

YES, NO = "yes", "no"


class CheckForm(StepForm):
    """From how many people on."""

    least = forms.IntegerField(label=_("Yes if at least so many people come in"), min_value=1, max_value=100_000_000, initial=1)


class Check(StepKind):
    """Decides between two ways."""

    kind, label, icon, family, order = "test", _("Test"), "question-diamond", FLOW, 30
    about = _("Goes one of two ways, by how many people come in.")
    form = CheckForm

    def outs(self, options: Mapping[str, Any]) -> tuple[Out, ...]:
        """Yes and no."""
        return (Out(YES, _("yes")), Out(NO, _("no")))

    def says(self, node: Node) -> Any:
        """The question."""
        return _("At least %(least)s?") % {"least": node.options.get("least", 1)}

    def perform(self, work: Work) -> Result:
        """A mere sign counts as nobody."""
        size = work.people.size if work.people else 0
        return Done({YES if size >= work.options.get("least", 1) else NO: work.people})
