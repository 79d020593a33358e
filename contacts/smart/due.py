"""Smart groups whose members are out of date because those of a group that their rules ask for have changed."""

from contacts import tasks
from contacts.models import Group
from contacts.smart.nesting import Nesting
from smsapp.common.ring import ring

State = Group.State


def members_changed(group_id: int) -> None:
    """Let all that ask for the group, however deep, say so and be refreshed. One whose refresh failed goes on saying that."""
    readers = [group.pk for group in Nesting().all_readers_of(group_id)]
    if readers and Group.objects.filter(id__in=readers).exclude(state=State.FAILED).update(state=State.WAITING):
        ring(tasks.refresh_due_groups)
