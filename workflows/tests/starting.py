"""A workflow made of a ready one, its blanks filled, played through with a moved clock: whom each run texted."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.models import Message
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings
from campaigns.statuses import ACCEPTED
from campaigns.tests.working import send_all
from campaigns.texts import Texts
from contacts.models import Contact
from workflows import ready
from workflows.engine import start, wake
from workflows.engine.advance import advance
from workflows.models import Send, Workflow
from workflows.services import edits, ready_made, workflows
from workflows.states import RunState
from workflows.steps.sms import content_of


def moment(text: str, zone: str = "Europe/Paris") -> datetime:
    """ "2027-03-01 09:00" by the clock there."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def make(name: str, by: Any, **facts: Any) -> Workflow:
    """Not a blank of it is filled."""
    found = ready.get(name)
    assert found is not None
    return ready_made.make(found, by, **facts)


def choose(workflow: Workflow, step: str, by: Any, **options: Any) -> Workflow:
    """Other options of a step."""
    known = {**workflow.drawing.steps[step].options, **options}
    return workflows.draw(workflow, by, workflow.version, lambda graph: edits.choose(graph, step, known))


def write(workflow: Workflow, by: Any) -> None:
    """Something in place of the blanks of its text."""
    content = content_of(workflow.drawing.steps["s3"])
    assert content is not None
    said = Texts(ready.BLANK.sub("Come and see us.", content.text), content.language)
    mailings.save_content(content, by=by, version=content.version, provider=content.provider, sender=content.sender, texts=said)


class Played:
    """`on("2027-03-01 09:00")` lets it be that moment and tells who got a text, by first name."""

    def __init__(self, clock: Any, workflow: Workflow, by: Any) -> None:
        self.clock, self.workflow, self.by = clock, start.start(workflow, by), by

    def on(self, text: str, zone: str = "Europe/Paris") -> list[str]:
        """Nobody where no run began, too."""
        self.clock.set(moment(text, zone))
        before = set(Send.objects.values_list("pk", flat=True))
        wake.tick()
        self._advance()
        made = Send.objects.exclude(pk__in=before).first()
        return sorted(self._sent(made.mailing)) if made else []

    def _advance(self) -> None:
        for run in self.workflow.runs.filter(state=RunState.RUNNING):
            advance(run.pk)

    def _sent(self, mailing: Any) -> list[str]:
        prepare(mailing.pk)
        mailing.refresh_from_db()
        self._advance()  # a mailing that would text nobody is over
        mailing.refresh_from_db()
        if mailing.status == "cancelled":
            return []
        send_all(mailings.confirm(mailing, self.by))
        self._advance()
        assert not self.workflow.runs.filter(state=RunState.RUNNING).exists()
        texts = Message.objects.filter(mailing=mailing, status__in=ACCEPTED)
        return list(Contact.objects.filter(id__in=texts.values("contact")).values_list("first_name", flat=True))
