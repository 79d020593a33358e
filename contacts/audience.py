"""The contacts that a mailing chooses: included minus excluded, before eligibility."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from contacts.models import Contact, Membership
from contacts.models.contact import ContactQuerySet

Ids = QuerySet[Any, Any]  # a query of one column: ids of contacts


@dataclass(frozen=True, slots=True)
class Audience:
    """Groups by their ids, and people as queries of contact ids (an upper app's, such as the recipients of a mailing); exclude wins.

    Somebody who was merged is nobody's choice: who they became is.
    """

    include: Sequence[int] = ()
    exclude: Sequence[int] = ()
    include_people: Sequence[Ids] = ()
    exclude_people: Sequence[Ids] = ()

    def contacts(self) -> ContactQuerySet:
        """Each chosen contact once.

        Set algebra on ids, for NOT IN goes through a long list once per person and joins cannot be planned over several tables.
        """
        return _themselves(self._included().difference(self._excluded()) if self._excludes else self._included())

    def taken_out(self) -> ContactQuerySet:
        """Included contacts whom the other side takes out again."""
        return _themselves(self._included().intersection(self._excluded())) if self._excludes else Contact.objects.none()

    def count_taken_out(self) -> int:
        """How many they are. Members of groups are living people, so ids say it; both sides' recipients may have been merged or erased since."""
        if not self._excludes:
            return 0
        if self.include_people and self.exclude_people:
            return self.taken_out().count()
        return self._included().intersection(self._excluded()).count()

    @property
    def _excludes(self) -> bool:
        return bool(self.exclude or self.exclude_people)

    def _included(self) -> Ids:
        return _ids(self.include, self.include_people)

    def _excluded(self) -> Ids:
        return _ids(self.exclude, self.exclude_people)


def _ids(groups: Sequence[int], people: Sequence[Ids]) -> Ids:
    members = Membership.objects.filter(group_id__in=list(groups)).values("contact_id")
    return members.union(*people, all=True) if people else members


def _themselves(ids: Ids) -> ContactQuerySet:
    return Contact.objects.filter(id__in=ids, merged_into__isnull=True)
