"""A quotation mark that is not closed swallows the people below it: refused with the row, while honest lines in a cell stay."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from contacts.importing import reader
from contacts.importing.problems import FileProblem
from contacts.models import Contact

HEAD = "Prénom;Nom;Portable\nAnn;Roy;0639980001\n"
OPEN = {
    "never closed": 'Bob;"Lee;0639980002\nEve;Bon;0639980003\nTom;Ray;0639980004\n',
    "closed by the mark that opens another": '"Bob;Lee;0639980002\n"Eve";Bon;0639980003\nTom;Ray;0639980004\n',
    "closed by a mark in the next row": '"Bob;Lee;0639980002\nEve;Bon;"0639980003"\nTom;Ray;0639980004\n',
    "closed at the end of a later row": 'Bob;"Lee;0639980002\nEve;Bon;0639980003"\nTom;Ray;0639980004\n',
    "in the last row": 'Bob;Lee;"0639980002\n',
    "in the last row, which has no end": 'Bob;Lee;"0639980002',
}


def rows_of(tmp_path, text: str) -> list[tuple[int, list[str]]]:
    path = tmp_path / "gens.csv"
    path.write_text(text)
    return list(reader.rows(path, reader.recognise(path)))


@pytest.mark.parametrize("rows", OPEN.values(), ids=OPEN)
def test_a_mark_that_is_not_closed_is_refused_with_its_row(tmp_path, rows):
    with pytest.raises(FileProblem, match="opens in row 3 is not closed") as problem:
        rows_of(tmp_path, HEAD + rows)
    assert (problem.value.code, problem.value.row) == ("open_quote", 3)


HONEST = {
    "an address in lines": ('Bob;"1, rue du Lac\n69000 Lyon; France";0639980002\n', ["Bob", "1, rue du Lac\n69000 Lyon; France", "0639980002"]),
    "a quotation in a cell": ('Bob;"Lee ""le grand""";0639980002\n', ["Bob", 'Lee "le grand"', "0639980002"]),
    "a mark in the middle": ('Bob;Lee "le grand";0639980002\n', ["Bob", 'Lee "le grand"', "0639980002"]),
    "inches at the end": ('Bob;Lee;12"\n', ["Bob", "Lee", '12"']),
    "the last row without an end": ('Bob;Lee;"0639980002"', ["Bob", "Lee", "0639980002"]),
}


@pytest.mark.parametrize(("row", "cells"), HONEST.values(), ids=HONEST)
def test_other_marks_are_read_as_before(tmp_path, row, cells):
    assert rows_of(tmp_path, HEAD + row)[-1] == (3, cells)


@pytest.mark.django_db
def test_the_command_names_the_row_and_makes_nobody(tmp_path):
    path = tmp_path / "gens.csv"
    path.write_text(HEAD + OPEN["never closed"])
    out = StringIO()
    with pytest.raises(CommandError, match="row 3"):
        call_command("import_contacts", str(path), "--json", stdout=out)
    assert [(error["row"], error["code"]) for error in json.loads(out.getvalue())["errors"]] == [(3, "open_quote")]
    assert not Contact.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "code"), [('"Lee\nRay"', "line_break"), ("Lee 06 39 98 00 02", "number_in_name"), ("+33639980002", "number_in_name"), ('"Lee\n"', ""), ("Lee 2nd", "")]
)
def test_a_name_of_several_lines_or_with_a_number_is_refused(tmp_path, name, code):
    path = tmp_path / "gens.csv"
    path.write_text(f"Nom;Portable\n{name};0639980002\n")
    out = StringIO()
    call_command("import_contacts", str(path), "--region", "FR", "--json", stdout=out)
    assert [(error["row"], error["column"], error["code"]) for error in json.loads(out.getvalue())["errors"]] == ([(2, "Nom", code)] if code else [])
