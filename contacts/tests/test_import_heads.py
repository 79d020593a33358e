"""Which row names the columns: titles above it are left out and told, a person in its place is told."""

import json
from io import StringIO

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from contacts.importing import heads, jobs, refused, tables
from contacts.models import Contact, ImportJob
from contacts.services import imports

TABLE = "Prénom;Nom;Portable;Courriel\nAnn;Roy;0639983001;ann@example.org\nLuc;Roy;12;luc@example.org\n"
TITLES = {
    "nothing above": ("", 0),
    "a title": ("Liste des adhérents 2026\n", 2),
    "a title as wide as the table": ("Liste des adhérents 2026;;;\n", 2),
    "a title and a blank line": ("Liste des adhérents 2026\n\n", 3),
    "names of groups of columns": ("Personne;;Contact;\n", 2),
    "a title with a comma": ("Adhérents, à jour\nÉdité le 3 mai, à Lyon\n", 3),
    "Excel's note": ("sep=;\n", 0),
}


def load(path, *options: str) -> dict:
    out = StringIO()
    call_command("import_contacts", str(path), "--region", "FR", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.django_db
@pytest.mark.parametrize(("above", "row"), TITLES.values(), ids=TITLES)
def test_a_title_above_the_names_is_left_out_and_told(tmp_path, above, row):
    path = tmp_path / "gens.csv"
    path.write_text(above + TABLE, encoding="cp1252")
    report = load(path)
    assert (report["created"], report["refused"], Contact.objects.get().sms_number) == (1, 1, "+33639983001")
    assert [(fault["row"], fault["code"]) for fault in report["warnings"]] == ([(row, "names_below")] if row else [])
    assert report["errors"][0]["row"] == (above + TABLE).removeprefix("sep=;\n").count("\n", 0, -1) + 1
    assert report["errors"][0]["column"] == "Portable"


@pytest.mark.django_db
def test_a_title_over_a_sheet_is_left_out(tmp_path):
    book = xlsxwriter.Workbook(tmp_path / "gens.xlsx")
    sheet = book.add_worksheet()
    sheet.merge_range(0, 0, 0, 3, "Liste des adhérents 2026")
    for row, line in enumerate(TABLE.splitlines(), 2):
        sheet.write_row(row, 0, line.split(";"))
    book.close()
    with tables.table_of(tmp_path / "gens.xlsx") as (_table, dialect):
        assert dialect.names_row == 3
    report = load(tmp_path / "gens.xlsx")
    assert (report["created"], [error["row"] for error in report["errors"]]) == (1, [5])


@pytest.mark.django_db
def test_a_column_that_looks_like_nothing_else_stays_one_column(tmp_path):
    path = tmp_path / "gens.csv"
    path.write_text("Mobile\n0639983001\n0639983002\n")
    assert load(path)["created"] == 2


@pytest.mark.django_db
def test_the_page_says_where_the_names_are_and_goes_on_from_there(client_for, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = client_for("author")
    client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("gens.csv", ("Liste 2026\n" + TABLE).encode())})
    job = ImportJob.objects.get()
    assert (job.total, job.mapping, job.dialect["names_row"]) == (2, {"0": "first_name", "1": "last_name", "2": "mobile", "3": "email"}, 2)
    page = client.get(reverse("contacts:import_columns", args=[job.pk])).content.decode()
    assert "were found in row 2; the rows above it are left out" in page and "the names of the columns are in row 2" in page
    client.post(reverse("contacts:import_columns", args=[job.pk]), {f"column_{index}": meaning for index, meaning in job.mapping.items()} | {"region": "FR"})
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.report["created"], [error["row"] for error in job.report["errors"]]) == (1, [4])
    assert next(refused.as_csv(imports.refused_path(job), ";", "en")).strip("\ufeff\r\n") == "Prénom;Nom;Portable;Courriel;Row;Reason"


@pytest.mark.django_db
def test_a_person_in_place_of_the_names_is_told(client_for, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = client_for("author")
    client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("gens.csv", b"Ann;Roy;06 39 98 30 01\nLuc;Roy;0639983002\n")})
    page = client.get(reverse("contacts:import_columns", args=[ImportJob.objects.get().pk])).content.decode()
    assert "The columns seem to have no names" in page and "it looks like a person (06 39 98 30 01)" in page


@pytest.mark.parametrize("name", ["N° 2024-2025", "2024-2025", "Portable 1", "@", "e-mail@", "Adresse (rue, n°)", "12345678"])
def test_names_of_columns_are_no_people(name):
    assert not heads.person_in([name, "Nom"])


@pytest.mark.parametrize("cell", ["0639983001", "+33 6 39 98 30 01", "06.39.98.30.01", "(06) 39-98-30-01", "ann@example.org", "33639983001.0"])
def test_people_are_seen_in_the_first_row(cell):
    assert heads.person_in(["Ann", cell]) == cell
