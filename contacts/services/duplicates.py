"""What people decide about possible duplicates: look again, these are two people, this find says nothing."""

from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import tasks
from contacts.duplicates.everywhere import MOST_KEPT
from contacts.models import Contact, Duplicate, NotDuplicate
from contacts.models.duplicate import DuplicateLook
from contacts.services.errors import ContactsError
from smsapp.common.ring import ring

if TYPE_CHECKING:
    from smsapp.accounts.models import User

MOST_APART = 20  # people told apart at once: 190 pairs
State = DuplicateLook.State


def look_again() -> bool:
    """Look over all contacts in the background; False when a look is under way already."""
    DuplicateLook.current()
    asked = DuplicateLook.objects.filter(id=1, state__in=[State.FINISHED, State.FAILED]).update(state=State.WAITING, step=0)
    ring(tasks.look_for_duplicates)
    return bool(asked)


@transaction.atomic
def tell_apart(contact_ids: Sequence[int], *, author: "User | None" = None) -> int:
    """Note that these are all different people, so that nobody is asked again; how many pairs are new."""
    people = sorted(set(Contact.objects.active().filter(id__in=contact_ids).values_list("id", flat=True)))
    if len(people) < 2:
        raise ContactsError("too_few", _("Choose at least two contacts to tell apart."))
    if len(people) > MOST_APART:
        raise ContactsError("too_many", _("Choose at most 20 contacts to tell apart at once."))
    before = NotDuplicate.objects.filter(first__in=people, second__in=people).count()
    pairs = list(combinations(people, 2))
    NotDuplicate.objects.bulk_create([NotDuplicate(first_id=one, second_id=other, author=author) for one, other in pairs], ignore_conflicts=True)
    _settle(people)
    return len(pairs) - before


def reconsider(one: int, other: int) -> bool:
    """Take back that two contacts are two people; the next look finds them again."""
    first, second = sorted((one, other))
    gone, _rows = NotDuplicate.objects.filter(first=first, second=second).delete()
    return bool(gone)


def set_aside(duplicate: Duplicate, *, aside: bool, author: "User | None" = None) -> None:
    """Hide a find that says nothing (a shared line, a common name), or bring it back."""
    facts = {"set_aside_at": timezone.now(), "set_aside_by": author} if aside else {"set_aside_at": None, "set_aside_by": None}
    Duplicate.objects.filter(pk=duplicate.pk).update(**facts)


def _settle(people: Sequence[int]) -> None:
    """Bring the finds about these people up to date, as the next look would."""
    for find in Duplicate.objects.about(list(people)).filter(size__lte=MOST_KEPT).order_by("id").select_for_update():
        pairs = NotDuplicate.objects.filter(first__in=find.contacts, second__in=find.contacts).values_list("first_id", "second_id")
        told = Counter(id_ for pair in pairs for id_ in pair)
        _keep(find, [id_ for id_ in find.contacts if told[id_] < len(find.contacts) - 1])


def _keep(find: Duplicate, ids: Sequence[int]) -> None:
    find.size -= len(find.contacts) - len(ids)
    find.contacts = list(ids)
    if find.size < 2 or len(ids) < 2:
        find.delete()
    else:
        find.save(update_fields=["contacts", "size"])


def forget_merged(winner_id: int, loser_ids: Sequence[int]) -> None:
    """After a merge: told apart from a loser is told apart from the winner; finds name the winner instead."""
    losers = set(loser_ids)
    for pair in NotDuplicate.objects.filter(first__in=losers) | NotDuplicate.objects.filter(second__in=losers):
        other = pair.second_id if pair.first_id in losers else pair.first_id
        if other not in losers and other != winner_id:
            first, second = sorted((winner_id, other))
            NotDuplicate.objects.get_or_create(first_id=first, second_id=second, defaults={"author_id": pair.author_id})
        pair.delete()
    for find in Duplicate.objects.about(list(losers)).order_by("id").select_for_update():
        _keep(find, sorted({winner_id if id_ in losers else id_ for id_ in find.contacts}))
