"""The three boxes of step 1: groups to choose from, included, excluded. Its state travels in the form, so it works by plain posts."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from campaigns.models import Mailing
from contacts import group_sizes
from contacts.models import Group


def ids(values: Iterable[str]) -> list[int]:
    """Whole numbers among what a form or address says, each once, in order."""
    return list(dict.fromkeys(int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19))


@dataclass(slots=True)
class Picker:
    """Group ids on both sides."""

    include: list[int] = field(default_factory=list)
    exclude: list[int] = field(default_factory=list)

    @classmethod
    def of(cls, mailing: Mailing) -> "Picker":
        """As the draft remembers it."""
        return cls(list(mailing.include_groups.values_list("id", flat=True)), list(mailing.exclude_groups.values_list("id", flat=True)))

    @classmethod
    def read(cls, data: Any) -> "Picker":
        """As a form posted it."""
        return cls(ids(data.getlist("include")), ids(data.getlist("exclude")))

    def moved(self, data: Any) -> "Picker":
        """After the button that the form names: ticked groups go to the other box, or out."""
        ticked = ids([*data.getlist("pick"), *data.getlist("in"), *data.getlist("ex")])
        include = [group for group in self.include if group not in ticked]
        exclude = [group for group in self.exclude if group not in ticked]
        move = data.get("move")
        return Picker(include + ticked if move == "include" else include, exclude + ticked if move == "exclude" else exclude)

    def boxes(self) -> Mapping[str, list[Any]]:
        """Groups with their sizes, in the box where they belong."""
        taken = {*self.include, *self.exclude}
        groups = list(Group.objects.filter(Q(archived=False) | Q(id__in=taken)).order_by("name"))
        sizes = group_sizes.of([group.pk for group in groups])
        for group in groups:
            group.size = sizes.get(group.pk)  # type: ignore[attr-defined]
        return {
            "available": [group for group in groups if group.pk not in taken],
            "included": [group for group in groups if group.pk in self.include],
            "excluded": [group for group in groups if group.pk in self.exclude],
        }
