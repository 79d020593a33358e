"""Smart groups for tests: made, refreshed, looked into."""

from contacts.models import Group
from contacts.services import smart_groups
from contacts.smart import refresh

FRENCH = {"all": [{"q": "language", "test": "is", "value": ["fr"]}]}
State = Group.State


def smart(tree=FRENCH, **names):
    """A smart group, not refreshed yet."""
    return smart_groups.save(None, tree=tree, **({"name": f"Smart {Group.objects.count()}"} | names))


def member_of(*ids):
    """Rules that ask for groups."""
    return {"all": [{"q": "group", "test": "any", "value": list(ids)}]}


def members(group):
    """Ids of its members."""
    return set(group.memberships.values_list("contact_id", flat=True))


def refreshed(group):
    """The members once it was refreshed."""
    refresh.refresh(group.pk)
    group.refresh_from_db()
    return members(group)


def states(group):
    """Its state now."""
    return Group.objects.get(pk=group.pk).state
