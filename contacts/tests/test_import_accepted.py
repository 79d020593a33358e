"""The trial run says of each accepted row who it is and what would be otherwise: on its page, a part at a time, never more than it keeps."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts.importing import effects, jobs
from contacts.models import Contact, CustomField, ImportJob
from contacts.services import imports
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
HEAD = "Prénom;Nom;Courriel;Portable;Identifiant;Groupe;Étiquettes;Désabonné;Level;Né(e) le\n"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client(client_for) -> Client:
    return client_for("author")


def tried(client: Client, text: str, **changes: object) -> ImportJob:
    client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("gens.csv", text.encode())})
    job = ImportJob.objects.latest("id")
    imports.check(job, **{"mapping": job.mapping, "region": "FR"} | changes)
    jobs.work(job.pk)
    job.refresh_from_db()
    return job


def shown(client: Client, job: ImportJob, **asked: str):
    return client.get(reverse("contacts:import", args=[job.pk]), asked)


def test_rows_say_what_they_would_do_with_their_number_in_the_sheet(client):
    CustomField.objects.create(key="level", label="Level", type="number")
    make_contact("+33639980001", first_name="Léa", last_name="Roy", email="old@example.org", external_id="A1", birth_date="1990-04-17", custom={"level": 1})
    make_contact("+33639980003", external_id="A3", first_name="Eve", last_name="Bon")
    choir = make_group(name="Choir")
    text = HEAD + "Léa;Roy;new@example.org;0639980009;A1;Choir|Newcomers;Board;oui;2;18/04/1990\nTom;Ray;;0639980002;;;;;;\nEve;;;;A3;;;;;\nBad;;;12;;;;;;\n"
    job = tried(client, text, group_ids=[choir.pk])
    updated = shown(client, job).context["accepted"]
    assert [(line["row"], line["who"], line["groups"], line["tags"]) for line in updated] == [
        (2, "Léa Roy", ["Choir", "Newcomers"], ["Board"]), (4, "Eve Bon", ["Choir"], []),
    ]  # fmt: skip
    assert updated[0]["changes"] == [
        ("E-mail", "old@example.org", "new@example.org"), ("Birth date", "17 April 1990", "18 April 1990"), ("Opted out of marketing", "no", "yes"),
        ("Level", "1", "2"), ("Number", "", "+33 6 39 98 00 09"),
    ]  # fmt: skip
    page = shown(client, job, rows="created")
    assert [(line["row"], line["who"], line["groups"]) for line in page.context["accepted"]] == [(3, "Tom Ray", ["Choir"])]
    assert "+33 6 39 98 00 02" in page.content.decode() and "What the contact would have" in page.content.decode()
    assert not Contact.objects.filter(first_name="Tom").exists()


def test_a_later_row_of_the_same_person_is_judged_after_the_first(client):
    job = tried(client, "Prénom;Portable;Courriel\nLéa;0639980001;\nLéa;0639980001;lea@example.org\nLéa;0639980001;\n")
    assert [(line["row"], line["changes"]) for line in shown(client, job).context["accepted"]] == [(3, [("E-mail", "", "lea@example.org")])]
    assert [line["row"] for line in shown(client, job, rows="unchanged").context["accepted"]] == [4]


def test_rows_come_in_pages(client):
    job = tried(client, "Nom;Portable\n" + "".join(f"P{n};06399800{n:02}\n" for n in range(60)))
    seen, place = [], "0"
    while place:
        page = shown(client, job, rows="created", at=place)
        seen += [line["row"] for line in page.context["accepted"]]
        place = page.context["next_place"]
    assert seen == list(range(2, 62))


@pytest.mark.parametrize("place", ["7", "999999999", "-1", "x", "٣", "9" * 30])
def test_a_place_that_nobody_told_is_no_error(client, place):
    job = tried(client, "Nom;Portable\nA;0639980001\n")
    assert shown(client, job, rows="created", at=place).status_code == 200


def test_no_more_rows_are_kept_than_can_be_looked_at_and_the_page_says_so(client, monkeypatch):
    monkeypatch.setattr(effects, "MOST", 2)
    job = tried(client, "Nom;Portable\nA;0639980001\nB;0639980002\nC;0639980003\n")
    page = shown(client, job)
    assert [line["row"] for line in page.context["accepted"]] == [2, 3] and "The first 2 rows are listed; the figures above count all." in page.content.decode()


def test_once_the_rows_are_in_what_they_would_have_done_is_gone(client, tmp_path):
    job = tried(client, "Nom;Portable\nA;0639980001\n")
    imports.start(job)
    jobs.work(job.pk)
    assert "What the accepted rows would do" not in shown(client, job).content.decode()
    assert not [path for path in (tmp_path / "imports").iterdir() if path.suffixes[0].strip(".") in effects.OUTCOMES]


def test_a_hostile_name_stays_a_text(client):
    job = tried(client, "Nom;Portable\n<script>x</script>;0639980001\n")
    html = shown(client, job).content.decode()
    assert "&lt;script&gt;x&lt;/script&gt;" in html and "<script>x" not in html


def test_a_row_that_renames_somebody_shows_both_names(client):
    make_contact("+33639980001", first_name="Léa", last_name="Roy")
    make_contact("+33639980002", first_name="", last_name="Bon")
    job = tried(client, "Prénom;Nom;Portable\nLéa Anne;Roy;0639980001\nEve;Bon;0639980002\n")
    page = shown(client, job)
    assert [(line["who"], line["becomes"]) for line in page.context["accepted"]] == [("Léa Roy", "Léa Anne Roy"), ("Bon", "Eve Bon")]
    html = page.content.decode()
    assert "Léa Roy</a> <span class=\"quiet\">→ Léa Anne Roy</span>" in html and "1 row gives another name" in html
