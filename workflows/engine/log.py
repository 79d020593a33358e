"""Lines of a workflow's log."""

from typing import Any

from smsapp.common import sentences
from workflows.models import Run, RunLog, Workflow


def note(workflow: Workflow, words: Any, *, run: Run | None = None, step: str = "", by: Any = None, is_error: bool = False) -> None:
    """One line."""
    RunLog.objects.create(workflow=workflow, run=run, step=step, author=by, is_error=is_error, **sentences.for_every_reader("words", words))
