"""And-join: goes on once everything before it has come."""

from django.utils.translation import gettext_lazy as _

from workflows import sets
from workflows.steps.base import EXECUTION, GO_ON, Done, Result, StepKind, Work


class AndJoin(StepKind):
    """Waits for all its links, and only goes on if none of them ended."""

    kind, label, icon, family, order = "and_join", _("And-join"), "signpost-2", EXECUTION, 50
    about = _("Waits until every link has come, then goes on with everybody. If one of them ended before, it does not go on.")
    least, most = 2, None
    waits_for_all = True

    def perform(self, work: Work) -> Result:
        """Everybody who came, once; a mere sign if nobody did."""
        came = [one.people for one in work.came if one.people]
        return Done({GO_ON: came[0] if len(came) == 1 else sets.union(came) if came else None})
