"""An import from its first row to its report: in batches, each in one transaction, safe to run again."""

import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction
from django.utils import translation

from contacts.importing import columns, finding, heads, reader, refusals, writing
from contacts.importing.consents import Consents
from contacts.importing.effects import Effects
from contacts.importing.faults import Fault
from contacts.importing.matching import Index
from contacts.importing.memory import Planned, Touched
from contacts.importing.named import Named
from contacts.importing.options import Options
from contacts.importing.planning import Plan
from contacts.importing.problems import FileProblem
from contacts.importing.report import Report
from contacts.importing.rows import Checker, Person
from contacts.smart import due
from smsapp.common import phone
from smsapp.common.sentences import say as _

if TYPE_CHECKING:
    from smsapp.accounts.models import User

BATCH = 5_000
OBJECTS = 200_000  # new ones between two looks for circles of garbage
TRIES = 3  # a batch whose external id somebody takes at the same moment is planned again

OnRefused = Callable[[list[str], list[Fault]], None]
AfterBatch = Callable[[Report], bool]  # gets what has come so far, inside the batch's transaction; False: stop
Checked = tuple[list[str], Person | list[Fault]]


@dataclass(frozen=True, slots=True)
class Source:
    """A table, how to read it, and what its columns mean."""

    path: Path
    dialect: reader.Dialect
    header: list[str]
    mapping: dict[int, str]
    custom: columns.Custom
    options: Options
    refusals: refusals.Found

    @classmethod
    def guess(cls, table: Path, dialect: reader.Dialect, options: Options) -> "Source":
        """Columns recognised by themselves. Raises FileProblem; the whole file has been read once, so that nothing is half done later."""
        if not phone.is_region(options.region):
            words = _("There is no country %(region)s. Write two letters, for example FR or GB.")
            raise FileProblem("unknown_region", words % {"region": options.region})
        header, custom = reader.header(table, dialect), columns.custom_fields()
        watch = columns.watch(header)
        if not watch.over(reader.rows(table, dialect)):
            raise heads.no_rows_below(header)
        mapping = columns.check(columns.guess(header, custom, watch.found), header, custom)
        columns.check_key(mapping, options.match_by)
        return cls(table, dialect, header, mapping, custom, options, watch.found)


