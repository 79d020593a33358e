"""What a number says of who is meant when the e-mail is another one, and what is told of rows without numbers or cells."""

import json
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from contacts.importing import jobs, report, run
from contacts.models import ConsentEntry, Contact, ImportJob, PhoneNumber
from contacts.services import imports, numbers
from contacts.tests.factories import add_number, make_contact

pytestmark = pytest.mark.django_db
HEAD = "First name,Last name,E-mail,Mobile,External id\n"


@pytest.fixture
def load(tmp_path):
    """`load(text, *options)` → what the command prints."""

    def run(text: str, *options: str) -> str:
        path = tmp_path / "people.csv"
        path.write_text(text)
        out = StringIO()
        call_command("import_contacts", str(path), "--region", "FR", *options, stdout=out)
        return out.getvalue()

    return run


def judged(output: str) -> tuple[int, int, int, list[str]]:
    """created, updated, refused, codes of errors."""
    told = json.loads(output)
    return told["created"], told["updated"], told["refused"], [error["code"] for error in told["errors"]]


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        ("Léa,Martin,new@example.org,0639980001,", (0, 1, 0, [])),
        ("LEA,martin,new@example.org,06 39 98 00 01,", (0, 1, 0, [])),
        ("Tom,Martin,tom@example.org,0639980001,", (1, 0, 0, [])),
        (",,new@example.org,0639980001,", (1, 0, 0, [])),
        (",Martin,new@example.org,0639980001,", (1, 0, 0, [])),
        (",Martin,new@example.org,0639980001,B2", (1, 0, 0, [])),
        (",Martin,,0639980001,", (0, 0, 0, [])),
        ("Léa,Martin,new@example.org,0639980001,B2", (1, 0, 0, [])),
    ],
)
def test_a_known_number_with_another_e_mail_is_the_same_person_by_the_same_name_only(load, row, expected):
    lea = make_contact("+33639980001", first_name="Léa", last_name="Martin", email="old@example.org")
    assert judged(load(HEAD + row + "\n", "--dry-run", "--json")) == judged(load(HEAD + row + "\n", "--json")) == expected
    lea.refresh_from_db()
    assert lea.email == ("new@example.org" if expected[1] else "old@example.org")
    assert Contact.objects.count() == 1 + expected[0]
    assert judged(load(HEAD + row + "\n", "--json"))[:2] == (0, 0), "a repeat changes nothing"


@pytest.mark.parametrize(
    ("old", "row", "created"),
    [
        ({}, "Tom,Roy,tom@example.org,0639980001,", 1),
        ({"email": "old@example.org"}, "Tom,Roy,,0639980001,", 1),
        ({}, "Tom,Roy,,0639980001,T1", 1),
        ({}, ",LEA MARTIN,,0639980001,", 0),
        ({}, ",,lea@example.org,0639980001,", 0),
        ({"first_name": "", "last_name": ""}, "Tom,Roy,tom@example.org,0639980001,", 0),
    ],
)
def test_a_number_alone_never_turns_one_person_into_another(load, old, row, created):
    lea = make_contact("+33639980001", **({"first_name": "Léa", "last_name": "Martin"} | old))
    told = [json.loads(load(HEAD + row + "\n", *option, "--json")) for option in (["--dry-run"], [])]
    assert [report["created"] for report in told] == [created, created]
    if created:
        lea.refresh_from_db()
        assert lea.first_name == "Léa"
        assert all("Shares the number of Léa Martin" in report["warnings"][0]["message"] or "has this number too" in report["warnings"][0]["message"]
                   for report in told)  # fmt: skip
    assert judged(load(HEAD + row + "\n", "--json"))[:2] == (0, 0), "a repeat finds both again"


@pytest.mark.parametrize("batch", [1, 9])
def test_two_names_on_one_number_are_two_contacts(load, monkeypatch, batch):
    monkeypatch.setattr(run, "BATCH", batch)
    text = "First name,Last name,Mobile\nLéa,Martin,0639980001\nTom,Martin,0639980001\n"
    assert judged(load(text, "--dry-run", "--json")) == judged(load(text, "--json")) == (2, 0, 0, [])
    assert judged(load(text, "--json")) == (0, 0, 0, [])
    assert "1 row shares its number with another contact." in load(text + "Zoé,Martin,0639980001\n")


