"""Columns that become custom fields: guessed, checked, made when the import starts, and only by those who may."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contacts.importing import columns, jobs, new_fields
from contacts.models import Contact, CustomField, ImportJob
from contacts.services import imports
from contacts.services.errors import ContactsError

pytestmark = pytest.mark.django_db
State = ImportJob.State
TEXT = "Nom;Portable;N° d'adhérent;Niveau;Depuis;Cotisation;Bureau\n" + "".join(
    f"P{n};06399800{n:02};{n:05};{('Or', 'Argent')[n % 2]};{n % 28 + 1:02}/03/2020;{n},5;{('oui', 'non')[n % 2]}\n" for n in range(12)
)
MAPPING = {"0": "last_name", "1": "mobile", "2": "new:text", "3": "new:choice", "4": "new:date", "5": "new:number", "6": "new:yes_no"}


@pytest.fixture
def job(settings, tmp_path, user_for) -> ImportJob:
    settings.MEDIA_ROOT = tmp_path
    return imports.upload(SimpleUploadedFile("gens.csv", TEXT.encode()), region="FR", author=user_for("administrator"))


def test_types_are_guessed_from_the_first_rows(job):
    rows = new_fields.sample(imports.table_path(job), imports.dialect_of(job))
    assert new_fields.guess_types(rows, 7, "FR") == ["text", "text", "text", "choice", "date", "number", "yes_no"]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([], "text"), (["", "  "], "text"), (["1", "0", "1"], "number"), (["1990-04-17", ""], "date"), (["1990-04-17", "soon"], "text"), (["a", "b"], "text"),
        (["a"] * 5 + ["b"], "choice"), ([str(n) + "x" for n in range(9)] * 3, "text"), (["00123", "00124"], "text"), (["x", ""], "yes_no"),
    ],
)  # fmt: skip
def test_guesses(cells, kind):
    assert new_fields.guess_types([[cell] for cell in cells], 1, "FR") == [kind]


def test_fields_are_tried_and_made_only_when_the_import_starts(job, user_for):
    admin = user_for("administrator")
    imports.check(job, mapping=MAPPING, by=admin)
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.report["created"], job.report["refused"]) == (State.CHECKED, 12, 0)
    assert not CustomField.objects.exists()
    imports.start(job, admin)
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.report["created"]) == (State.FINISHED, 12)
    made = {field.key: (field.label, field.type, field.choices) for field in CustomField.objects.all()}
    assert made == {
        "n_d_adherent_2": ("N° d'adhérent", "text", []), "niveau": ("Niveau", "choice", ["Argent", "Or"]), "depuis": ("Depuis", "date", []),
        "cotisation": ("Cotisation", "number", []), "bureau": ("Bureau", "yes_no", []),
    }  # fmt: skip
    assert Contact.objects.get(last_name="P1").custom == {
        "n_d_adherent_2": "00001", "niveau": "Argent", "depuis": "2020-03-02", "cotisation": 1.5, "bureau": False,
    }  # fmt: skip
    assert job.mapping["3"] == "custom:niveau"


def test_the_wrong_type_is_told_row_by_row_in_the_dry_run(job, user_for):
    imports.check(job, mapping=MAPPING | {"3": "new:number"}, by=user_for("administrator"))
    jobs.work(job.pk)
    job.refresh_from_db()
    assert job.report["refused"] == 12
    assert {(fault["column"], fault["code"]) for fault in job.report["errors"]} == {("Niveau", "not_a_number")}


def test_only_those_who_may_add_fields_make_them(job, user_for):
    with pytest.raises(ContactsError, match="Only administrators"):
        imports.check(job, mapping=MAPPING, by=user_for("marketer"))
    imports.check(job, mapping=MAPPING, by=user_for("administrator"))
    jobs.work(job.pk)
    job.refresh_from_db()
    with pytest.raises(ContactsError, match="Only administrators"):
        imports.start(job, user_for("marketer"))
    job.refresh_from_db()
    assert (job.state, CustomField.objects.count()) == (State.CHECKED, 0)


def test_a_name_that_is_taken_meanwhile_is_told_and_nothing_is_half_done(job, user_for):
    admin = user_for("administrator")
    imports.check(job, mapping=MAPPING, by=admin)
    jobs.work(job.pk)
    job.refresh_from_db()
    CustomField.objects.create(key="other", label="niveau")
    with pytest.raises(ContactsError, match="Niveau cannot become a field"):
        imports.start(job, admin)
    job.refresh_from_db()
    assert (job.state, CustomField.objects.count()) == (State.CHECKED, 1)


def test_columns_that_another_person_has_changed_are_not_imported(job, user_for):
    admin = user_for("administrator")
    imports.check(job, mapping=MAPPING, by=admin)
    jobs.work(job.pk)
    seen = ImportJob.objects.get()
    imports.check(ImportJob.objects.get(), mapping={"0": "last_name"}, by=admin)
    jobs.work(job.pk)
    with pytest.raises(ContactsError, match="moved on"):
        imports.start(seen, admin)


def test_too_many_values_for_a_choice_are_told(job, user_for, monkeypatch):
    monkeypatch.setattr("contacts.services.custom_fields.MOST_CHOICES", 5)
    with pytest.raises(ContactsError, match="too many for a choice"):
        imports.check(job, mapping={"0": "last_name", "2": "new:choice"}, by=user_for("administrator"))


def test_the_page_offers_new_fields_to_administrators_only(job, client_for):
    page = reverse("contacts:import_columns", args=[job.pk])
    html = client_for("administrator").get(page).content.decode()
    assert "New field “Niveau”" in html and "New: choice, as it looks" in html
    html = client_for("author").get(page).content.decode()
    assert "New field" not in html
    refused = client_for("author").post(page, {"column_0": "last_name", "column_3": "new:choice", "region": "FR"})
    assert refused.status_code == 200 and "is not among the choices" in refused.content.decode()


def test_custom_fields_that_exist_are_offered_to_everybody_who_imports(job, client_for):
    CustomField.objects.create(key="level", label="Niveau")
    page = client_for("author").get(reverse("contacts:import_columns", args=[job.pk]))
    assert '<option value="custom:level">Niveau</option>' in page.content.decode()
    again = imports.upload(SimpleUploadedFile("gens.csv", TEXT.encode()), region="FR", author=job.author)
    assert again.mapping["3"] == "custom:level"


def test_meanings_in_words():
    field = CustomField(key="level", label="Level")
    assert [columns.label_of(meaning, {"custom:level": field}) for meaning in ("email", "custom:level", "new:yes_no", "custom:gone", "")] == [
        "E-mail", "Level", "New field, yes or no", "Left out", "Left out",
    ]  # fmt: skip
