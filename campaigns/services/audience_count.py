"""How many people an audience has, how many of them may be texted, and who takes the others out: the live count of step 1."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone

from campaigns.audience import Choice, Part, key_of
from contacts import eligibility, eligible_counts
from contacts.eligibility import Reason


@dataclass(frozen=True, slots=True)
class AudienceCount:
    """Chosen people, eligible ones, those left out by reason, and those whom each excluded part takes out before: (part, people)."""

    chosen: int
    eligible: int
    reasons: dict[str, int] = field(default_factory=dict)
    taken_out: list[tuple[Part, int]] = field(default_factory=list)
    at: datetime = field(default_factory=timezone.now)

    @property
    def left_out(self) -> int:
        """Chosen people who get no text."""
        return self.chosen - self.eligible


def count(choice: Choice, *, excluded: Sequence[Part] = (), rules: Sequence[Reason] = (), marketing: bool = True) -> AudienceCount:
    """Count an audience by reason, as the preparation would: a number that several people have is texted once. `rules` are the provider's."""
    found = eligible_counts.count(choice.audience().contacts(), marketing=marketing, extra=rules)
    reasons = found.left_out
    if found.willing > found.numbers:
        reasons = {**reasons, "duplicate_number": found.willing - found.numbers}
    taken_out = [(part, choice.taken_out_by(key_of(part)).audience().count_taken_out()) for part in excluded]
    return AudienceCount(sum(reasons.values()) + found.numbers, found.numbers, eligibility.by_volume(reasons), taken_out)
