"""States of mailings, chunks and messages, and the moves between them that are allowed."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _


class MailingStatus(TextChoices):
    """Where a mailing is; archived is a flag, not a state."""

    DRAFT = "draft", _("Draft")
    PREPARING = "preparing", _("Preparing")
    READY = "ready", _("Ready")
    SCHEDULED = "scheduled", _("Scheduled")
    SENDING = "sending", _("Sending")
    PAUSED = "paused", _("Paused")
    FINISHED = "finished", _("Finished")
    CANCELLED = "cancelled", _("Cancelled")
    ERROR = "error", _("Error")


class MessageStatus(IntegerChoices):
    """What is stored of a message. OPEN is prepared, queued or sending: mailing and chunk say which (see Stage)."""

    OPEN = 0, _("Queued")
    SENT = 10, _("Sent")
    DELIVERED = 11, _("Delivered")
    UNDELIVERED = 12, _("Undelivered")
    FAILED = 20, _("Failed")
    UNKNOWN = 30, _("Unknown")
    SKIPPED = 40, _("Skipped")
    CANCELLED = 50, _("Cancelled")


class ChunkState(IntegerChoices):
    """Where a chunk is: HELD waits for a person, READY for its time and a worker, CLAIMED is under a lease."""

    HELD = 0, _("Held")
    READY = 1, _("Ready")
    CLAIMED = 2, _("Claimed")
    DONE = 3, _("Done")
    CANCELLED = 4, _("Cancelled")


DRAFTS = (MailingStatus.DRAFT, MailingStatus.PREPARING, MailingStatus.READY, MailingStatus.ERROR)
NOT_BEGUN = (*DRAFTS, MailingStatus.SCHEDULED)  # nothing of it has left
LAUNCHED = (MailingStatus.SCHEDULED, MailingStatus.SENDING, MailingStatus.PAUSED, MailingStatus.FINISHED, MailingStatus.CANCELLED)

_M = MailingStatus
MAILING_MOVES: dict[MailingStatus, frozenset[MailingStatus]] = {
    _M.DRAFT: frozenset({_M.PREPARING}),
    _M.PREPARING: frozenset({_M.READY, _M.DRAFT, _M.ERROR}),
    _M.READY: frozenset({_M.DRAFT, _M.SCHEDULED, _M.SENDING, _M.CANCELLED}),
    _M.SCHEDULED: frozenset({_M.SENDING, _M.PREPARING, _M.PAUSED, _M.DRAFT, _M.CANCELLED}),
    _M.SENDING: frozenset({_M.PAUSED, _M.FINISHED, _M.CANCELLED}),
    _M.PAUSED: frozenset({_M.SENDING, _M.SCHEDULED, _M.CANCELLED}),
    _M.FINISHED: frozenset(),
    _M.CANCELLED: frozenset(),
    _M.ERROR: frozenset({_M.DRAFT}),
}

_S = MessageStatus
MESSAGE_MOVES: dict[MessageStatus, frozenset[MessageStatus]] = {
    _S.OPEN: frozenset({_S.SENT, _S.FAILED, _S.UNKNOWN, _S.SKIPPED, _S.CANCELLED}),
    _S.SENT: frozenset({_S.DELIVERED, _S.UNDELIVERED}),
    _S.UNDELIVERED: frozenset({_S.DELIVERED}),
    _S.UNKNOWN: frozenset({_S.SENT, _S.DELIVERED, _S.UNDELIVERED, _S.FAILED}),
    _S.DELIVERED: frozenset(),
    _S.FAILED: frozenset(),
    _S.SKIPPED: frozenset(),
    _S.CANCELLED: frozenset(),
}


NEVER_LEFT = (MessageStatus.FAILED, MessageStatus.SKIPPED, MessageStatus.CANCELLED)  # for good
ACCEPTED = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.UNDELIVERED, MessageStatus.UNKNOWN)  # by a gateway, or it may have


def sources(target: MessageStatus) -> list[int]:
    """Stored statuses from which a message may move to `target`."""
    return [start.value for start, ends in MESSAGE_MOVES.items() if target in ends]
