"""Numbers of made-up people that get no text: two stopped, one was blocked by staff, one belongs to nobody any more."""

from datetime import timedelta

from django.utils import timezone

from contacts.models import Contact, Quarantine, Suppression
from contacts.services import suppressions
from smsapp.accounts.models import User


def make_blocks(marketer: User, administrator: User) -> None:
    """Entries of both registers since some days, one of them ended."""
    free = Contact.objects.filter(reach=Contact.Reach.MOBILE).exclude(sms_number__in=Quarantine.objects.values("number"))
    numbers = list(free.order_by("-id").values_list("sms_number", flat=True)[:5])
    if len(numbers) < 5:
        return
    for number in numbers[:2]:
        suppressions.suppress(str(number), note="", author=None, reason=Suppression.Reason.STOP)
    suppressions.suppress(str(numbers[2]), note="asked for it on the phone", author=marketer)
    mistaken, _new = suppressions.suppress(str(numbers[3]), note="asked for it by e-mail", author=marketer)
    suppressions.lift(mistaken, because="it was about another number", author=administrator)
    suppressions.quarantine(str(numbers[4]), because="invalid_number", author=None)
    for model in (Suppression, Quarantine):
        model._default_manager.update(since=timezone.now() - timedelta(days=9))