class Import:
    """One pass over a file."""

    def __init__(
        self, source: Source, *, today: date, dry_run: bool, author: "User | None" = None, most_faults: int = 0, effects: Effects | None = None
    ) -> None:
        self.source, self.options, self.dry_run, self.author = source, source.options, dry_run, author
        self.checker = Checker(source.header, source.mapping, source.custom, options=source.options, today=today, is_sheet=bool(source.dialect.sheet))
        self.report = Report.bounded(most_faults)
        self.report.warn(_about_columns(source, self.checker.name_of))
        self.touched = Touched()
        self.planned = Planned() if dry_run else None  # a dry run remembers what it would have written
        self.named = Named(self.checker.name_of, source.options.tags, source.options.group_ids, dry_run=dry_run)
        self.effects = effects
        if effects:
            effects.group_names = self.named.called

    def run(self, *, on_refused: OnRefused | None = None, after_batch: AfterBatch | None = None, done: Report | None = None) -> Report:
        """Go through the file; `done` is the report of a run that was cut off: its rows are only looked up again."""
        rows = reader.rows(self.source.path, self.source.dialect)
        with _few_collections(), self.planned or nullcontext():
            if done:
                for batch in self._checked(islice(rows, done.rows)):
                    self._batch(batch, on_refused, write=False)
                self.report = done
            for batch in self._checked(rows):
                if not self._batch(batch, on_refused, write=not self.dry_run, after_batch=after_batch):
                    break
        if not self.dry_run:
            writing.settle()
            if self.report.created or self.report.updated:
                due.contacts_came()
        return self.report

    def _checked(self, rows: Iterator[reader.Row]) -> Iterator[list[Checked]]:
        """Batches of rows with what they say; the next one is read while the database works on the last one."""

        def read() -> list[Checked]:
            return [(cells, self.checker.check(number, cells)) for number, cells in islice(rows, BATCH)]

        language = translation.get_language() or "en"
        with ThreadPoolExecutor(1, initializer=partial(translation.activate, language)) as pool:
            coming = pool.submit(read)
            while batch := coming.result():
                coming = pool.submit(read)
                yield batch

    def _batch(self, checked: list[Checked], on_refused: OnRefused | None, *, write: bool, after_batch: AfterBatch | None = None) -> bool:
        persons = [result for _cells, result in checked if isinstance(result, Person)]
        self.report.warn(self.named.learn(persons))
        for attempt in range(TRIES):
            try:
                return self._attempt(checked, persons, on_refused, write=write, after_batch=after_batch)
            except IntegrityError:
                if attempt == TRIES - 1:
                    raise
        raise AssertionError

    def _attempt(
        self, checked: list[Checked], persons: list[Person], on_refused: OnRefused | None, *, write: bool, after_batch: AfterBatch | None
    ) -> bool:
        with transaction.atomic():
            if write:
                writing.begin()
            plan, refused = self._plan(checked, persons, lock=write)
            if write:
                writing.write(plan.planned, options=self.options, author=self.author)
            go_on = after_batch(self.report.plus(plan.report)) if after_batch else True
        if write and plan.report.created and not self.touched.pages:
            finding.refresh_statistics()
        self.report.add(plan.report)
        self.touched.remember(plan.planned)
        if self.planned:
            self.planned.remember(plan.planned)
        if on_refused:
            for cells, faults in refused:
                on_refused(cells, faults)
        return go_on

    def _plan(self, checked: list[Checked], persons: list[Person], *, lock: bool) -> tuple[Plan, list[tuple[list[str], list[Fault]]]]:
        finding.trust_indexes()
        index = Index(self.options.match_by, self.touched.row_of)
        known, gone = finding.load(index, persons, group_ids=[*self.options.group_ids, *self.named.group_ids], lock=lock, planned=self.planned)
        for contact in known:
            contact.is_counted |= self.touched.is_counted(contact.id)
        consents = Consents(self.options, self.checker.name_of, self.author.pk if self.author else None)
        consents.load(persons, known, gone)
        plan = Plan(index, consents, options=self.options, named=self.named, names=self.checker.name_of, effects=self.effects)
        refused = []
        for cells, result in checked:
            if isinstance(result, Person):
                fault = plan.add(result)
                faults = [fault] if fault else []
            else:
                faults = result
            if faults:
                plan.report.refuse(faults)
                plan.report.warn(self.checker.lost_refusal(faults[0].row, cells))
                refused.append((cells, faults))
        plan.report.rows = len(checked)
        return plan, refused


@contextmanager
def _few_collections() -> Iterator[None]:
    """Rows make many objects and no circles: to look for circles every 700 objects, as Python does, would cost a third of reading them."""
    before = gc.get_threshold()
    gc.set_threshold(OBJECTS, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _about_columns(source: Source, names: Mapping[str, str]) -> Sequence[Fault]:
    """What is to be said of the header, before any row."""
    called, row = columns.names(source.header), source.dialect.names_row or 1
    faults = heads.about(source.header, source.dialect.names_row)
    faults += heads.about_refusals(source.header, source.refusals, source.mapping, row)
    faults += [
        Fault(row, called[index], source.header[index], "repeated_column", _("Another column has this name too. The letter of the column tells them apart."))
        for index in columns.repeated(source.header)
    ]
    if not names.keys() & set(columns.PHONES):
        faults.append(Fault(row, "", "", "no_number_column", _("No column has numbers, so people who are new with this file cannot be texted.")))
    meaning = next((meaning for meaning in ("opted_in", "opt_in_date") if meaning in names), "")
    if meaning and not source.options.consent_source:
        message = _("The import names no source of consent, so opt-ins of this column are not recorded and lift no block.")
        faults.append(Fault(row, names[meaning], "", "no_consent_source", message))
    return faults
