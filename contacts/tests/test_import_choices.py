"""What holds for all rows, and columns beyond a contact's own: custom fields, tags, keys, the marker, merged people."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from contacts.models import Contact, CustomField, Group, PhoneNumber, Tag
from contacts.services import contacts
from contacts.tests.factories import add_number, make_contact, make_group

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(tmp_path):
    """`load(text, "--dry-run")` → the report of the command."""

    def run(text: str | bytes, *options: str) -> dict:
        path = tmp_path / "people.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        out = StringIO()
        call_command("import_contacts", str(path), "--region", "FR", "--json", *options, stdout=out)
        return json.loads(out.getvalue())

    return run


def counts(report: dict) -> tuple[int, ...]:
    """created, updated, unchanged, refused."""
    return tuple(report[name] for name in ("created", "updated", "unchanged", "refused"))


def codes(report: dict, kind: str = "errors") -> list[tuple[int, str, str]]:
    return [(fault["row"], fault["column"], fault["code"]) for fault in report[kind]]


@pytest.fixture
def fields():
    made = [
        ("level", "Membership level", "choice", ["Gold", "Silver"]), ("joined", "Joined on", "date", []), ("points", "Points", "number", []),
        ("board", "Board member", "yes_no", []), ("instrument", "Instrument", "text", []),
    ]  # fmt: skip
    for key, label, kind, choices in made:
        CustomField.objects.create(key=key, label=label, type=kind, choices=choices)


CUSTOM = "Name;Mobile;membership LEVEL;joined;Points;Board member;Instrument\n"


def test_custom_fields_are_found_by_label_or_key_and_a_repeat_changes_nothing(load, fields):
    text = CUSTOM + "Anna;0639980001;gold;17/04/2020;1 234,5;oui;Flûte\nBob;0639980002;;;;;\n"
    assert counts(load(text, "--dry-run")) == counts(load(text)) == (2, 0, 0, 0)
    anna = Contact.objects.get(last_name="Anna")
    assert anna.custom == {"level": "Gold", "joined": "2020-04-17", "points": 1234.5, "board": True, "instrument": "Flûte"}
    assert Contact.objects.get(last_name="Bob").custom == {}
    assert counts(load(text)) == (0, 0, 2, 0)


def test_custom_values_are_put_beside_those_that_are_there(load, fields):
    make_contact("+33639980001", last_name="Anna", custom={"level": "Silver", "old": "kept"})
    assert counts(load(CUSTOM + ";0639980001;gold;;;;\n")) == (0, 1, 0, 0)
    assert Contact.objects.get().custom == {"level": "Gold", "old": "kept"}


def test_bad_values_of_custom_fields_are_faults_of_their_cells(load, fields):
    report = load(CUSTOM + "Anna;0639980001;bronze;31/02/2020;1e5;maybe;=1+1\n")
    assert codes(report) == [
        (2, "membership LEVEL", "not_a_choice"), (2, "joined", "no_such_day"), (2, "Points", "lossy_number"), (2, "Board member", "not_yes_or_no"),
        (2, "Instrument", "formula"),
    ]  # fmt: skip
    assert not Contact.objects.exists()


def test_archived_fields_are_no_targets(load, fields):
    CustomField.objects.filter(key="instrument").update(archived=True)
    load("Name;Instrument\nAnna;Flûte\n")
    assert Contact.objects.get().custom == {}


def test_tags_of_rows_and_of_everybody_are_added_in_the_spelling_in_use(load):
    Tag.objects.create(name="Volunteer")
    old = make_contact("+33639980001", first_name="", last_name="A", tags=["Board"])
    text = "Name;Mobile;Tags\nA;0639980001;volunteer|BOARD\nB;0639980002;Choir; \n".replace("Choir; ", '"Choir, VOLUNTEER"')
    dry = load(text, "--tag", "Members", "--dry-run")
    assert list(Tag.objects.values_list("name", flat=True)) == ["Volunteer"]
    assert counts(dry) == counts(load(text, "--tag", "Members")) == (1, 1, 0, 0)
    old.refresh_from_db()
    assert old.tags == ["Board", "Volunteer", "Members"]
    assert Contact.objects.get(last_name="B").tags == ["Choir", "Volunteer", "Members"]
    assert set(Tag.objects.values_list("name", flat=True)) >= {"Volunteer", "Members", "Choir"}
    assert counts(load(text, "--tag", "members")) == (0, 0, 2, 0)


def test_too_many_tags_are_refused(load):
    make_contact("+33639980001", tags=[f"t{n}" for n in range(30)])
    assert codes(load("Mobile,Tags\n0639980001,more\n")) == [(2, "Tags", "too_many_tags")]
    assert codes(load(f"Mobile,Tags\n0639980001,{'x' * 51}\n")) == [(2, "Tags", "tag_too_long")]


def test_everybody_joins_the_groups_of_the_command(load):
    choir, friends = make_group(name="Choir"), make_group(name="Friends")
    text = "Name,Mobile\nA,0639980001\nB,0639980002\n"
    load(text, "--group", "choir", "--group", "Friends")
    assert (choir.memberships.count(), friends.memberships.count()) == (2, 2)
    assert counts(load(text, "--group", "Choir")) == (0, 0, 2, 0)


def test_smart_groups_take_nobody_from_a_file(load):
    Group.objects.create(name="Young", kind="smart", rules={})
    report = load("Name,Mobile,Group\nA,0639980001,young\nC,0639980003,Young;Old\nB,0639980002,Old\n")
    assert [(fault["row"], fault["value"], fault["code"]) for fault in report["warnings"]] == [(2, "young", "smart_group"), (3, "Old", "new_group")]
    assert counts(report) == (3, 0, 0, 0)
    assert list(Group.objects.get(name="Old").memberships.order_by("contact_id").values_list("contact__last_name", flat=True)) == ["C", "B"]
    assert not Group.objects.get(name="Young").memberships.exists()
    with pytest.raises(CommandError, match="smart group"):
        load("Name\nA\n", "--group", "Young")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--group", "Nobody"], "no group"),
        (["--match-by", "shoe size"], "any, external_id, email, number"),
        (["--match-by", "email"], "No column has what people are to be found by"),
        (["--tag", "a,b"], "separate tags"),
        (["--region", "ZZ"], "no country"),
    ],
)
def test_bad_choices_are_told_with_exit_code_2(load, options, words):
    with pytest.raises(CommandError, match=words) as told:
        load("Name,Mobile\nA,0639980001\n", *options)
    assert told.value.returncode == 2
    assert not Contact.objects.exists()


HEAD = "First name,E-mail,Mobile,External id\n"


def test_by_external_id_only(load):
    make_contact("+33639980001", first_name="Old", email="a@example.org", external_id="A1")
    report = load(HEAD + "New,b@example.org,0639980009,A1\nOther,a@example.org,0639980001,B2\nNobody,a@example.org,,\n", "--match-by", "external-id")
    assert counts(report) == (1, 1, 0, 1)
    assert codes(report) == [(4, "External id", "no_key")]
    assert Contact.objects.get(external_id="A1").first_name == "New"


def test_by_email_only(load):
    make_contact("+33639980001", first_name="Old", email="a@example.org", external_id="A1")
    make_contact("+33639980002", first_name="Two", email="two@example.org", external_id="A2")
    text = HEAD + "New,A@example.org,,A9\nFree,c@example.org,0639980001,\nTaken,a@example.org,,A2\n,,0639980001,\n"
    report = load(text, "--match-by", "email")
    assert counts(report) == (1, 1, 0, 2)
    assert codes(report) == [(4, "External id", "external_id_taken"), (5, "E-mail", "no_key")]
    assert Contact.objects.get(email__iexact="a@example.org").external_id == "A9"


def test_by_number_only(load):
    make_contact("+33639980001", first_name="Old", email="a@example.org", external_id="A1")
    report = load(HEAD + "New,z@example.org,06 39 98 00 01,\nNobody,a@example.org,,A1\n", "--match-by", "number")
    assert counts(report) == (0, 1, 0, 1)
    assert (Contact.objects.get().first_name, Contact.objects.get().email) == ("New", "z@example.org")


def test_a_marker_empties_fields_and_an_empty_cell_does_not(load, fields):
    contact = make_contact("+33639980001", first_name="Léa", organisation="ACME", email="a@example.org", external_id="A1", birth_date="1990-04-17",
                           tags=["x"], custom={"level": "Gold", "points": 5})  # fmt: skip
    add_number(contact, "+33465712210", kind="landline")
    text = "External id;First name;Company;E-mail;Born;Tags;Level;Points;Landline\nA1;;(empty); (empty) ;(empty);(empty);(empty);;(empty)\n"
    assert counts(load(text.replace("Level", "Membership level"), "--empty-marker", "(empty)")) == (0, 1, 0, 0)
    contact.refresh_from_db()
    assert (contact.first_name, contact.organisation, contact.email, contact.birth_date, contact.tags) == ("Léa", "", "", None, [])
    assert contact.custom == {"points": 5}
    assert list(contact.numbers.values_list("number", "is_primary")) == [("+33639980001", True)]
    assert counts(load(text.replace("Level", "Membership level"), "--empty-marker", "(empty)")) == (0, 0, 1, 0)


def test_a_cleared_primary_number_hands_on_to_the_next(load):
    contact = make_contact("+33639980001", external_id="A1")
    add_number(contact, "+33465712210", kind="landline")
    load("External id,Mobile\nA1,-\n", "--empty-marker", "-")
    contact.refresh_from_db()
    assert (contact.sms_number, contact.reach) == (None, Contact.Reach.NOT_MOBILE)
    assert list(PhoneNumber.objects.values_list("number", "is_primary")) == [("+33465712210", True)]


def test_a_number_that_is_cleared_and_told_again_stays_as_it_was(load):
    contact = make_contact("+33639980001", external_id="A1")
    before = contact.numbers.get().pk
    assert counts(load("External id,Phone,Mobile\nA1,-,0639980001\n", "--empty-marker", "-")) == (0, 0, 1, 0)
    assert contact.numbers.get().pk == before


@pytest.mark.parametrize("column", ["Do not SMS", "Opted out", "Opted in", "Opt-in date", "Groups", "External id"])
def test_consent_membership_and_keys_are_not_emptied(load, column):
    make_contact("+33639980001", do_not_sms=True, opted_out=True)
    report = load(f"Mobile,{column}\n0639980001,-\n", "--empty-marker", "-")
    assert codes(report) == [(2, column, "cannot_be_cleared")]


def test_without_a_marker_such_a_text_is_a_text(load):
    load("Name,Company\nAnna,(empty)\n")
    assert Contact.objects.get().organisation == "(empty)"


def merged(winner: Contact, **had) -> Contact:
    """Somebody who became `winner`."""
    loser = make_contact(had.pop("number", None), **had)
    Contact.objects.filter(pk=loser.pk).update(deleted_at=timezone.now(), merged_into=winner.pk)
    return loser


@pytest.mark.parametrize("row", ["New,,,B2", "New,b@example.org,,", "New,,0639980002,"])
def test_keys_of_merged_contacts_lead_to_whom_they_became(load, row):
    winner = make_contact("+33639980001", first_name="Old", email="a@example.org", external_id="A1")
    merged(winner, number="+33639980002", email="b@example.org", external_id="B2", first_name="New", last_name="")
    for _repeat in range(2):
        report = load(HEAD + row + "\n")
        assert report["created"] == 0 and report["refused"] == 0, report
    winner.refresh_from_db()
    assert (winner.first_name, winner.email, winner.external_id) == ("Old", "a@example.org", "A1")
    assert Contact.objects.count() == 2


def test_rows_of_winner_and_loser_do_not_undo_each_other(load):
    winner = make_contact("+33639980001", first_name="Léa", email="a@example.org", external_id="A1")
    merged(winner, email="b@example.org", external_id="B2", first_name="Lea")
    text = HEAD + "Léa,a@example.org,,A1\nLea,b@example.org,,B2\n"
    assert counts(load(text)) == (0, 0, 2, 0)


def test_deleted_contacts_stay_deleted_and_are_not_found(load):
    gone = make_contact("+33639980001", email="a@example.org", external_id="A1")
    contacts.delete(gone)
    assert counts(load(HEAD + "New,a@example.org,0639980001,A1\n")) == (1, 0, 0, 0)
    gone.refresh_from_db()
    assert gone.deleted_at and gone.first_name != "New"
    assert counts(load(HEAD + "New,a@example.org,0639980001,A1\n")) == (0, 0, 1, 0)


def test_a_crowd_behind_one_number_costs_no_comparisons(load):
    school = [make_contact("+33465712210", kind="landline", email=f"p{n}@example.org", first_name=f"P{n}") for n in range(60)]
    assert codes(load(HEAD + ",,0465712210,\n")) == [(2, "Mobile", "ambiguous_number")]
    report = load(HEAD + "New,new@example.org,0465712210,\nP5,p5@example.org,0465712210,\n")
    assert counts(report) == (1, 0, 1, 0)
    assert Contact.objects.count() == len(school) + 1


def test_columns_of_one_name_and_without_a_name_are_told(load):
    report = load("Name,Name,\nAnna,Bon,x\n")
    assert codes(report, "warnings") == [(1, "Name (B)", "repeated_column"), (1, "", "no_number_column")]
    assert Contact.objects.get().last_name == "Anna"


def test_a_rounded_external_id_is_refused(load):
    assert codes(load("Name,External id\nA,1.23457E+14\n")) == [(2, "External id", "lossy_number")]


def test_wrapped_texts_of_spreadsheets_are_unwrapped(load):
    load('Name,External id,Mobile\nAnna,"=""00123""","=""0639980001"""\n')
    contact = Contact.objects.get()
    assert (contact.external_id, contact.sms_number) == ("00123", "+33639980001")


def test_what_an_export_made_harmless_comes_back_as_it_was(load, fields):
    load("Name;Mobile;Instrument;Tags\n'=cmd;'+33639980001;'-5 strings;'@home\n")
    contact = Contact.objects.get()
    assert (contact.last_name, contact.sms_number, contact.custom, contact.tags) == ("=cmd", "+33639980001", {"instrument": "-5 strings"}, ["@home"])
