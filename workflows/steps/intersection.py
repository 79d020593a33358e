"""Intersection: those who come in by every link."""

from django.utils.translation import gettext_lazy as _

from workflows import sets
from workflows.steps.base import GO_ON, TARGETING, Done, Result, StepKind, Work


class Intersection(StepKind):
    """Keeps whom all populations have in common."""

    kind, label, icon, family, order = "intersection", _("Intersection"), "intersect", TARGETING, 40
    about = _("Only people who come in by all of the links.")
    least, most, needs_people = 2, None, True

    def perform(self, work: Work) -> Result:
        """One statement, whatever their size. A link by which nobody came has nobody in common with the others."""
        common = sets.nobody() if work.missing else sets.intersection([one.people for one in work.came if one.people])
        return Done({GO_ON: common})
