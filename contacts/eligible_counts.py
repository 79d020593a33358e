"""How many of some people may be texted, and how many each reason leaves out."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, QuerySet, SmallIntegerField, Value, When

from contacts import one_pass
from contacts.eligibility import Reason, reasons
from contacts.models import Contact

# Places instead of codes, digits instead of numbers: whole numbers are told apart and sorted several times faster than texts.
WILLING = ("count(*) FILTER (WHERE verdict IS NULL)", "count(DISTINCT sms_digits) FILTER (WHERE verdict IS NULL)")


@dataclass(frozen=True, slots=True)
class EligibleCount:
    """People who may be texted, how many numbers these have together, and those left out, by the code of the reason."""

    willing: int
    numbers: int
    left_out: dict[str, int]


def count(contacts: QuerySet[Contact], *, marketing: bool, extra: Sequence[Reason] = ()) -> EligibleCount:
    """The same verdicts as `eligibility.judge` gives, counted."""
    listed = reasons(marketing=marketing, extra=extra)
    verdict = Case(*[When(condition, then=Value(place)) for place, (_code, condition) in enumerate(listed)], output_field=SmallIntegerField(null=True))
    judged = contacts.annotate(verdict=verdict).values("verdict", "sms_digits")
    each = [f"count(*) FILTER (WHERE verdict = {place})" for place in range(len(listed))]
    willing, numbers, *people = one_pass.figures(judged, *WILLING, *each)
    return EligibleCount(willing, numbers, {code: n for (code, _condition), n in zip(listed, people, strict=True) if n})
