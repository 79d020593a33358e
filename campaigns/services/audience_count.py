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
    by_reason = dict(people.values_list("reason").annotate(n=Count("id")).order_by("-n"))
    willing = by_reason.pop(None, 0)
    numbers = people.filter(reason__isnull=True).aggregate(n=Count("sms_number", distinct=True))["n"] if willing else 0
    if willing > numbers:
        by_reason["duplicate_number"] = willing - numbers
    return AudienceCount(sum(by_reason.values()) + numbers, numbers, {str(reason): n for reason, n in by_reason.items()})
