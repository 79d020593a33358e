"""What is said about cells: in order, bounded where it is kept, and out of memory where there is much of it."""

import json
import os
from io import StringIO

import pytest
from django.core.management import call_command

from contacts.importing import faults
from contacts.importing.faults import Fault, Faults
from contacts.importing.report import Report


def some(count: int, first: int = 2) -> list[Fault]:
    return [Fault(row, "Portable", "“é”\n12", "too_short", f"Row {row} is too short.") for row in range(first, first + count)]


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(faults, "IN_MEMORY", 3)


def test_more_than_a_few_wait_in_a_file_and_come_back_in_order(few):
    found = Faults(some(10))
    assert len(found) == 10 and len(found._first) == 3
    assert found._more.seek(0, os.SEEK_END) > 500
    assert list(found) == list(found) == some(10)


def test_reading_half_of_them_does_not_disturb_what_is_added_later(few):
    found = Faults(some(6))
    half = iter(found)
    assert [next(half).row for _ in range(5)] == [2, 3, 4, 5, 6]
    found.extend(some(2, first=8))
    assert [fault.row for fault in found] == [2, 3, 4, 5, 6, 7, 8, 9]


def test_two_who_read_at_once_see_all(few):
    found = Faults(some(8))
    assert [(one.row, other.row) for one, other in zip(found, found, strict=True)] == [(row, row) for row in range(2, 10)]


def test_a_bound_keeps_the_first(few):
    found = Faults(some(4), most=5)
    found.extend(some(4, first=6))
    assert [fault.row for fault in found] == [2, 3, 4, 5, 6] and len(found) == 5


def test_a_bound_is_heeded_by_the_sum_of_two_reports(few):
    report = Report.bounded(5, some(4), rows=4, refused=4)
    whole = report.plus(Report(rows=3, refused=3, errors=Faults(some(3, first=6))))
    assert (whole.refused, len(whole.errors), len(report.errors)) == (7, 5, 4)
    assert [fault.row for fault in whole.errors] == [2, 3, 4, 5, 6]


@pytest.mark.django_db
def test_the_command_prints_one_object_however_many_faults(tmp_path, few):
    path = tmp_path / "gens.csv"
    path.write_text("Nom;Portable\nAnna;0639980001\n" + "".join(f"É{n};12\n" for n in range(20)))
    out = StringIO()
    call_command("import_contacts", str(path), "--dry-run", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert list(told) == ["rows", "created", "updated", "unchanged", "refused", "errors", "warnings"]
    assert [error["row"] for error in told["errors"]] == list(range(3, 23))
    assert (told["rows"], told["created"], told["refused"], told["warnings"]) == (21, 1, 20, [])
