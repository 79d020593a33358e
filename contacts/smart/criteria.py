"""Questions about contacts, each a small class, in a slot where upper apps add theirs; and the catalogue of those that can be asked now."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q
from django.utils import timezone

from contacts.smart.comparisons import OPPOSITES, Comparison
from smsapp.common.models import Organisation
from smsapp.common.registry import Slot


@dataclass(frozen=True, slots=True)
class At:
    """When a rule is asked: "today" is the organisation's day."""

    now: datetime
    zone: ZoneInfo

    @classmethod
    def current(cls, now: datetime | None = None) -> "At":
        """This moment, where the organisation is."""
        return cls(now or timezone.now(), ZoneInfo(Organisation.current().time_zone))

    @property
    def today(self) -> date:
        """The organisation's day."""
        return self.now.astimezone(self.zone).date()

    def start_of(self, day: date) -> datetime:
        """Its midnight."""
        return datetime.combine(day, time(), self.zone)

    def days_ago(self, days: int) -> datetime:
        """The beginning of the day so many days ago."""
        return self.start_of(self.today - timedelta(days=days))


class Question:
    """One thing to ask about a contact. `condition` is never NULL, so that its negation is exactly the others."""

    name: str
    label: Any
    category: Any
    comparisons: Sequence[Comparison]
    offered = True  # no: only read in old rules
    of_texts = False  # who fits changes when texts leave

    def condition(self, comparison: str, value: Any, at: At) -> Q:
        """Whom the answer fits, as SQL that can read an index (`contacts.smart.asking.Having`, `Theirs`): never a list of ids."""
        if comparison in OPPOSITES:
            return ~self.fits(OPPOSITES[comparison], value, at)
        return self.fits(comparison, value, at)

    def fits(self, comparison: str, value: Any, at: At) -> Q:
        """The same for the comparisons that are nobody's opposite."""
        raise NotImplementedError

    def comparison(self, name: Any) -> Comparison | None:
        """The comparison of that name."""
        return next((each for each in self.comparisons if each.name == name), None)


questions: Slot[Question] = Slot()  # by name
references: Slot[Callable[[Sequence[int]], dict[int, str]]] = Slot()  # what ids of Rows are of -> names of those that exist
families: Slot[Callable[[], Iterable[Question]]] = Slot()  # "x" makes the questions named "x.…" from rows, as custom fields are


class Catalogue:
    """The questions that can be asked now; families are read once, when first needed."""

    def __init__(self) -> None:
        self._members: dict[str, dict[str, Question]] = {}

    def get(self, name: Any) -> Question | None:
        """The question of that name, also one that is offered no longer."""
        if not isinstance(name, str):
            return None
        family, dot, _rest = name.partition(".")
        return self._family(family).get(name) if dot else questions.get(name)

    def __iter__(self) -> Iterator[Question]:
        yield from questions
        for family in families.names():
            yield from self._family(family).values()

    def by_category(self) -> list[tuple[Any, list[Question]]]:
        """What is offered, in order, under the names of its categories."""
        groups: dict[str, tuple[Any, list[Question]]] = {}
        for question in self:
            if question.offered:
                groups.setdefault(str(question.category), (question.category, []))[1].append(question)
        return list(groups.values())

    def _family(self, name: str) -> dict[str, Question]:
        if name not in self._members:
            make = families.get(name)
            self._members[name] = {question.name: question for question in make()} if make else {}
        return self._members[name]


def names_of(wanted: dict[str, set[int]]) -> dict[tuple[str, int], str]:
    """Names of the rows that rules refer to, one query for each kind; those that are gone have none."""
    found: dict[tuple[str, int], str] = {}
    for what, ids in wanted.items():
        look_up = references.get(what)
        if look_up and ids:
            found |= {(what, id_): name for id_, name in look_up(sorted(ids)).items()}
    return found

