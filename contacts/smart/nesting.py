"""Smart groups that read other groups: who reads whom, in what order they are refreshed, and no circles."""

from collections.abc import Iterable, Iterator
from typing import Any

from contacts.models import Group
from contacts.smart.criteria import Catalogue, Question
from contacts.smart.questions.groups import GROUP


def reads(tree: Any, catalogue: Catalogue | None = None, *, what: str = GROUP) -> set[int]:
    """Ids of the groups (or of another kind of row) that stored rules read, also rules that cannot be used any longer."""
    return set(_ids(tree, catalogue or Catalogue(), what))


def groups_that_read(what: str, id_: int) -> list[Group]:
    """Smart groups whose rules name this row."""
    catalogue = Catalogue()
    return [group for group in Group.objects.filter(kind=Group.Kind.SMART).order_by("name") if id_ in reads(group.rules, catalogue, what=what)]


def questions(tree: Any, catalogue: Catalogue) -> Iterator[Question]:
    """What stored rules ask, as far as it can still be asked."""
    parts = tree if isinstance(tree, list) else list(tree.values()) if isinstance(tree, dict) and "q" not in tree else []
    for part in parts:
        yield from questions(part, catalogue)
    if isinstance(tree, dict) and (question := catalogue.get(tree.get("q"))):
        yield question


def _ids(node: Any, catalogue: Catalogue, what: str) -> Iterator[int]:
    if isinstance(node, list):
        for part in node:
            yield from _ids(part, catalogue, what)
    elif isinstance(node, dict) and "q" in node:
        question = catalogue.get(node["q"])
        comparison = question.comparison(node.get("test")) if question else None
        if comparison and comparison.value.refers_to == what:
            yield from comparison.value.ids(node.get("value"))
    elif isinstance(node, dict):
        for part in node.values():
            yield from _ids(part, catalogue, what)


class Nesting:
    """All smart groups and what they read; one query, few rows."""

    def __init__(self) -> None:
        catalogue = Catalogue()
        self.groups = {group.pk: group for group in Group.objects.filter(kind=Group.Kind.SMART).order_by("name")}
        self._reads = {group.pk: reads(group.rules, catalogue) for group in self.groups.values()}

    def in_order(self, group_ids: Iterable[int]) -> list[Group]:
        """The smart ones among the groups with all that they read, those that are read first."""
        done: dict[int, Group] = {}
        under_way: set[int] = set()

        def visit(id_: int) -> None:
            if id_ not in self.groups or id_ in done or id_ in under_way:
                return
            under_way.add(id_)
            for read in sorted(self._reads[id_]):
                visit(read)
            done[id_] = self.groups[id_]

        for id_ in group_ids:
            visit(id_)
        return list(done.values())

    def in_use(self) -> list[Group]:
        """Those that are not archived, with all that they read, in the same order."""
        return self.in_order(group.pk for group in self.groups.values() if not group.archived)

    def readers_of(self, group_id: int) -> list[Group]:
        """Smart groups whose rules read the group."""
        return [self.groups[id_] for id_, read in self._reads.items() if group_id in read]

    def all_readers_of(self, group_id: int) -> list[Group]:
        """Smart groups whose rules lead to the group, by way of others too."""
        found: dict[int, Group] = {}
        ways = [group_id]
        while ways:
            fresh = {reader.pk: reader for reader in self.readers_of(ways.pop()) if reader.pk not in found and reader.pk != group_id}
            found |= fresh
            ways += fresh
        return list(found.values())

    def circle(self, group_id: int, reading: set[int]) -> list[str]:
        """Names along the way that leads from what the group shall read back to the group; empty when none does."""
        ways = [[id_] for id_ in sorted(reading)]
        seen: set[int] = set()
        while ways:
            way = ways.pop()
            if way[-1] == group_id:
                return [self.groups[id_].name for id_ in way if id_ in self.groups]
            if way[-1] not in seen:
                seen.add(way[-1])
                ways += [[*way, read] for read in sorted(self._reads.get(way[-1], ()))]
        return []
