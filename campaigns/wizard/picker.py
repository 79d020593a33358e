"""The three boxes of step 1: groups and earlier mailings to choose from, included, excluded. Its state travels in the form, so plain posts do."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from campaigns.audience import CHOOSABLE, Choice, Part, key_of, parts_with, split
from campaigns.models import Mailing, MailingTally
from campaigns.services import figures
from campaigns.statuses import ACCEPTED
from contacts import group_sizes
from contacts.group_sizes import Size
from contacts.models import Group
from contacts.models.folding import named

SHOWN = 30  # groups, and as many mailings, before somebody asks for more
MOST_SHOWN = 1_000
SIDES = ("include", "exclude", "remove")  # moves that change who is chosen
LONGEST = 100  # characters of what somebody looks for


def ids(values: Iterable[str]) -> list[int]:
    """Whole numbers among what a form or address says, each once, in order."""
    return list(dict.fromkeys(int(value) for value in values if value.isascii() and value.isdigit() and len(value) < 19))


def id_in(value: str) -> int | None:
    """The whole number that a form or address says, if it says one."""
    return next(iter(ids([value])), None)


@dataclass(frozen=True, slots=True)
class Line:
    """A group or mailing in a box."""

    key: str
    name: str
    kind: Any
    icon: str
    size: Size
    recipients: int = 0  # of a mailing that did not reach all of them: why its size is smaller than on its page
    ticked: bool = False


@dataclass(frozen=True, slots=True)
class Boxes:
    """What stands in the three boxes; `more` when there is more to choose from."""

    available: list[Line]
    included: list[Line]
    excluded: list[Line]
    more: bool


@dataclass(slots=True)
class Picker:
    """Keys of groups and mailings on both sides and of those ticked to be moved, what is looked for among the rest, and how many are shown."""

    include: list[str] = field(default_factory=list)
    exclude: list[str] = field(default_factory=list)
    ticked: list[str] = field(default_factory=list)
    find: str = ""
    shown: int = SHOWN

    @classmethod
    def of(cls, mailing: Mailing) -> "Picker":
        """As the draft remembers it."""
        choice = Choice.of(mailing)
        return cls(_keys(choice.include_groups, choice.include_mailings), _keys(choice.exclude_groups, choice.exclude_mailings))

    @classmethod
    def read(cls, data: Any) -> "Picker":
        """As a form posted it."""
        shown = id_in(data.get("shown", "")) or SHOWN
        include, exclude = [_keys(*split(data.getlist(name))) for name in ("include", "exclude")]
        return cls(include, exclude, _ticked(data), find=data.get("find", "").replace("\0", "").strip()[:LONGEST], shown=min(max(shown, SHOWN), MOST_SHOWN))

    def moved(self, data: Any) -> "Picker":
        """After the button that the form names: ticked ones go to the other box, or out; or more are shown."""
        move = data.get("move")
        if move == "more":
            return replace(self, shown=min(self.shown + SHOWN, MOST_SHOWN))
        if move not in SIDES:
            return self
        ticked = _ticked(data)
        include = [key for key in self.include if key not in ticked] + (ticked if move == "include" else [])
        exclude = [key for key in self.exclude if key not in ticked] + (ticked if move == "exclude" else [])
        return replace(self, include=include, exclude=exclude, ticked=[])

    @property
    def choice(self) -> Choice:
        """What is chosen."""
        return Choice.read(self.include, self.exclude)

    def boxes(self) -> Boxes:
        """Groups and mailings with their sizes, in the box where they belong; as many queries as it takes, however many there are."""
        named = parts_with(self._named)
        groups = list(self._groups()[: self.shown + 1])
        mailings = list(self._mailings()[: self.shown + 1])
        lines = [replace(line, ticked=line.key in self.ticked) for line in _lines([*named, *groups[: self.shown], *mailings[: self.shown]])]
        included, excluded = [[line for line in lines if line.key in side] for side in (self.include, self.exclude)]
        free = [line for line in lines if line not in included and line not in excluded]
        return Boxes(free, included, excluded, more=max(len(groups), len(mailings)) > self.shown and self.shown < MOST_SHOWN)

    @property
    def _named(self) -> list[str]:
        """Those that are shown whatever is looked for: ticked ones stay in sight until they are moved."""
        return [*self.include, *self.exclude, *self.ticked]

    def _groups(self) -> QuerySet[Group]:
        taken, _mailings = split(self._named)
        return named(Group.objects.filter(archived=False).exclude(id__in=taken).order_by("name"), self.find)

    def _mailings(self) -> QuerySet[Mailing]:
        """Finished ones, and cancelled ones that had begun, as long as their recipients are kept."""
        _groups, taken = split(self._named)
        finished = Mailing.objects.filter(archived=False, status__in=CHOOSABLE, started_at__isnull=False, purged_at__isnull=True)
        return named(finished.exclude(id__in=taken).order_by("-id"), self.find)


def _keys(groups: Sequence[int], mailings: Sequence[int]) -> list[str]:
    return [*map(str, groups), *(f"m{pk}" for pk in mailings)]


def _ticked(data: Any) -> list[str]:
    """In any of the boxes."""
    return _keys(*split([key for box in ("pick", "in", "ex") for key in data.getlist(box)]))


def _lines(parts: Sequence[Part]) -> list[Line]:
    sizes = group_sizes.of([part.pk for part in parts if isinstance(part, Group)])
    texted = _texted([part.pk for part in parts if isinstance(part, Mailing)])
    return [_group_line(part, sizes.get(part.pk, Size(0))) if isinstance(part, Group) else _mailing_line(part, *texted.get(part.pk, (0, 0))) for part in parts]


def _group_line(group: Group, size: Size) -> Line:
    if group.kind == Group.Kind.SMART:
        return Line(key_of(group), group.name, _("Smart group:"), "magic", size)
    return Line(key_of(group), group.name, _("Group:"), "people", size)


def _mailing_line(mailing: Mailing, texted: int, recipients: int) -> Line:
    return Line(key_of(mailing), mailing.name, _("Earlier mailing:"), "send", Size(texted), recipients if texted < recipients else 0)


def _texted(mailing_ids: Sequence[int]) -> dict[int, tuple[int, int]]:
    """People whom each mailing texted, and its recipients in all, from its counters; who got a text again counts once."""
    accepted = Sum("messages", filter=Q(status__in=ACCEPTED), default=0)
    rows = MailingTally.objects.filter(mailing__in=mailing_ids).values_list("mailing").annotate(texted=accepted, texts=Sum("messages"))
    again, twice = figures.sent_again(mailing_ids), figures.texted_before(mailing_ids)
    return {mailing: (texted - twice.get(mailing, 0), texts - again.get(mailing, 0)) for mailing, texted, texts in rows}
