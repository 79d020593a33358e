"""How many people an audience has, and how many of them may be texted: the live count of step 1."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import Count

from contacts import eligibility
from contacts.audience import Audience


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """Chosen people, eligible ones, and those left out by reason."""

    chosen: int
    eligible: int
    reasons: dict[str, int] = field(default_factory=dict)

    @property
    def left_out(self) -> int:
        """Chosen people who get no text."""
        return self.chosen - self.eligible


def count(include: Sequence[int], exclude: Sequence[int] = ()) -> AudienceCount:
    """Count an audience by reason; a number that two people share counts once, as in the mailing."""
    people = eligibility.judge(Audience(include, exclude).contacts(), marketing=True)
    rows = people.values_list("reason").annotate(people=Count("id"), numbers=Count("sms_number", distinct=True)).order_by("-people")
    by_reason = {reason: (n, numbers) for reason, n, numbers in rows}  # one look at everybody, for it is asked at every click
    willing, eligible = by_reason.pop(None, (0, 0))
    reasons = {str(reason): n for reason, (n, _numbers) in by_reason.items()}
    if willing > eligible:
        reasons["duplicate_number"] = reasons.get("duplicate_number", 0) + willing - eligible
    return AudienceCount(sum(reasons.values()) + eligible, eligible, reasons)
