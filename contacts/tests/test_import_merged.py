"""Rows that name somebody who was merged away find whom they became, on the page and in the command: nobody is made anew or comes back."""

import json
import threading
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connections
from django.urls import reverse

from contacts.duplicates.choices import Choices
from contacts.importing import finding, jobs
from contacts.models import ConsentEntry, Contact, ImportJob
from contacts.services import consent, contacts, merge
from contacts.tests.factories import make_contact

HEAD = "First name,E-mail,Mobile,External id\n"
ROWS = {"by external id": "New,,,B2\n", "by e-mail": "New,Ben@Example.org,,\n", "by number": "Ben,,06 39 98 00 02,\n"}


def merged(winner: Contact, loser: Contact) -> None:
    """Through the service, as on the page."""
    people = Contact.objects.in_bulk([winner.pk, loser.pk])
    merge.merge([winner.pk, loser.pk], Choices(winner.pk, {}, ""), seen={person.pk: person.updated_at for person in people.values()})


@pytest.fixture
def pair(db) -> tuple[Contact, Contact]:
    """Ann, whom Ben became, whom Cid had become."""
    ann = make_contact("+33639980001", first_name="Ann", email="ann@example.org", external_id="A1")
    ben = make_contact("+33639980002", first_name="Ben", email="ben@example.org", external_id="B2")
    cid = make_contact("+33639980003", first_name="Cid", email="cid@example.org", external_id="C3")
    merged(ben, cid)
    merged(ann, ben)
    return ann, ben


def run_command(tmp_path, text: str, *options: str) -> dict:
    path = tmp_path / "people.csv"
    path.write_text(text)
    out = StringIO()
    call_command("import_contacts", str(path), "--region", "FR", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


def assert_only_ann_changed(ann: Contact) -> None:
    assert Contact.objects.count() == 3 and Contact.objects.active().get() == ann
    ann.refresh_from_db()
    assert ann.first_name in ("New", "Ben")
    assert (ann.email, ann.external_id) == ("ann@example.org", "A1")


@pytest.mark.parametrize("row", [*ROWS.values(), "New,,,C3\n", "New,cid@example.org,,\n", "New,ben@example.org,0639980003,C3\n"])
def test_the_command_finds_the_winner(tmp_path, pair, row):
    for key in ([], ["--dry-run"], []):
        report = run_command(tmp_path, HEAD + row, *key)
        assert (report["created"], report["refused"]) == (0, 0), report
    assert_only_ann_changed(pair[0])


@pytest.mark.parametrize(("key", "row"), list(zip(["external-id", "email", "number"], ROWS.values(), strict=True)))
def test_the_command_finds_the_winner_by_one_key_only(tmp_path, pair, key, row):
    assert run_command(tmp_path, HEAD + row, "--match-by", key)["updated"] == 1
    assert_only_ann_changed(pair[0])


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_the_page_finds_the_winner(client_for, settings, tmp_path, pair, row):
    settings.MEDIA_ROOT = tmp_path
    client = client_for("author")
    client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("people.csv", (HEAD + row).encode())})
    job = ImportJob.objects.get()
    columns = {f"column_{index}": meaning for index, meaning in job.mapping.items()}
    client.post(reverse("contacts:import_columns", args=[job.pk]), columns | {"region": "FR"})
    jobs.work(job.pk)
    client.post(reverse("contacts:import_start", args=[job.pk]))
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.report["created"], job.report["updated"], job.report["refused"]) == ("finished", 0, 1, 0)
    assert_only_ann_changed(pair[0])


def test_a_winner_who_was_deleted_does_not_come_back_and_their_own_word_holds(tmp_path, pair):
    ann, _ben = pair
    consent.opt_out(ann, source="reply", own_act=True, number="")
    contacts.delete(ann)
    assert run_command(tmp_path, HEAD + ROWS["by external id"])["created"] == 1
    made = Contact.objects.active().get()
    assert made.opted_out and ConsentEntry.objects.filter(contact=made, event="opt_out", own_act=True).exists()
    assert Contact.objects.count() == 4


@pytest.mark.django_db(transaction=True)
def test_a_merge_of_the_same_moment_is_seen(tmp_path, monkeypatch):
    """The import has found Ben; before it holds his row he becomes Ann."""
    ann = make_contact("+33639980001", first_name="Ann", external_id="A1")
    ben = make_contact("+33639980002", first_name="Ben", external_id="B2")
    first, calls = finding._contacts, []

    def late(*args, **options):
        if not calls:
            calls.append(1)
            thread = threading.Thread(target=lambda: (merged(ann, ben), connections.close_all()))
            thread.start()
            thread.join(10)
        return first(*args, **options)

    monkeypatch.setattr(finding, "_contacts", late)
    report = run_command(tmp_path, HEAD + ROWS["by external id"])
    assert (report["created"], report["updated"]) == (0, 1)
    assert Contact.objects.active().get().first_name == "New"
