"""What people do with a thread: read, answer, note, assign, finish it, and decide whether a text means stop.

Each holds the thread's row first, as whoever keeps a received text does, so that neither overwrites what the other wrote.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from campaigns.models import Conversation, ConversationNote, InboundMessage, Message
from campaigns.services import lone_texts, quick_send, reviews
from campaigns.services.errors import CampaignError
from campaigns.services.replies import SNIPPET
from campaigns.texts import Texts
from providers.models import Provider
from smsapp.common.models import Organisation

RIGHT = "campaigns.change_conversation"
REPLY_RIGHT = "campaigns.add_message"


def _held(thread: Conversation) -> Conversation:
    return Conversation.objects.select_for_update(of=("self",)).select_related("contact", "assigned_to").get(pk=thread.pk)


@transaction.atomic
def read(thread: Conversation, upto: int) -> None:
    """Everything up to this received text was seen; what came after it stays unread."""
    row = _held(thread)
    later = InboundMessage.objects.filter(number=row.number, id__gt=upto)[: row.unread].count() if row.unread else 0
    _save(row, unread=min(row.unread, later))


@transaction.atomic
def unread(thread: Conversation) -> None:
    """To be looked at again."""
    _save(_held(thread), unread=max(thread.unread, 1), state=Conversation.State.OPEN)


@transaction.atomic
def reply(
    thread: Conversation, *, by: Any, provider: Provider, sender: str, text: str, key: str, template: Any = None, most_segments: int
) -> list[Message]:
    """Queue an answer, once for each key. Whoever answers a thread of nobody's takes it. Raises CampaignError with a sentence."""
    row = _held(thread)
    facts = {"author": by, "provider": provider, "sender": sender, "subject": _subject(), "key": key, "template": template, "most_segments": most_segments}
    if person := row.person:
        sent = quick_send.queue(texts=Texts(text), recipients=[(person.pk, row.number)], **facts)
    else:
        sent = lone_texts.queue(texts=Texts(text), number=row.number, **facts)
    _save(
        row, last_at=timezone.now(), last_text=" ".join(sent[0].text.split())[:SNIPPET], last_is_ours=True, unread=0, state=Conversation.State.OPEN,
        assigned_to=row.assigned_to or by,
    )  # fmt: skip
    return sent


def _subject() -> str:
    """What an answer is called in the history, in the organisation's language."""
    with translation.override(Organisation.current().language):
        return _("Reply")


def note(thread: Conversation, text: str, by: Any) -> ConversationNote:
    """Something that only staff read."""
    return ConversationNote.objects.create(conversation=thread, text=text, author=by)


@transaction.atomic
def assign(thread: Conversation, to: Any) -> None:
    """Give it to somebody, or to nobody (None)."""
    _save(_held(thread), assigned_to=to)


def assignable() -> QuerySet[Any]:
    """People who can look after a thread."""
    found = get_user_model().objects.with_perm(RIGHT, backend="django.contrib.auth.backends.ModelBackend")
    return found.filter(is_active=True).order_by("first_name", "last_name", "username")


@transaction.atomic
def finish(thread: Conversation) -> None:
    """Done, until they write again. Raises CampaignError while a text waits for a decision."""
    row = _held(thread)
    if row.needs_review:
        raise CampaignError("in_review", _("A text here may mean stop. Decide about it first, then this can be done."))
    _save(row, state=Conversation.State.DONE, unread=0)


@transaction.atomic
def reopen(thread: Conversation) -> None:
    """Open again."""
    _save(_held(thread), state=Conversation.State.OPEN)


@transaction.atomic
def decide(thread: Conversation, text: InboundMessage, *, stop: bool, by: Any) -> None:
    """Say what a text means; what follows is as if a keyword had said it. A thread that ends with a stop is done."""
    reviews.decide(text, stop=stop, by=by)
    row = _held(thread)
    _save(row, unread=0, state=Conversation.State.DONE if stop and not row.needs_review else row.state)


def _save(row: Conversation, **values: Any) -> None:
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=list(values))
