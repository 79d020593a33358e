"""Groups and tags that rows name: found without regard to case; the real run makes those that do not exist yet."""

from collections.abc import Mapping, Sequence

from django.db.models.functions import Lower

from contacts import tags
from contacts.importing.faults import Fault
from contacts.importing.rows import Person
from contacts.models import Group, Tag
from contacts.services import tags as tag_service
from smsapp.common.sentences import say as _


class Named:
    """What names stand for; each is looked up once an import."""

    def __init__(self, columns: Mapping[str, str], everybody_gets: Sequence[str], everybody_joins: Sequence[int], *, dry_run: bool) -> None:
        self.columns, self.dry_run = columns, dry_run
        self.groups: dict[str, int] = {}  # case-folded name -> id, below zero for one that a dry run would make
        self.called = dict(Group.objects.filter(id__in=everybody_joins).values_list("id", "name"))  # id, as above -> name
        self.smart: dict[str, str] = {}  # case-folded names of smart groups, whose members their rules choose
        self.tags: dict[str, str] = {}  # case-folded -> the spelling in use
        self._learn_tags({tags.same(tag): tag for tag in everybody_gets})

    @property
    def group_ids(self) -> Sequence[int]:
        """All groups that were named so far."""
        return list(self.groups.values())

    def learn(self, persons: Sequence[Person]) -> list[Fault]:
        """Look up what these rows name; tells the groups that the import makes."""
        faults: list[Fault] = []
        if "groups" in self.columns:
            for person in persons:
                for name in person.groups:
                    if name.casefold() not in self.groups and name.casefold() not in self.smart:
                        faults += self._learn_group(name, person.row)
        self._learn_tags({tags.same(tag): tag for person in reversed(persons) for tag in reversed(person.tags or ())})  # the first spelling wins
        return faults

    def _learn_group(self, name: str, row: int) -> list[Fault]:
        key = name.casefold()
        if group := Group.objects.filter(name__iexact=name).first():
            if group.kind == Group.Kind.SMART:
                self.smart[key] = group.name
                message = _("The rules of this smart group choose its members: nobody joins it by an import.")
                return [Fault(row, self.columns["groups"], name, "smart_group", message)]
            self.groups[key] = int(group.pk)
            self.called[int(group.pk)] = group.name
            return []
        self.groups[key] = -len(self.groups) - 1 if self.dry_run else int(Group.objects.get_or_create(name=name)[0].pk)
        self.called[self.groups[key]] = name
        return [Fault(row, self.columns["groups"], name, "new_group", _("There is no group of this name yet. The import makes it."))]

    def _learn_tags(self, named: Mapping[str, str]) -> None:
        fresh = {key: tag for key, tag in named.items() if key not in self.tags}
        if not fresh:
            return
        if self.dry_run:
            known = Tag.objects.annotate(lower=Lower("name")).filter(lower__in=[tag.lower() for tag in fresh.values()])
            self.tags |= fresh | {tags.same(tag.name): tag.name for tag in known}
        else:
            for at in range(0, len(fresh), tags.MOST):
                some = list(fresh.values())[at : at + tags.MOST]
                self.tags |= {tags.same(tag): tag for tag in tag_service.spelled(some)}
            self.tags = fresh | self.tags
