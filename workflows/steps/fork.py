"""Fork: the same people on several ways at once."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from smsapp.common.sentences import say as _
from workflows.steps.base import EXECUTION, Done, Out, Result, StepForm, StepKind, Work

MOST = 6


class ForkForm(StepForm):
    """How many ways."""

    ways = forms.IntegerField(label=gettext_lazy("Ways"), min_value=2, max_value=MOST, initial=2)


class Fork(StepKind):
    """Sends everybody along each way."""

    kind, label, icon, family, order = "fork", gettext_lazy("Fork"), "signpost-split", EXECUTION, 40
    about = gettext_lazy("Everybody goes along each of the ways, at the same time.")
    form = ForkForm

    def outs(self, options: Mapping[str, Any]) -> list[Out]:
        """Numbered."""
        asked = options.get("ways")
        ways = asked if isinstance(asked, int) and 2 <= asked <= MOST else 2
        return [Out(f"way{number}", _("way %(number)s") % {"number": number}) for number in range(1, ways + 1)]

    def perform(self, work: Work) -> Result:
        """The set is the same one, not a copy."""
        return Done({out.name: work.people for out in self.outs(work.options)})
