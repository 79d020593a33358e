"""Importing: our import of a CSV file, the bare minimum (COPY of the same rows, bare phone parsing), and a row-by-row ORM loop, in one run."""

import csv
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

import phonenumbers
from django.db import connection

from benchmarks import stage
from benchmarks.memory import growth
from benchmarks.result import Result
from contacts.importing import tables
from contacts.importing.options import Options
from contacts.importing.run import BATCH, Import, Source
from contacts.models import Activity, Contact, CustomField, Group, Membership, PhoneNumber
from contacts.services import numbers

NAME = "import"  # a reserved word: no file can be imported by it
SIZE = 100_000
NAIVE_SIZE = 1_000
TABLES = ("contacts_contact", "contacts_phonenumber", "contacts_membership")  # the history, which ours writes besides, is not in the bare minimum
HEADER = ("First name", "Last name", "E-mail", "Mobile", "Membership", "Groups")
FIRST = ("Léa", "Tom", "Zoë", "Karim", "Inès", "Paul", "Amina", "Jean-Luc", "Chloé", "Nour")
LAST = ("Martin", "Ben Salah", "O'Neil", "Lefèvre", "Smith", "Rousselet", "Jaziri", "Whitcombe", "Durand", "Le Goff")
Line = tuple[str, ...]


def run(size: int = SIZE) -> Result:
    """Measure all; rows per second, and their ratios."""
    people = "every row a new person with name, number, e-mail, a custom field, two groups"
    result = Result(NAME, notes=[f"{size:,} rows, {NAIVE_SIZE:,} for the ORM loop; {people}"])
    with stage.scratch_database(), tempfile.TemporaryDirectory() as folder:
        lines = list(_lines(size))
        path = Path(folder) / "people.csv"
        _write(path, lines)
        _prepare()
        _warm_up(Path(folder), lines)
        with growth() as memory:
            result.figures["ours_rows_per_s"] = ours = size / _seconds(lambda: _ours(path, size))
        result.figures["memory_growth_mb"] = memory.peak / 2**20
        result.figures["again_rows_per_s"] = size / _seconds(lambda: _ours(path, size))
        copy = _copy(Path(folder))
        parse = _seconds(lambda: _parse([line[3] for line in lines]))
        result.figures["copy_rows_per_s"], result.figures["parse_rows_per_s"] = size / copy, size / parse
        result.figures["copy_and_parse_rows_per_s"] = bare = size / (copy + parse)
        few = lines[: min(size, NAIVE_SIZE)]
        result.figures["orm_rows_per_s"] = orm = len(few) / _seconds(lambda: _orm(few))
    result.ratios = {"ours_vs_copy_and_parse": ours / bare, "ours_vs_orm": ours / orm}
    return result


def _lines(size: int) -> Iterable[Line]:
    """Made-up people; numbers as people write them, in three countries."""
    for n in range(size):
        mobile = f"06 {n // 10**6 % 100:02d} {n // 10**4 % 100:02d} {n // 100 % 100:02d} {n % 100:02d}" if n % 3 else f"+44 7400 {n % 10**6:06d}"
        yield FIRST[n % 10], f"{LAST[n // 10 % 10]} {n}", f"person{n}@example.org", mobile, ("gold", "silver", "none")[n % 3], "Members; Newsletter"


def _write(path: Path, lines: Iterable[Line]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(lines)


def _prepare() -> None:
    CustomField.objects.create(key="membership", label="Membership")
    Group.objects.bulk_create([Group(name="Members"), Group(name="Newsletter")])
    _empty()


def _warm_up(folder: Path, lines: Sequence[Line]) -> None:
    """A batch or two: what is left to grow is what grows with the file."""
    few = lines[: min(len(lines), 2 * BATCH)]
    _write(folder / "few.csv", few)
    _ours(folder / "few.csv", len(few))
    _empty()


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {', '.join(TABLES)}, contacts_activity CASCADE")
    stage.quiet_start()


def _ours(path: Path, size: int) -> None:
    with tables.table_of(path) as (table, dialect):
        report = Import(Source.guess(table, dialect, Options("FR", path.name)), today=date(2026, 11, 23), dry_run=False).run()
    assert report.rows == size and not report.refused, list(report.errors)[:3]
    assert Membership.objects.count() == 2 * size


def _copy(folder: Path) -> float:
    """Seconds to COPY the rows that our import made into the same tables, emptied, with the same indexes."""
    columns = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            columns[table] = ", ".join(_columns(table))
            with (folder / table).open("wb") as file, cursor.copy(f"COPY {table} ({columns[table]}) TO STDOUT") as copy:
                for block in copy:
                    file.write(block)
        _empty()
    began = time.perf_counter()
    for table in TABLES:
        _copy_in(folder / table, f"COPY {table} ({columns[table]}) FROM STDIN")
    return time.perf_counter() - began


def _columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position", [table])
        return [name for (name,) in cursor.fetchall()]


def _copy_in(path: Path, statement: str) -> None:
    with connection.cursor() as cursor, path.open("rb") as file, cursor.copy(statement) as copy:
        while block := file.read(1 << 16):
            copy.write(block)


def _parse(texts: Iterable[str]) -> None:
    for text in texts:
        assert phonenumbers.is_valid_number(phonenumbers.parse(text, "FR"))


def _orm(lines: Iterable[Line]) -> None:
    """What a first version would do: look up, create, save, add, one row after the other."""
    _empty()
    for first, last, email, mobile, membership, groups in lines:
        parsed = phonenumbers.parse(mobile, "FR")
        assert phonenumbers.is_valid_number(parsed)
        number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
        contact = Contact.objects.filter(email__iexact=email).first() or Contact(email=email)
        contact.first_name, contact.last_name, contact.custom = first, last, {"membership": membership}
        contact.save()
        if not PhoneNumber.objects.filter(contact=contact, number=number).exists():
            numbers.replace(contact, [(number, "mobile", True)])
        for name in groups.split(";"):
            Membership.objects.get_or_create(contact=contact, group=Group.objects.get_or_create(name=name.strip())[0])
        Activity.objects.create(contact=contact, kind=Activity.Kind.CHANGE, subject="imported", details="people.csv", at=datetime.now(UTC))


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
