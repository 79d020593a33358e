"""Custom fields and tags of the made-up people."""

import random
from datetime import date
from typing import Any

from contacts.models import Contact, CustomField
from contacts.services import tags

FIELDS: tuple[dict[str, Any], ...] = (
    {"key": "member_level", "label": "Membership", "type": "choice", "choices": ["Friend", "Member", "Patron"], "position": 10},
    {"key": "member_until", "label": "Member until", "type": "date", "position": 20},
    {"key": "visits", "label": "Visits this season", "type": "number", "position": 30},
    {"key": "wheelchair", "label": "Wheelchair place", "type": "yes_no", "position": 40},
)
TAGS = {"Early booker": 0.12, "Family": 0.2, "School": 0.04}


def make_fields(*, seed: int = 7) -> None:
    """Four fields with values for most people, and three tags."""
    dice = random.Random(seed)
    CustomField.objects.bulk_create([CustomField(**field) for field in FIELDS], ignore_conflicts=True)
    people = list(Contact.objects.order_by("id").only("id", "custom"))
    for person in people:
        person.custom = _values(dice)
    Contact.objects.bulk_update(people, ["custom"], batch_size=1_000)
    for tag, share in TAGS.items():
        tags.add(Contact.objects.filter(id__in=[person.pk for person in people if dice.random() < share]), tag)


def _values(dice: random.Random) -> dict[str, Any]:
    if dice.random() < 0.3:
        return {}
    values: dict[str, Any] = {"visits": dice.randint(0, 14)}
    if dice.random() < 0.6:
        values["member_level"] = dice.choice(["Friend", "Friend", "Member", "Member", "Patron"])
        values["member_until"] = date(2026 + dice.randint(0, 2), dice.randint(1, 12), 28).isoformat()
    if dice.random() < 0.03:
        values["wheelchair"] = True
    return values
