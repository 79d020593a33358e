"""End: nothing follows, on purpose."""

from django.utils.translation import gettext_lazy as _

from workflows.steps.base import EXECUTION, Done, Out, Result, StepKind, Work


class End(StepKind):
    """Closes a branch, so that whoever reads the drawing knows that nothing was forgotten."""

    kind, label, icon, family, order = "end", _("End"), "stop-circle", EXECUTION, 90
    about = _("Nothing follows here, on purpose.")
    most = None

    def outs(self, options: object) -> tuple[Out, ...]:
        """None."""
        return ()

    def perform(self, work: Work) -> Result:
        """Nothing."""
        return Done()
