"""Why a workflow may stand at "Warning": where its last run left people, and the way to what is missing there."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from smsapp.common.bidi import isolated
from smsapp.common.readable import number
from workflows.graph import Node
from workflows.models import Arrival, Run, Workflow
from workflows.services import left_over
from workflows.steps import registry


@dataclass(frozen=True, slots=True)
class Way:
    """An exit where nothing follows: a sentence, and its place on the canvas, or on that of the run once the step is gone."""

    words: str
    url: str
    link: str


def of(workflow: Workflow) -> dict[str, Any] | None:
    """Of the last run that is over; None where nobody was left."""
    run = workflow.last_over()
    if run is None or not run.left_over:
        return None
    title = ngettext("%(count)s person is left where nothing follows", "%(count)s people are left where nothing follows", run.left_over)
    drawn = run.drawing.read()
    ways = [_way(workflow, run, drawn.steps[arrival.step], arrival) for arrival in left_over.of(run)]
    return {"title": title % {"count": number(run.left_over)}, "run": run, "ways": ways}


def _way(workflow: Workflow, run: Run, node: Node, arrival: Arrival) -> Way:
    names = {"step": isolated(registry.name_of(node)), "exit": _label(node, arrival.out), "count": number(arrival.size or 0), "number": run.number}
    size = arrival.size or 0
    words = ngettext(
        "In run %(number)s %(count)s person left “%(step)s” by “%(exit)s”.",
        "In run %(number)s %(count)s people left “%(step)s” by “%(exit)s”.",
        size,
    )
    if arrival.step in workflow.drawing.steps:
        at = urlencode({"at": f"{arrival.step}.{arrival.out}"})
        return Way(words % names, f"{reverse('workflows:canvas', args=[workflow.pk])}?{at}", _("Show it on the canvas"))
    return Way(words % names, f"{reverse('workflows:run', args=[workflow.pk, run.number])}?step={arrival.step}", _("Show the run"))


def _label(node: Node, out: str) -> str:
    return next((str(one.label) for one in registry.kinds()[node.kind].outs(node.options) if one.name == out), out)
