"""Cells of spreadsheets that hold no number: true and false, formulas without a value, numbers that are dear to text."""

import json
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from contacts.importing import cells, jobs
from contacts.models import Contact, ImportJob
from contacts.services import imports
from contacts.tests.workbooks import cell, pack, parts

pytestmark = pytest.mark.django_db


def load(path, *options: str) -> dict:
    out = StringIO()
    call_command("import_contacts", str(path), "--region", "FR", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("value", ["TRUE", "false", "VRAI", "Faux", "Oui", "non", "x", "STOP"])
def test_answers_in_a_column_of_numbers_get_words_of_their_own(tmp_path, value):
    path = tmp_path / "gens.csv"
    path.write_text(f"Nom;Portable\nA;{value}\n")
    error = load(path)["errors"][0]
    assert error["code"] == "answer_not_number" and "A yes or no stands here instead of a number" in error["message"]


@pytest.mark.parametrize(
    ("number", "code", "words"),
    [
        ("0899 12 34 56", "dear_number", "premium-rate"), ("+881 6 1234 5678", "dear_number", "satellite"), ("04 65 71 22 10", "not_mobile", "Not a mobile"),
        ("06 39 98 00 01", "", ""),
    ],
)  # fmt: skip
def test_dear_numbers_are_not_called_landlines(tmp_path, number, code, words):
    path = tmp_path / "gens.csv"
    path.write_text(f"Nom;Portable\nA;{number}\n")
    warnings = load(path)["warnings"]
    assert [warning["code"] for warning in warnings] == ([code] if code else [])
    assert all(words in warning["message"] for warning in warnings)
    assert Contact.objects.get().numbers.count() == 1


@pytest.mark.parametrize("raw", ["\0=", "'=", "="])
@pytest.mark.parametrize("tell", [cells.told, cells.one_line, cells.number_text])
def test_a_formula_without_a_value_is_told_also_when_it_comes_back_in_a_file_of_refused_rows(tell, raw):
    with pytest.raises(cells.CellProblem, match="has no value yet"):
        tell(raw)


def test_the_pages_say_what_the_cell_is_instead_of_a_sign(client_for, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = client_for("author")
    rows = f'<row r="1">{cell("A1", "Nom")}{cell("B1", "Portable")}</row><row r="2"><c r="A2"><f>1+1</f></c>{cell("B2", "0639980001")}</row>'
    path = pack(tmp_path / "gens.xlsx", parts(rows))
    client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("gens.xlsx", path.read_bytes())})
    job = ImportJob.objects.get()
    assert "<td>formula without a value</td>" in client.get(reverse("contacts:import_columns", args=[job.pk])).content.decode()
    imports.check(job, mapping=job.mapping, region="FR")
    jobs.work(job.pk)
    html = client.get(reverse("contacts:import", args=[job.pk])).content.decode()
    assert "formula without a value" in html and "“=”" not in html and ">=<" not in html
