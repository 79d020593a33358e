"""The contacts that a mailing chooses: included minus excluded, before eligibility."""

from collections.abc import Sequence
from dataclasses import dataclass

from contacts.models import Contact, Membership
from contacts.models.contact import ContactQuerySet


@dataclass(frozen=True, slots=True)
class Audience:
    """Ids of the groups on both sides; exclude wins."""

    include: Sequence[int]
    exclude: Sequence[int] = ()

    def contacts(self) -> ContactQuerySet:
        """Each chosen contact once."""
        chosen = Contact.objects.in_groups(list(self.include))
        if not self.exclude:
            return chosen
        return chosen.exclude(id__in=Membership.objects.filter(group_id__in=self.exclude).values("contact_id"))
