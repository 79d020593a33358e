"""Many people into a group or out of it, or to a tag, in the background: all or nothing, done once however often it is tried."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import OperationalError, transaction
from django.http import QueryDict
from django.utils import timezone, translation

from contacts import selection, tasks
from contacts.models import Group, PeopleChange
from contacts.models.contact import ContactQuerySet
from contacts.services import groups, tags
from contacts.services.errors import ContactsError
from contacts.smart.counting import Counted
from contacts.smart.patience import TookTooLong, large_sets, patience
from smsapp.common.models import Organisation
from smsapp.common.ring import ring
from smsapp.common.sentences import Sentence, as_json, of
from smsapp.common.sentences import say as _

if TYPE_CHECKING:
    from smsapp.accounts.models import User

log = logging.getLogger(__name__)
State = PeopleChange.State
MOST_AT_ONCE = 5_000  # people whom a request may move itself; more take seconds
LONGEST = timedelta(minutes=10)
SHOWN = timedelta(minutes=30)  # how long a group's page tells of a change that is done


def are_many(counted: Counted) -> bool:
    """Too many for one request."""
    return counted.n is None or counted.more or counted.n > MOST_AT_ONCE


def start(pairs: Sequence[tuple[str, str]], *, author: "User", adding: bool, group: Group | None = None, tag: str = "") -> PeopleChange:
    """Let a worker change all whom the selection finds: into the group or out of it, or the tag given or taken."""
    change = PeopleChange.objects.create(group=group, tag=tag, selection=[list(pair) for pair in pairs], author=author, adding=adding)
    ring(tasks.change_people, change.pk)
    return change


def work(change_id: int) -> None:
    """Do one change; nothing when it is done or somebody does it."""
    PeopleChange.objects.filter(id=change_id, state=State.WAITING).update(state=State.RUNNING, updated_at=timezone.now())
    with translation.override(Organisation.current().language):
        try:
            _work(change_id)
        except TookTooLong:
            _fail(change_id, _("It took longer than %(most)s minutes. Choose fewer people at a time.") % {"most": LONGEST // timedelta(minutes=1)})
        except ContactsError as problem:
            _fail(change_id, of(problem.message))
        except OperationalError:
            raise  # the database went away: the tick tries again
        except Exception:
            log.exception("change of many people broke", extra={"change": change_id})
            _fail(change_id, _("It met a fault of the console; nothing was changed. The log of the worker has the details."))


def work_on_open() -> None:
    """Take up changes whose bell or worker was lost."""
    for change_id in PeopleChange.objects.filter(state__in=[State.WAITING, State.RUNNING]).order_by("id").values_list("id", flat=True):
        work(change_id)


@transaction.atomic
def _work(change_id: int) -> None:
    change = PeopleChange.objects.select_for_update(skip_locked=True, of=("self",)).filter(id=change_id, state=State.RUNNING).first()
    if change is None:
        return
    with patience(LONGEST), large_sets():
        change.moved, change.full = _tag(change) if change.group is None else (_move(change, change.group), 0)
    change.state = State.FINISHED
    change.save(update_fields=["moved", "full", "state", "updated_at"])


def _move(change: PeopleChange, group: Group) -> int:
    return (groups.add_members if change.adding else groups.remove_members)(group, _chosen(change), author=change.author)


def _tag(change: PeopleChange) -> tuple[int, int]:
    if change.adding:
        return tags.add(_chosen(change), change.tag, author=change.author)
    return tags.remove(_chosen(change), change.tag, author=change.author), 0


def _chosen(change: PeopleChange) -> ContactQuerySet:
    """Those whom the author's selection finds now, as far as the author may see them."""
    data = QueryDict(mutable=True)
    for name, value in change.selection:
        data.appendlist(name, value)
    if change.author is None:
        return selection.nobody()
    return selection.chosen(data, change.author)


def _fail(change_id: int, words: Sentence) -> None:
    told = {"problem": words[:300], "problem_in": as_json(words)}
    PeopleChange.objects.filter(id=change_id).update(state=State.FAILED, updated_at=timezone.now(), **told)


def latest(group: Group) -> PeopleChange | None:
    """What the group's page tells of: a change under way, or one that ended a while ago."""
    change = PeopleChange.objects.filter(group=group).order_by("-id").first()
    return change if change and (change.is_open or change.updated_at > timezone.now() - SHOWN) else None
