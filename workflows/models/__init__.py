"""Workflows, their runs, and the people who travel on them."""

from workflows.models.people import PeopleBlock, PeopleSet, Returned
from workflows.models.presence import Presence
from workflows.models.recurring import Execution, Send
from workflows.models.run import Arrival, Run, RunLog, Schedule, StepRun
from workflows.models.shown import ShownColumns
from workflows.models.workflow import Drawing, Workflow

__all__ = [
    "Arrival", "Drawing", "Execution", "PeopleBlock", "PeopleSet", "Presence", "Returned", "Run", "RunLog", "Schedule", "Send", "ShownColumns", "StepRun",
    "Workflow",
]  # fmt: skip
