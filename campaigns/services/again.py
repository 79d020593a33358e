"""Send a text once more, because a person wants it: a new message that is linked to the old one, judged like any text.

The old one stays what it is. Of an unknown one a report may still tell what became of it; it waits for nobody any more.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection
from django.utils import timezone

from campaigns.models import Chunk, Kind, Mailing, Message, UnknownText
from campaigns.pipeline.dispatch import ASK_THE_NUMBER, why_not_now
from campaigns.pipeline.message_rows import place
from campaigns.pipeline.number_rules import NumberRules
from campaigns.pipeline.record import RECORD
from campaigns.services import bells, routes, transitions
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from providers.models import Provider

FEW = 50  # texts up to which a person waits for them: they go before mailings
ONCE_MORE = "again:"  # beginning of the idempotency key: each text is sent again once, whoever asks
OPEN_MAILINGS = (MailingStatus.SENDING, MailingStatus.PAUSED, MailingStatus.FINISHED)
SAME = (
    "mailing_id", "contact_id", "routing_id", "template_id", "template_version", "kind", "number", "sender", "subject", "text", "encoding", "segments",
)  # fmt: skip

Done = list[tuple[Message, dict[str, Any]]]


def with_their_own(messages: Iterable[Message]) -> list[Message]:
    """The messages with their mailings and providers, each of which is read once, however many texts it has.

    Providers and senders are those of the text that would be sent once more: the rules lead it anew. Nothing is saved.
    """
    found = list(messages)
    mailings = Mailing.objects.defer("plan", "planned").in_bulk({message.mailing_id for message in found if message.mailing_id})
    providers = Provider.objects.in_bulk({message.provider_id for message in found if message.provider_id})
    for message in found:
        message.mailing = mailings.get(message.mailing_id) if message.mailing_id else None
        message.provider = providers.get(message.provider_id) if message.provider_id else None
    for kind in sorted({message.kind for message in found}):
        routes.lead([message for message in found if message.kind == kind])
    return found


def refusals(messages: Iterable[Message]) -> dict[int, str]:
    """Why some of these texts cannot be sent again at this moment: message id → reason; the others are absent."""
    found: dict[int, str] = {}
    for group in _groups(messages).values():
        first = group[0]
        if reason := of_all(first):
            found.update({message.pk: reason for message in group})
            continue
        rules = NumberRules.of(first.provider)  # type: ignore[arg-type] # there is one: see of_all
        marketing = first.mailing is not None and first.mailing.kind == Kind.MARKETING
        judged = Message.objects.filter(id__in=[message.pk for message in group]).annotate(why_not=why_not_now(marketing=marketing, rules=rules))
        for pk, number, why_not in judged.values_list("id", "number", "why_not"):
            if reason := rules.refusal(number) if why_not == ASK_THE_NUMBER else why_not:
                found[pk] = reason
    return found


def _groups(messages: Iterable[Message]) -> dict[tuple[int | None, int | None, int], list[Message]]:
    """Texts that are judged and queued alike: of one mailing, through one provider."""
    found: dict[tuple[int | None, int | None, int], list[Message]] = {}
    for message in messages:
        found.setdefault((message.mailing_id, message.provider_id, message.kind), []).append(message)
    return found


def of_all(message: Message) -> str:
    """What keeps every text of a group from being sent again, whoever would get it."""
    if message.kind not in (Message.Kind.BULK, Message.Kind.ONE_OFF):
        return "not_repeated"
    if message.provider is None or not message.provider.active:
        return "provider_off"
    if message.mailing is not None and message.mailing.status not in OPEN_MAILINGS:
        return "mailing_over"
    return ""


def send(messages: Sequence[Message], by: Any, refused: Counter[str]) -> Done:
    """Queue them once more, inside the transaction that holds their rows; those that may not be sent are counted in `refused`."""
    why_not = refusals(messages)
    refused.update(why_not.values())
    done: Done = []
    for group in _groups(message for message in messages if message.pk not in why_not).values():
        copies = _queue(group, by)
        done += [(message, {"cause": message.reason, "new text": copy.pk}) for message, copy in zip(group, copies, strict=True)]
    UnknownText.objects.filter(message__in=[message.pk for message, _facts in done]).delete()
    return done


def _queue(group: Sequence[Message], by: Any) -> list[Message]:
    mailing, provider = group[0].mailing, group[0].provider
    assert provider is not None
    priority = Chunk.Priority.URGENT if mailing is None or len(group) <= FEW else Chunk.Priority.BULK
    state = ChunkState.HELD if mailing is not None and mailing.status == MailingStatus.PAUSED else ChunkState.READY
    copies = [_copy(message, by) for message in group]
    place(copies, mailing_id=group[0].mailing_id, priority=priority, state=state)
    Message.objects.bulk_create(copies)
    with connection.cursor() as cursor:
        if mailing is None:
            cursor.execute(RECORD, [[copy.pk for copy in copies]])
        else:
            tallies = transitions.Tallies()
            tallies.bring(mailing.pk, MessageStatus.OPEN, len(copies), sum(copy.segments for copy in copies))
            transitions.write_tallies(cursor, tallies)
    (bells.ring_urgent if priority == Chunk.Priority.URGENT else bells.ring_bulk)(provider.pk)
    return copies


def _copy(old: Message, by: Any) -> Message:
    """Through whom its message says: the rules have led it anew since."""
    facts = {name: getattr(old, name) for name in SAME}
    return Message(**facts, provider=old.provider, author=by, again_of=old.pk, idempotency_key=f"{ONCE_MORE}{old.pk}", created_at=timezone.now())


def copy_of(message: Message) -> Message | None:
    """The text with which this one was sent again."""
    return Message.objects.filter(idempotency_key=f"{ONCE_MORE}{message.pk}").first()


def with_copies(ids: Iterable[int]) -> set[int]:
    """Which of these texts were sent again."""
    keys = {f"{ONCE_MORE}{pk}": pk for pk in ids}
    return {keys[key] for key in Message.objects.filter(idempotency_key__in=list(keys)).values_list("idempotency_key", flat=True) if key}
