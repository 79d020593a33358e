"""The log of the demo's birthday workflow, in the words of the engine."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from campaigns.statuses import MessageStatus
from smsapp.common import sentences
from smsapp.common.sentences import Count
from smsapp.common.sentences import say as _
from workflows.engine import told
from workflows.models import RunLog, Workflow

if TYPE_CHECKING:
    from smsapp.demo.birthdays import Morning, Moves

BEGAN, OVER = _("Run %(number)s began."), _("Run %(number)s is over.")
Line = tuple[datetime, RunLog]


def write(workflow: Workflow, mornings: "list[Morning]", moves: "Moves", begins: datetime) -> None:
    """Runs and mailings, in the order in which it happened."""
    workflow.log.update(at=begins)
    began = [_line(one, one.at("began"), BEGAN % {"number": one.number}, "s1") for one in mornings]
    over = [_line(one, one.at("ended"), OVER % {"number": one.number}) for one in mornings]
    moved = [_line(one, move.at, words, "s3", move.author) for one, send, move in moves if (words := told.said(send, move, "", _figures(one)))]
    lines = sorted([*began, *moved, *over], key=lambda line: line[0])
    for line, (at, _same) in zip(RunLog.objects.bulk_create(line for _at, line in lines), lines, strict=True):
        line.at = at
    RunLog.objects.bulk_update([line for _at, line in lines], ["at"], batch_size=500)


def _line(one: "Morning", at: datetime, words: Any, step: str = "", by: Any = None) -> Line:
    assert one.run is not None
    return at, RunLog(workflow_id=one.run.workflow_id, run=one.run, step=step, author=by, **sentences.for_every_reader("words", words))


def _figures(one: "Morning") -> dict[str, Count]:
    missed = sum(text.status == MessageStatus.UNDELIVERED for text in one.texts)
    return {name: Count(len(one.texts)) for name in ("recipients", "texts", "sent")} | {"left_out": Count(len(one.left_out)), "missed": Count(missed)}
