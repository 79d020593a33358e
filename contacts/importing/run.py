"""An import from its first row to its report: in batches, each in one transaction, safe to run again."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import phonenumbers
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from contacts.importing import columns, reader, writing
from contacts.importing.matching import Index
from contacts.importing.planning import Plan
from contacts.importing.problems import FileProblem
from contacts.importing.report import Fault, Report
from contacts.importing.rows import Checker, Person
from contacts.models import Group

if TYPE_CHECKING:
    from smsapp.accounts.models import User

BATCH = 1_000
TRIES = 3  # a batch whose external id somebody takes at the same moment is planned again

OnRefused = Callable[[list[str], list[Fault]], None]
AfterBatch = Callable[[Report], bool]  # False: stop
Checked = tuple[list[str], Person | list[Fault]]


@dataclass(frozen=True, slots=True)
class Source:
    """A file and how to read it."""

    path: Path
    dialect: reader.Dialect
    header: list[str]
    mapping: dict[int, str]
    region: str
    name: str
    group_ids: Sequence[int] = field(default=())

    @classmethod
    def guess(cls, table: Path, dialect: reader.Dialect, region: str, name: str) -> "Source":
        """Columns recognised by themselves. Raises FileProblem; the whole file has been read once, so that nothing is half done later."""
        if region not in phonenumbers.SUPPORTED_REGIONS:
            raise FileProblem("unknown_region", _("There is no country %(region)s. Write two letters, for example FR or GB.") % {"region": region})
        header = reader.header(table, dialect)
        reader.count(table, dialect)
        return cls(table, dialect, header, columns.check(columns.guess(header), header), region, name)


class Import:
    """One pass over a file."""

    def __init__(self, source: Source, *, today: date, dry_run: bool, author: "User | None" = None, most_faults: int = 0) -> None:
        self.source, self.dry_run, self.author = source, dry_run, author
        self.report = Report(most=most_faults)
        self.checker = Checker(source.header, source.mapping, region=source.region, today=today)
        self.columns = {meaning: self.checker.names[index] for index, meaning in reversed(source.mapping.items())}
        self.touched: dict[int, int] = {}
        self.whole_file = Index() if dry_run else None  # a dry run remembers what it would have written
        self.groups: dict[str, int] = {}

    def run(self, *, on_refused: OnRefused | None = None, after_batch: AfterBatch | None = None, done: Report | None = None) -> Report:
        """Go through the file; `done` is the report of a run that was cut off: its rows are only looked up again."""
        rows = reader.rows(self.source.path, self.source.dialect)
        if done:
            for batch in _batches(islice(rows, done.rows)):
                self._batch(batch, on_refused, write=False)
            self.report = done
        for batch in _batches(rows):
            if not self._batch(batch, on_refused, write=not self.dry_run, after_batch=after_batch):
                break
        return self.report

    def _batch(self, rows: list[reader.Row], on_refused: OnRefused | None, *, write: bool, after_batch: AfterBatch | None = None) -> bool:
        checked = [(cells, self.checker.check(number, cells)) for number, cells in rows]
        self._name_groups(checked)
        for attempt in range(TRIES):
            try:
                return self._attempt(checked, on_refused, write=write, after_batch=after_batch)
            except IntegrityError:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError

    def _attempt(self, checked: list[Checked], on_refused: OnRefused | None, *, write: bool, after_batch: AfterBatch | None) -> bool:
        with transaction.atomic():
            if write:
                writing.take_turn()
            plan, refused = self._plan(checked, lock=write)
            if write:
                writing.write(list(plan.planned.values()), source=self.source.name, author=self.author)
            report = self.report.plus(plan.report)
            go_on = after_batch(report) if after_batch else True
        self.report = report
        self.touched |= {known.id: known.row for known in plan.planned.values() if known.id is not None}
        if on_refused:
            for cells, faults in refused:
                on_refused(cells, faults)
        return go_on

    def _plan(self, checked: list[Checked], *, lock: bool) -> tuple[Plan, list[tuple[list[str], list[Fault]]]]:
        index = self.whole_file or Index()
        persons = [result for _cells, result in checked if isinstance(result, Person)]
        group_ids = [*self.source.group_ids, *self.groups.values()]
        index.load(persons, group_ids=group_ids, lock=lock)
        plan = Plan(index, self.touched, everybody_joins=self.source.group_ids, group_ids=self.groups, columns=self.columns)
        refused = []
        for cells, result in checked:
            if isinstance(result, Person):
                fault = plan.add(result)
                faults = [fault] if fault else []
            else:
                faults = result
            if faults:
                plan.report.refuse(faults)
                refused.append((cells, faults))
        plan.report.rows = len(checked)
        return plan, refused

    def _name_groups(self, checked: list[Checked]) -> None:
        """Find the groups that rows name; the real run makes those that do not exist yet."""
        named = [(name, person.row) for _cells, person in checked if isinstance(person, Person) for name in person.groups]
        for name, row in named:
            if name.casefold() not in self.groups:
                self.groups[name.casefold()] = self._group_id(name, row)

    def _group_id(self, name: str, row: int) -> int:
        if group := Group.objects.filter(name__iexact=name).first():
            return int(group.pk)
        message = _("There is no group of this name yet. The import makes it.")
        self.report.warn([Fault(row, self.columns["groups"], name, "new_group", message)])
        return -len(self.groups) - 1 if self.dry_run else int(Group.objects.get_or_create(name=name)[0].pk)


def _batches(rows: Iterable[reader.Row]) -> Iterator[list[reader.Row]]:
    iterator = iter(rows)
    while batch := list(islice(iterator, BATCH)):
        yield batch
