"""Exclusion: the people of the main link without those of the others."""

from django.utils.translation import gettext_lazy as _

from workflows import sets
from workflows.steps.base import GO_ON, TARGETING, Done, Out, Result, StepKind, Work


class Exclusion(StepKind):
    """Takes populations out of the main one."""

    kind, label, icon, family, order = "exclusion", _("Exclusion"), "subtract", TARGETING, 50
    about = _("The people of the main link, without everybody who comes in by another one.")
    ports = (("main", _("main")), ("minus", _("taken out")))
    least, most, needs_people = 2, None, True

    def outs(self, options: object) -> tuple[Out, ...]:
        """The rest, and those who were taken out."""
        return (Out(GO_ON), Out("taken", _("taken out"), spare=True))

    def perform(self, work: Work) -> Result:
        """Without people on the main link nobody is left; without others nobody is taken out."""
        main = next((one.people for one in work.came if one.port == "main" and one.people), None) or sets.nobody()
        left = sets.exclusion(main, [one.people for one in work.came if one.port != "main" and one.people])
        if "taken" in work.joined:
            return Done({GO_ON: left, "taken": sets.exclusion(main, [left])})
        return Done({GO_ON: left}, counts={"taken": main.size - left.size})
