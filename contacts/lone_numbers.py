"""Whether numbers may be texted for themselves, whoever has them: for texts to nobody in particular, such as tests."""

from collections.abc import Iterable

from contacts.models import Quarantine, Suppression
from contacts.services.numbers import Policy
from smsapp.common import phone


def refusals(numbers: Iterable[str]) -> dict[str, str]:
    """Reasons (codes of contacts.eligibility.LABELS) against texting E.164 numbers; those that may be texted are absent."""
    wanted, policy, found = list(numbers), Policy.chosen(), dict[str, str]()
    for model, code in ((Quarantine, "quarantined"), (Suppression, "suppressed")):
        found |= dict.fromkeys(model.objects.filter(number__in=wanted, ended_at__isnull=True).values_list("number", flat=True), code)
    for number in wanted:
        if number not in found and not policy.allows(number, phone.kind_of(number), phone.facts_of(number).line):
            found[number] = "not_mobile"
    return found
