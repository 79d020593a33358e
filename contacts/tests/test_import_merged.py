"""Rows that name somebody who was merged away find whom they became, on the page and in the command: nobody is made anew or comes back.

Such a row may add to the contact, and overwrites nothing.
"""

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

HEAD = "First name,E-mail,Mobile,External id,Organisation\n"
ROWS = {"by external id": "New,,,B2,Acme\n", "by e-mail": "New,Ben@Example.org,,,Acme\n", "by number": "Ben,,06 39 98 00 02,,Acme\n"}


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


def assert_only_ann_grew(ann: Contact) -> None:
    assert Contact.objects.count() == 3 and Contact.objects.active().get() == ann
    ann.refresh_from_db()
    assert (ann.first_name, ann.email, ann.external_id, ann.organisation) == ("Ann", "ann@example.org", "A1", "Acme")


@pytest.mark.parametrize("row", [*ROWS.values(), "New,,,C3,Acme\n", "New,cid@example.org,,,Acme\n", "New,ben@example.org,0639980003,C3,Acme\n"])
def test_the_command_finds_the_winner(tmp_path, pair, row):
    for key in ([], ["--dry-run"], []):
        report = run_command(tmp_path, HEAD + row, *key)
        assert (report["created"], report["refused"]) == (0, 0), report
    assert_only_ann_grew(pair[0])


@pytest.mark.parametrize(("key", "row"), list(zip(["external-id", "email", "number"], ROWS.values(), strict=True)))
def test_the_command_finds_the_winner_by_one_key_only(tmp_path, pair, key, row):
    assert run_command(tmp_path, HEAD + row, "--match-by", key)["updated"] == 1
    assert_only_ann_grew(pair[0])


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
    assert_only_ann_grew(pair[0])


WINNER = "Anna,ann@example.org,06 39 98 00 01,A1,Riverside\n"


@pytest.mark.parametrize("rows", [WINNER + ROWS["by external id"], ROWS["by external id"] + WINNER], ids=["winner first", "loser first"])
def test_the_winners_own_row_is_heard_wherever_it_stands(tmp_path, pair, rows):
    for key in (["--dry-run"], []):
        report = run_command(tmp_path, HEAD + rows, *key)
        (warning,) = [warning for warning in report["warnings"] if warning["code"] == "merged_person"]
        assert warning["row"] == (3 if rows.startswith(WINNER) else 2)
        assert warning["message"].startswith("Somebody who was merged into Ann") and "Kept as it is: First name" in warning["message"]
    ann = Contact.objects.active().get()
    assert (ann.first_name, ann.organisation) == ("Anna", "Riverside")
    assert run_command(tmp_path, HEAD + rows)["unchanged"] == 2


def test_the_row_of_a_merged_contact_empties_nothing(tmp_path, pair):
    Contact.objects.filter(pk=pair[0].pk).update(organisation="Riverside", tags=["vip"])
    text = "First name,External id,Organisation,Tags,Mobile\nBen,B2,(empty),(empty),(empty)\n"
    assert run_command(tmp_path, text, "--empty-marker", "(empty)")["unchanged"] == 1
    ann = Contact.objects.active().get()
    assert (ann.organisation, ann.tags, ann.numbers.count()) == ("Riverside", ["vip"], 3)


def test_the_row_of_a_merged_contact_opts_out_and_never_in(tmp_path, pair):
    ann, _ben = pair
    run_command(tmp_path, "First name,External id,Opted out of marketing\nBen,B2,yes\n")
    ann.refresh_from_db()
    assert ann.opted_out
    options = ["--consent-source", "Desk", "--consent-wording", "Texts about us"]
    report = run_command(tmp_path, "First name,External id,Opted in,Opt-in date\nBen,B2,yes,2026-11-28\n", *options)
    ann.refresh_from_db()
    assert ann.opted_out and "block_kept" in {warning["code"] for warning in report["warnings"]}


def test_an_opt_in_that_the_merged_contact_had_is_not_told_again(tmp_path, db):
    text, options = "First name,External id,Opted in,Opt-in date\nBen,B2,yes,2026-01-15\n", ["--consent-source", "Desk", "--consent-wording", "Texts"]
    ann = make_contact("+33639980001", first_name="Ann", external_id="A1")
    run_command(tmp_path, text, *options)
    merged(ann, Contact.objects.get(external_id="B2"))
    assert run_command(tmp_path, text, *options)["unchanged"] == 1
    assert ConsentEntry.objects.filter(event="opt_in").count() == 1


@pytest.mark.parametrize(("name", "becomes"), [("Ben", "Acme"), ("Ann", "Riverside")])
def test_a_name_that_only_the_merged_contact_had_tells_whose_row_it_is(tmp_path, pair, name, becomes):
    """By a number, which the winner has from the merged contact; a row with the winner's name changes the winner as ever."""
    Contact.objects.filter(pk=pair[0].pk).update(organisation="Acme")
    run_command(tmp_path, f"First name,Mobile,Organisation\n{name},06 39 98 00 02,Riverside\n")
    assert Contact.objects.get(pk=pair[0].pk).organisation == becomes


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
    assert Contact.objects.active().get().organisation == "Acme"
