"""Smart groups whose members may be others by now: something happened that their rules ask for. They say so and are refreshed."""

from collections.abc import Iterable

from contacts import tasks
from contacts.models import Activity, Group
from contacts.smart.criteria import Catalogue
from contacts.smart.nesting import Nesting, questions
from smsapp.common.ring import ring

State = Group.State
TEXTS = (Activity.Kind.SMS_SENT, Activity.Kind.SMS_RECEIVED, Activity.Kind.CALL)


def members_changed(group_id: int) -> None:
    """Of a group: all that ask for it, however deep."""
    _refresh(group.pk for group in Nesting().all_readers_of(group_id))


def contacts_came() -> None:
    """An import made or changed contacts: any rule may ask for what it brought."""
    _refresh(group.pk for group in Nesting().in_use())


def texts_left() -> None:
    """A mailing ended: all whose rules ask for texts, and those that ask for them."""
    nesting, catalogue = Nesting(), Catalogue()
    asking = [group.pk for group in nesting.in_use() if _asks_for_texts(group, catalogue)]
    _refresh({*asking, *(reader.pk for group_id in asking for reader in nesting.all_readers_of(group_id))})


def look(group: Group) -> None:
    """Somebody looks at a smart group: it is due if texts or calls that its rules may ask for are newer than its members."""
    if group.state != State.FRESH or group.archived or not group.tried_at or not _asks_for_texts(group, Catalogue()):
        return
    if Activity.objects.filter(kind__in=TEXTS, at__gt=group.tried_at).exists():
        group.state = State.WAITING
        _refresh([group.pk])


def _asks_for_texts(group: Group, catalogue: Catalogue) -> bool:
    return any(question.of_texts for question in questions(group.rules, catalogue))


def _refresh(group_ids: Iterable[int]) -> None:
    """One whose refresh failed goes on saying that."""
    found = Group.objects.filter(id__in=list(group_ids)).exclude(state=State.FAILED)
    if found.update(state=State.WAITING):
        ring(tasks.refresh_due_groups)
