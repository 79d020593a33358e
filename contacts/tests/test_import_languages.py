"""What the background job found is read by each person in their own language, and the rows that it refused are given out in it."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import translation

from contacts.importing import columns, jobs
from contacts.importing.faults import Fault
from contacts.models import ImportJob
from contacts.services import imports
from contacts.tests.factories import make_contact

TEXT = "Nom;Portable;Courriel;Né(e) le\nA;12;a@;31/02/1990\nB;0639980001;b@example.org;\nC;0639980001;c@example.org;\n"


@pytest.fixture
def job(db, client_for, settings, tmp_path) -> ImportJob:
    """Started by somebody who reads English."""
    settings.MEDIA_ROOT = tmp_path
    make_contact("+33639980001", last_name="Z", email="z@example.org")
    client_for("author").post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("gens.csv", TEXT.encode())})
    job = ImportJob.objects.get()
    with translation.override("en"):
        imports.check(job, mapping=job.mapping, region="FR")
    jobs.work(job.pk)
    job.refresh_from_db()
    return job


def read(client: Client, job: ImportJob, language: str, **asked: str) -> str:
    return client.get(reverse("contacts:import", args=[job.pk]), asked, headers={"accept-language": language}).content.decode()


def test_reasons_are_in_the_language_of_who_reads_them(client_for, job, user_for):
    client = client_for("author")
    user_for("author").__class__.objects.update(language="")
    english, french = read(client, job, "en"), read(client, job, "fr")
    assert "There are too few digits" in english and "There is no such day in the calendar" in english
    assert "There are too few digits" not in french and "Il n’y a pas assez de chiffres" in french.replace("&#x27;", "’"), french
    assert "Ce jour n’existe pas" in french or "no such day" not in french
    warned = read(client, job, "fr", show="warnings")
    assert "z@example.org" in warned and "has this number too" not in warned


def test_refused_rows_come_in_the_language_of_who_downloads_them(client_for, job, user_for):
    client = client_for("author")
    user_for("author").__class__.objects.update(language="")
    files = {}
    for language in ("en", "fr"):
        response = client.get(reverse("contacts:import_refused", args=[job.pk]), headers={"accept-language": language})
        files[language] = b"".join(response.streaming_content).decode("utf-8-sig")
    assert files["en"].startswith("Nom;Portable;Courriel;Né(e) le;Row;Reason\r\nA;12;a@;31/02/1990;2;Portable: There are too few digits.")
    assert files["fr"].startswith("Nom;Portable;Courriel;Né(e) le;Ligne;Motif\r\nA;12;a@;31/02/1990;2;Portable: ") and "There are" not in files["fr"]


@pytest.mark.parametrize(("last", "ours"), [(["Row", "Reason"], True), (["Ligne", "Motif"], True), (["Reason", "Row"], False), (["Row", "Colour"], False)])
def test_the_columns_of_a_file_of_refused_rows_are_known_again(last, ours):
    assert columns.of_refused_rows(["Nom", *last]) == ({1, 2} if ours else set())


def test_our_own_columns_are_not_offered_as_new_fields(client_for, settings, tmp_path, db):
    settings.MEDIA_ROOT = tmp_path
    client = client_for("administrator")
    text = "Nom;Portable;Colour;Ligne;Motif\nA;0639980001;red;2;Portable: 12\n"
    html = client.get(client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("refused.csv", text.encode())})["Location"]).content.decode()
    assert "New field “Colour”" in html and "New field “Ligne”" not in html and "New field “Motif”" not in html


def test_a_fault_of_an_older_import_keeps_its_words():
    old = {"row": 2, "column": "Portable", "value": "12", "code": "too_short", "message": "Trop court : 100 % faux."}
    assert Fault.of_json(old).message == "Trop court : 100 % faux."
