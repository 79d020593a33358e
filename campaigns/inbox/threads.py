"""How a thread is read: what its number wrote, what went to the number, and notes of staff, in the order of time.

Received texts are found by their number (`inbound_thread`), texts to it by campaigns.sent_to, which looks at the histories of those who have the
number. The newest lines come first from the database and are shown oldest first; `before` is the time of the oldest line shown, for the page
before it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from campaigns import sent_to, wording
from campaigns.models import Conversation, ConversationNote, InboundMessage, Message
from campaigns.wording import State

PAGE = 50  # lines


@dataclass(frozen=True, slots=True)
class Line:
    """One line: exactly one of the three is there. `state` is that of a text of ours."""

    at: datetime
    inbound: InboundMessage | None = None
    message: Message | None = None
    note: ConversationNote | None = None
    state: State | None = None

    @property
    def text(self) -> str:
        """What it says."""
        line = self.inbound or self.message or self.note
        return line.text if line else ""

    @property
    def is_ours(self) -> bool:
        """Written on our side."""
        return self.inbound is None


def read(conversation: Conversation, *, before: datetime | None = None, most: int = PAGE) -> list[Line]:
    """The last lines of a thread, oldest first; four queries."""
    lines = [*_received(conversation, before, most), *_sent(conversation, before, most), *_notes(conversation, before, most)]
    return sorted(lines, key=lambda line: line.at)[-most:]


def _received(conversation: Conversation, before: datetime | None, most: int) -> Iterable[Line]:
    rows = InboundMessage.objects.filter(number=conversation.number).select_related("provider", "rule", "mailing", "reviewed_by").order_by("-id")
    if before:
        rows = rows.filter(received_at__lt=before)
    return (Line(row.received_at, inbound=row) for row in rows[:most])


def _sent(conversation: Conversation, before: datetime | None, most: int) -> Iterable[Line]:
    found = sent_to.newest(conversation.number, contact=conversation.contact_id, most=most, before=before)
    rows = Message.objects.with_stage().select_related("mailing", "provider", "author").filter(id__in=[text.id for text in found])
    messages, now = {row.pk: row for row in rows}, timezone.now()
    return (
        Line(text.at, message=row, state=wording.of_message(row.stage, row.sent_at, now)) for text in found if (row := messages.get(text.id))
    )  # fmt: skip


def _notes(conversation: Conversation, before: datetime | None, most: int) -> Iterable[Line]:
    rows = ConversationNote.objects.filter(conversation=conversation).select_related("author").order_by("-id")
    if before:
        rows = rows.filter(at__lt=before)
    return (Line(row.at, note=row) for row in rows[:most])
