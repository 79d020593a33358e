"""Where the made-up people agreed, and who of them took it back."""

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils import timezone

from contacts.models import Contact
from contacts.services import consent

CARD = "Yes, I would like news of concerts and classes by text. I can stop them at any time by answering STOP."
CARTE = "Oui, je souhaite recevoir par SMS les nouvelles des concerts et des cours. Je peux les arrêter à tout moment en répondant STOP."
AGREED = 0.4


def make_consents(*, seed: int = 7) -> None:
    """Entries of the ledger that fit the contacts' flags, with their lines on the timeline."""
    dice, joined = random.Random(seed), timezone.now() - timedelta(days=400)
    consent.record_many([entry for contact in Contact.objects.order_by("id") for entry in _entries(dice, contact, joined)])


def _entries(dice: random.Random, contact: Contact, joined: datetime) -> Iterator[consent.Entry]:
    number = contact.sms_number or ""
    said = joined + timedelta(days=dice.randint(0, 40), minutes=dice.randint(0, 600))
    if contact.opted_out or dice.random() < AGREED:
        wording = CARTE if contact.language == "fr" else CARD
        yield consent.Entry(contact.pk, "opt_in", "form", number=number, own_act=True, wording=wording, details="Membership card", at=said)
    if contact.opted_out:
        later = said + timedelta(days=dice.randint(20, 300))
        yield consent.Entry(contact.pk, "opt_out", "reply", number=number, own_act=True, wording="Please stop", at=later)
    if contact.do_not_sms:
        yield consent.Entry(contact.pk, "opt_out", "staff", "all", number=number, own_act=True, details="on the phone", at=said)
