"""A failure as a person reads it wherever one is shown: what it is, what to do, whether it costs, whether sending again helps."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns import wording
from campaigns.statuses import MessageStatus
from providers import failures

FAILED = (MessageStatus.FAILED, MessageStatus.UNDELIVERED)  # those that a person may send once more
STAGES = tuple(status.name.lower() for status in FAILED)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why texts failed, in words. `helps`: the same text may arrive at a second try."""

    reason: str
    label: Any
    advice: Any
    charged: Any
    helps: bool
    hard: bool  # its number was blocked

    @property
    def again(self) -> Any:
        """Whether it is worth sending again."""
        if self.hard:
            return _("Sending it again does not help: the number gets no more texts")
        return _("Sending it again may help") if self.helps else _("Sending it again hardly helps before that is mended")


def of(reason: str, stage: str) -> Trouble:
    """A neutral category, or one of our own reasons, of a text that failed or was not delivered."""
    known = failures.FAILURES.get(reason)
    return Trouble(
        reason=reason,
        label=wording.reason(reason, stage) if reason else wording.STAGES[stage].label,
        advice=wording.advice(reason, stage),
        charged=_("Usually charged") if (known and known.charged) or stage == "undelivered" else _("Usually not charged"),
        helps=bool(known and known.retry_helps),
        hard=bool(known and (known.hard or known.code == failures.OPTED_OUT)),
    )
