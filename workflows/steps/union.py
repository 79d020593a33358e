"""Union: everybody who comes in by some link, once."""

from django.utils.translation import gettext_lazy as _

from workflows import sets
from workflows.steps.base import GO_ON, TARGETING, Done, Result, StepKind, Work


class Union(StepKind):
    """Joins several populations."""

    kind, label, icon, family, order = "union", _("Union"), "union", TARGETING, 30
    about = _("Everybody who comes in by one of the links, each person once.")
    least, most, needs_people = 2, None, True

    def perform(self, work: Work) -> Result:
        """One statement, whatever their size."""
        return Done({GO_ON: sets.union([one.people for one in work.came if one.people])})
