"""Groups and tags that rows name: found without regard to case; the real run makes those that do not exist yet."""

from collections.abc import Mapping, Sequence

from django.db.models.functions import Lower

from contacts import name_lists, tags
from contacts.importing.faults import Fault
from contacts.importing.rows import Person
from contacts.models import Group, Tag
from contacts.services import tags as tag_service
from smsapp.common.bidi import isolated
from smsapp.common.sentences import Sentence
from smsapp.common.sentences import say as _


class Named:
    """What names stand for; each is looked up once an import."""

    def __init__(self, columns: Mapping[str, str], everybody_gets: Sequence[str], everybody_joins: Sequence[int], *, dry_run: bool) -> None:
        self.columns, self.dry_run = columns, dry_run
        self.groups: dict[str, int] = {}  # case-folded name -> id, below zero for one that a dry run would make
        self.called = dict(Group.objects.filter(id__in=everybody_joins).values_list("id", "name"))  # id, as above -> name
        self.smart: dict[str, str] = {}  # case-folded names of smart groups, whose members their rules choose
        self.with_commas: dict[str, list[str]] = {}  # case-folded, as it stands in a cell -> the groups that it means
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
                if any(map(name_lists.has_commas, person.groups)):
                    person.groups = self._apart(person, faults)
                for name in person.groups:
                    if name.casefold() not in self.groups and name.casefold() not in self.smart:
                        faults += self._learn_group(name, person.row)
        self._learn_tags({tags.same(tag): tag for person in reversed(persons) for tag in reversed(person.tags or ())})  # the first spelling wins
        return faults

    def _apart(self, person: Person, faults: list[Fault]) -> list[str]:
        """The groups of a row; a name with commas is one group where there is one of that name, else several. Each is told once."""
        groups: list[str] = []
        for name in person.groups:
            if name_lists.has_commas(name):
                groups += self._read_commas(name, person.row, faults)
            else:
                groups.append(name)
        return groups

    def _read_commas(self, name: str, row: int, faults: list[Fault]) -> list[str]:
        key = name.casefold()
        if key not in self.with_commas:
            is_one = self._exists(key, name)
            self.with_commas[key] = [name] if is_one else name_lists.at_commas(name)
            words = _("One group: there is a group of this name, with its comma.") if is_one else _several(self.with_commas[key])
            faults.append(Fault(row, self.columns["groups"], name, "comma_in_groups", words))
        return self.with_commas[key]

    def _exists(self, key: str, name: str) -> bool:
        return key in self.groups or key in self.smart or Group.objects.filter(name__iexact=name).exists()

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
        message = _("There is no group “%(name)s” yet. The import makes it.") % {"name": isolated(name)}
        return [Fault(row, self.columns["groups"], name, "new_group", message)]

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


def _several(groups: Sequence[str]) -> Sentence:
    words = _("Commas separate groups here: %(groups)s. No group has the whole as its name; a new one with a comma goes into quotation marks.")
    return words % {"groups": "; ".join(map(isolated, groups))}
