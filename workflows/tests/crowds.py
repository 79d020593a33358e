"""Generated people with ids on both sides of a block's border, for properties of steps."""

from collections.abc import Sequence
from itertools import count
from typing import Any

from contacts.models import Contact
from workflows.models.people import BLOCK

_blocks = count(2_500)  # far beyond the ids that the database gives


def crowd(people: Sequence[dict[str, Any]]) -> list[Contact]:
    """These people, in the order of their ids, half of them on either side of a border."""
    first = next(_blocks) * BLOCK - len(people) // 2
    made = Contact.objects.bulk_create(Contact(pk=first + place, **facts) for place, facts in enumerate(people))
    return [*Contact.objects.filter(pk__in=[one.pk for one in made]).order_by("pk")]
