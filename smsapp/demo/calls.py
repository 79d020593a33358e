"""Calls and notes on the histories of some made-up people."""

import random
from datetime import timedelta

from django.utils import timezone

from contacts import calls
from contacts.models import Activity, Contact
from smsapp.accounts.models import User

SHARE = 0.06
TALKS = (
    ("reached", 6, "Two tickets for the spring concert", "Collects them at the door."),
    ("reached", 12, "Renewal of the membership", "Will pay by transfer."),
    ("message", 1, "", "Left a message: the choir meets on Monday."),
    ("no_answer", None, "", ""),
)
NOTE = ("Prefers the evening", "Not before 18:00, works in shifts.")


def make_calls(author: User, *, seed: int = 7) -> None:
    """A call for some people, and a note for a few of them, from the last days."""
    dice, now = random.Random(seed), timezone.now()
    lines = []
    for contact in Contact.objects.exclude(sms_number=None).order_by("id"):
        if dice.random() > SHARE:
            continue
        outcome, minutes, subject, details = dice.choice(TALKS)
        facts = calls.facts(direction=dice.choice(["out", "out", "in"]), outcome=outcome, number=contact.sms_number or "", minutes=minutes)
        at = now - timedelta(minutes=dice.randint(30, 2_000))
        lines.append(Activity(contact=contact, kind="call", subject=subject, details=details, at=at, author=author, extra=facts))
        if dice.random() < 0.3:
            lines.append(Activity(contact=contact, kind="note", subject=NOTE[0], details=NOTE[1], at=at, author=author))
    Activity.objects.bulk_create(lines)