def test_who_asks_for_the_number_only_gets_that_with_a_warning(load):
    lea = make_contact("+33639980001", first_name="Léa", last_name="Martin")
    told = json.loads(load(HEAD + "Tom,Roy,,0639980001,\n", "--match-by", "number", "--json"))
    lea.refresh_from_db()
    assert (told["updated"], lea.first_name) == (1, "Tom") and told["warnings"][0]["code"] == "other_name"


def test_somebody_else_with_the_number_is_named(load):
    make_contact("+33639980001", first_name="Léa", last_name="Martin", email="old@example.org")
    warning = json.loads(load(HEAD + "Tom,,new@example.org,0639980001,\n", "--json"))["warnings"][0]
    assert (warning["row"], warning["column"], warning["code"]) == (2, "Mobile", "number_shared")
    assert "Léa Martin has this number too, with another e-mail (old@example.org)" in warning["message"]


def test_two_rows_of_one_file_never_take_each_other_for_the_same(load):
    make_contact("+33639980001", first_name="Léa", last_name="Martin", email="old@example.org")
    text = HEAD + "Léa,Martin,a@example.org,0639980001,\nLéa,Martin,b@example.org,0639980001,\n"
    assert judged(load(text, "--json")) == (1, 1, 0, [])
    assert sorted(Contact.objects.values_list("email", flat=True)) == ["a@example.org", "b@example.org"]
    assert judged(load(text, "--json")) == (0, 0, 0, [])


SHORT = "Nom;Portable;Courriel\nA;0639980001;a@example.org\nB;0639980002\nC\nD;;d@example.org\n"


def test_short_rows_and_rows_without_a_number_are_told_and_taken(load):
    told = json.loads(load(SHORT, "--dry-run", "--json"))
    assert (told["created"], told["refused"]) == (4, 0)
    assert sorted((fault["row"], fault["code"]) for fault in told["warnings"]) == [(3, "short_row"), (4, "no_number"), (4, "short_row"), (5, "no_number")]
    words = load(SHORT)
    assert "2 rows leave a contact without a number, who cannot be texted." in words and "2 rows have fewer cells than the header" in words


def test_a_contact_that_has_a_number_is_not_said_to_have_none(load):
    make_contact("+33639980001", email="a@example.org")
    assert json.loads(load("E-mail,Mobile,Last name\na@example.org,,Roy\n", "--json"))["warnings"] == []


def test_a_file_without_numbers_is_told_once(load):
    told = json.loads(load("Name,E-mail\nA,a@example.org\nB,b@example.org\n", "--json"))
    assert [(fault["row"], fault["code"]) for fault in told["warnings"]] == [(1, "no_number_column")]


def test_the_page_counts_such_rows_and_they_leave_room_for_other_warnings(client_for, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(report, "MOST_QUIET", 3)
    client = client_for("author")
    text = "Nom;Portable\n" + "".join(f"P{n};\n" for n in range(20)) + "A;0639980001\nA;0639980001\n"
    client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("gens.csv", text.encode())})
    job = ImportJob.objects.get()
    imports.check(job, mapping=job.mapping, region="FR")
    jobs.work(job.pk)
    job.refresh_from_db()
    assert [fault["code"] for fault in job.report["warnings"]] == ["no_number"] * 3 + ["repeated_person"]
    assert "20 rows leave a contact without a number" in client.get(reverse("contacts:import", args=[job.pk])).content.decode()


@pytest.mark.parametrize("batch", [1_000, 1])
def test_a_mobile_becomes_primary_before_a_landline_whichever_row_and_batch_it_comes_in(load, monkeypatch, batch):
    monkeypatch.setattr(run, "BATCH", batch)
    text = "External id,Phone,Opted in\nA1,0465712210,\nA1,0465712211,\nA1,0639980001,yes\n"
    load(text, "--consent-source", "Fair")
    assert list(PhoneNumber.objects.filter(is_primary=True).values_list("number", flat=True)) == ["+33639980001"]
    assert ConsentEntry.objects.get().number == "+33639980001"  # the one that is texted, not the first that came
    assert judged(load(text, "--consent-source", "Fair", "--json")) == (0, 0, 0, [])


def test_a_landline_that_somebody_preferred_to_a_mobile_stays_primary(load):
    contact = make_contact("+33639980001", external_id="A1")
    add_number(contact, "+33465712210", kind="landline")
    numbers.replace(contact, [("+33639980001", "mobile", False), ("+33465712210", "landline", True)])
    load("External id,Mobile\nA1,0639980002\n")
    assert list(contact.numbers.filter(is_primary=True).values_list("number", flat=True)) == ["+33465712210"]
