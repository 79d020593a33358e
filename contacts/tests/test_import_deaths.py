"""Who has died: an import marks them, never takes the mark off, and says so where a column of deaths is left out."""

import json
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from contacts.importing import columns, deaths, jobs
from contacts.models import Contact, ImportJob
from contacts.services import imports
from contacts.tests.factories import make_contact


@pytest.mark.parametrize("value", ["oui", "x", "TRUE", "1", "Décédée", "†", "12/05/2021", "2021-05-12 00:00:00", "2019"])
def test_answers_that_say_somebody_has_died(value):
    assert deaths.died(value) is True


@pytest.mark.parametrize("value", ["non", "0", "FAUX", "vivant", "Alive"])
def test_answers_that_say_they_live(value):
    assert deaths.died(value) is False


def test_what_cannot_be_read_is_refused():
    with pytest.raises(ValueError, match="cannot be read whether this person has died"):
        deaths.died("voir Léa")


@pytest.fixture
def load(db, tmp_path):
    """`load(text, *options)` → the report of the command."""

    def run(text: str, *options: str) -> dict:
        path = tmp_path / "people.csv"
        path.write_text(text)
        out = StringIO()
        call_command("import_contacts", str(path), "--region", "FR", "--json", *options, stdout=out)
        return json.loads(out.getvalue())

    return run


def dead() -> list[str]:
    return list(Contact.objects.filter(deceased=True).order_by("last_name").values_list("last_name", flat=True))


def test_the_dead_are_marked_and_a_no_or_an_empty_cell_lifts_nothing(load):
    make_contact("+33639980001", first_name="", last_name="A", deceased=True)
    make_contact("+33639980002", first_name="", last_name="B", deceased=True)
    make_contact("+33639980003", first_name="", last_name="C")
    text = "Nom;Portable;Décédé;Date de décès\nA;0639980001;non;\nB;0639980002;;\nC;0639980003;oui;\nD;0639980004;;03/02/2024\nE;0639980005;non;\n"
    report = load(text)
    assert dead() == ["A", "B", "C", "D"]
    assert [(fault["row"], fault["code"]) for fault in report["warnings"]] == [(2, "block_kept")]
    assert (load(text)["unchanged"], dead()) == (5, ["A", "B", "C", "D"])


def test_of_two_rows_of_one_person_the_one_that_says_so_wins(load):
    load("Nom;Portable;Décédé\nA;0639980001;non\nA;0639980001;oui\n")
    assert dead() == ["A"]


def test_the_mark_cannot_be_cleared(load):
    make_contact("+33639980001", first_name="", last_name="A", deceased=True)
    report = load("Nom;Portable;Décédé\nA;0639980001;(vide)\n", "--empty-marker", "(vide)")
    assert [fault["code"] for fault in report["errors"]] == ["cannot_be_cleared"] and dead() == ["A"]


@pytest.mark.django_db
def test_a_column_of_deaths_that_is_left_out_is_told(user_for, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    file = SimpleUploadedFile("gens.csv", b"Nom;Portable;Deceased\nA;0639980001;yes\nB;0639980002;no\n")
    job = imports.upload(file, region="FR", author=user_for("author"))
    assert job.mapping["2"] == "deceased"
    imports.check(job, mapping={"0": "last_name", "1": "mobile"})
    jobs.work(job.pk)
    job = ImportJob.objects.get()
    (warning,) = job.report["warnings"]
    assert warning["code"] == "refusals_left_out" and "looks as if it said who has died (1 row)" in warning["message"]


@pytest.mark.parametrize("name", ["Assurance décès", "Deadline", "Lieu de décès", "Contact en cas de décès"])
def test_other_columns_say_nothing_of_deaths(name):
    assert columns.guess([name]) == {}
