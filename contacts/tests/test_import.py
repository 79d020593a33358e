"""Files to contacts: what is recognised, refused, made, found again, and never lifted."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from contacts.importing import columns, limits
from contacts.importing.problems import FileProblem
from contacts.models import Activity, Contact, Group, PhoneNumber
from contacts.services import contacts
from contacts.tests.factories import add_number, make_contact, make_group

pytestmark = pytest.mark.django_db
HEAD = "First name,Last name,E-mail,Mobile,External id\n"


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


def test_report_has_these_keys_and_a_repeat_changes_nothing(load):
    text = HEAD + "Léa,Martin,lea@example.org,06 39 98 00 01,A1\nTom,Smith,,+447700900123,\n"
    first = load(text)
    assert list(first) == ["rows", "created", "updated", "unchanged", "refused", "errors", "warnings"]
    assert (first["rows"], counts(first)) == (2, (2, 0, 0, 0))
    assert counts(load(text)) == (0, 0, 2, 0)
    lea = Contact.objects.get(external_id="A1")
    assert (lea.first_name, lea.sms_number, lea.reach, lea.numbers.get().is_primary) == ("Léa", "+33639980001", Contact.Reach.MOBILE, True)


def test_dry_run_counts_alike_and_changes_nothing(load):
    make_contact(first_name="Old", external_id="A1", email="a1@example.org")
    text = "Prénom;Identifiant;Portable;Groupe\nNew;A1;;Choir\nTom;;0639980002;Choir\nTom;;0639980002;\nEve;;12;\n"
    dry = load(text, "--dry-run")
    assert Contact.objects.count() == 1 and not Group.objects.exists()
    real = load(text)
    assert counts(dry) == counts(real) == (1, 1, 1, 1)
    assert dry["errors"] == real["errors"]


def test_every_bad_cell_is_named_and_good_rows_go_in(load):
    report = load("Nom;Portable;Courriel;Né(e) le\nSassi;0639981234 Emna;emna@;31/02/1990\n\nBon;0639980001;;\n")
    assert counts(report) == (1, 0, 0, 1)
    assert [(error["row"], error["column"], error["value"]) for error in report["errors"]] == [
        (2, "Portable", "0639981234 Emna"),
        (2, "Courriel", "emna@"),
        (2, "Né(e) le", "31/02/1990"),
    ]
    assert all(error["message"] and error["code"] for error in report["errors"])


def test_empty_rows_count_for_the_row_number_only(load):
    report = load("Mobile\n\n,\n12\n")
    assert report["rows"] == 1
    assert report["errors"][0]["row"] == 4


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_encodings_and_separators_are_recognised(load, encoding, delimiter):
    text = "Prénom,Société,Téléphone\nZoë,Café d’Été,0639980001\nÅsa,Œuvre,0639980002\n".replace(",", delimiter)
    load(text.encode(encoding))
    assert set(Contact.objects.values_list("first_name", "organisation")) == {("Zoë", "Café d’Été"), ("Åsa", "Œuvre")}


def test_semicolon_file_with_commas_inside_and_excels_note(load):
    assert load("sep=;\nNom;Société\nMartin;Son, père, et fils, SA\nDurand;A, B\n")["created"] == 2
    assert Contact.objects.get(last_name="Martin").organisation == "Son, père, et fils, SA"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b" \n\n", "no rows"),
        (b"Name,Mobile\n", "column names and no rows below them"),
        (b"Nom;Portable\n\n;\n", "column names and no rows below them"),
        (b"Ann,Roy,06 39 98 30 01\n", "looks like a person"),
        (b"PK\x03\x04 workbook", "workbook"),
        (b"Name,Mobile\nL\0a,1\n", "zero bytes"),
        (bytes(range(1, 256)) * 20, "not a text file"),
        (b"\xff\xfeN\x00a", "letters"),
        (b"Name\n\x81\x8d\x9d\xff\n", "letters"),
        (b"Colour,Size\nred,12\n", "No column says"),
        (b"Name," + b"x," * 300 + b"\nA\n", "200 columns"),
        (b"Name\n" + b"x" * 10_001 + b"\n", "10,000"),
        (b'Name\n"' + b"x" * 200_000 + b"\n", "quotation"),
    ],
)
def test_files_that_cannot_be_imported_are_refused_in_words(tmp_path, content, words):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    out = StringIO()
    with pytest.raises(CommandError, match=words) as refused:
        call_command("import_contacts", str(path), "--json", stdout=out)
    assert refused.value.returncode == 2
    assert len(json.loads(out.getvalue())["errors"]) == 1
    assert not Contact.objects.exists()


def test_missing_file_and_large_file_are_told(tmp_path, monkeypatch):
    with pytest.raises(CommandError, match="no such file"):
        call_command("import_contacts", str(tmp_path / "none.csv"))
    monkeypatch.setattr(limits, "LARGEST_FILE", 3)
    (tmp_path / "large.csv").write_text("Name\nA\n")
    with pytest.raises(CommandError, match="larger than"):
        call_command("import_contacts", str(tmp_path / "large.csv"))


def test_a_country_that_does_not_exist_is_told(tmp_path):
    (tmp_path / "people.csv").write_text("Name\nA\n")
    with pytest.raises(CommandError, match="no country XX"):
        call_command("import_contacts", str(tmp_path / "people.csv"), "--region", "xx")


def test_a_bad_row_far_down_stops_before_anything_is_done(load):
    with pytest.raises(CommandError):
        load("Name\n" + "Anna\n" * 2_500 + "x" * 10_001 + "\n")
    assert not Contact.objects.exists()


def test_found_by_external_id_then_email_then_number(load):
    by_id = make_contact("+33639980001", external_id="A1", email="one@example.org", first_name="One", last_name="")
    by_email = make_contact("+33639980002", email="TWO@example.org", first_name="Two", last_name="")
    by_number = make_contact("+33639980003", first_name="Three", last_name="")
    report = load(HEAD + "1,,two@example.org,,A1\n2,,two@example.org,,\n,Three,,0639980003,\n")
    # the first row is A1 although the e-mail is another's; two contacts then have that e-mail
    assert by_id.__class__.objects.get(pk=by_id.pk).first_name == "1"
    assert report["errors"][0]["code"] == "ambiguous_email"
    assert Contact.objects.get(pk=by_number.pk).last_name == "Three"
    assert Contact.objects.get(pk=by_email.pk).first_name == "Two"


def test_a_number_that_several_contacts_have_is_ambiguous(load):
    make_contact("+33639980001")
    make_contact("+33639980001")
    report = load(HEAD + "Camille,,,0639980001,\n")
    assert counts(report) == (0, 0, 0, 1)
    assert (report["errors"][0]["code"], report["errors"][0]["column"]) == ("ambiguous_number", "Mobile")


def test_other_email_or_external_id_means_another_person_who_shares_the_number(load):
    make_contact("+33639980001", email="paul@example.org", external_id="A1", first_name="Paul")
    report = load(HEAD + "Marie,,marie@example.org,0639980001,\nJean,,jean@example.org,0639980001,B7\n")
    assert counts(report) == (2, 0, 0, 0)
    assert [warning["code"] for warning in report["warnings"]] == ["number_shared", "number_shared"]
    assert Contact.objects.get(external_id="A1").first_name == "Paul"


def test_same_person_twice_in_the_file_the_first_row_wins_and_gaps_are_filled(load):
    text = HEAD + "Léa,,lea@example.org,0639980001,\nLea,Martin,LEA@example.org,0639980002,\n"
    report = load(text)
    assert counts(report) == (1, 1, 0, 0)
    assert [(warning["row"], warning["code"]) for warning in report["warnings"]] == [(3, "repeated_person")]
    lea = Contact.objects.get()
    assert (lea.first_name, lea.last_name, lea.numbers.count(), lea.sms_number) == ("Léa", "Martin", 2, "+33639980001")
    assert counts(load(text)) == (0, 0, 2, 0)


def test_same_person_in_rows_of_two_batches(load, monkeypatch):
    monkeypatch.setattr("contacts.importing.run.BATCH", 2)
    text = HEAD + "".join(f"P{n},,p{n % 3}@example.org,,\n" for n in range(7))
    assert counts(load(text, "--dry-run")) == counts(load(text)) == (3, 0, 4, 0)
    assert counts(load(text)) == (0, 0, 7, 0)


def test_import_sets_blocks_and_never_lifts_them(load):
    make_contact("+33639980001", do_not_sms=True, opted_out=True)
    free = make_contact("+33639980002")
    report = load("Mobile,Do not SMS,Opted out\n0639980001,no,0\n0639980002,oui,\n")
    assert counts(report) == (0, 1, 1, 0)
    assert {warning["code"] for warning in report["warnings"]} == {"block_kept"}
    assert Contact.objects.filter(do_not_sms=True).count() == 2
    free.refresh_from_db()
    assert (free.do_not_sms, free.opted_out) == (True, False)


def test_empty_cells_erase_nothing_and_numbers_are_added(load):
    contact = make_contact("+33639980001", external_id="A1", first_name="Léa", email="lea@example.org")
    load(HEAD + ",,,0639980002,A1\n")
    contact.refresh_from_db()
    assert (contact.first_name, contact.email, contact.sms_number, contact.numbers.count()) == ("Léa", "lea@example.org", "+33639980001", 2)


def test_a_first_mobile_for_somebody_with_a_landline_makes_them_textable(load):
    contact = make_contact("+33465712210", kind="landline", external_id="A1")
    load(HEAD + ",,,0639980002,A1\n")
    contact.refresh_from_db()
    assert (contact.sms_number, contact.reach) == ("+33639980002", Contact.Reach.MOBILE)


def test_groups_of_rows_are_found_without_case_made_and_joined_once(load):
    make_group(name="Choir")
    text = "Name,Mobile,Group\nAnna,0639980001,choir | Friends\nBob,0639980002,FRIENDS\n"
    assert [warning["code"] for warning in load(text)["warnings"]] == ["new_group"]
    assert {group.name: group.memberships.count() for group in Group.objects.all()} == {"Choir": 1, "Friends": 2}
    assert counts(load(text)) == (0, 0, 2, 0)


def test_deleted_contacts_are_not_found(load):
    contacts.delete(make_contact("+33639980001", external_id="A1"))
    assert load(HEAD + "Léa,,,0639980001,A1\n")["created"] == 1


def test_history_names_the_file(load):
    make_contact("+33639980001", first_name="Old", last_name="")
    load(HEAD + "Old,New,,0639980001,\nBob,,,0639980002,\n")
    assert set(Activity.objects.values_list("subject", "details")) == {("import_changed", "people.csv"), ("imported", "people.csv")}


def test_hostile_text_is_kept_as_text_and_an_exports_apostrophe_is_undone(load):
    load("First name,Last name,Company,Mobile\n<script>alert(1)</script>,{contact.first_name},'=1+1,'+33639980001\n")
    contact = Contact.objects.get()
    assert (contact.first_name, contact.last_name, contact.organisation) == ("<script>alert(1)</script>", "{contact.first_name}", "=1+1")


def test_row_with_more_cells_than_the_header_is_refused(load):
    assert load("Name,Mobile\nA,0639980001,\nB,0639980002,more\n")["errors"][0]["code"] == "extra_cells"


def test_landline_column_and_landline_in_mobile_column(load):
    report = load("Name,Mobile,Fixe\nA,04 65 71 22 10,\nB,,04 65 71 22 11\n")
    assert [warning["code"] for warning in report["warnings"]] == ["not_mobile"]
    assert set(PhoneNumber.objects.values_list("kind", flat=True)) == {"landline"}


def test_a_batch_costs_a_fixed_number_of_queries(load, django_assert_max_num_queries):
    text = HEAD + "".join(f"P{n},L,p{n}@example.org,+3363998{n:04},K{n}\n" for n in range(900))
    with django_assert_max_num_queries(24):
        load(text)
    with django_assert_max_num_queries(24):
        assert load(text.replace("P", "Q"))["updated"] == 900
    other = Contact.objects.get(external_id="K5")
    add_number(other, "+33639989999")
    assert counts(load(text.replace("P", "Q"))) == (0, 0, 900, 0)


@pytest.mark.parametrize(
    ("header", "meanings"),
    [
        ("Prénom;NOM ;N° de téléphone;Adresse e-mail;Société", "first_name last_name phone email organisation"),
        ("Given Name;Family-name;Cell phone;E-Mail;Company;Lang", "first_name last_name mobile email organisation language"),
        ("Tél. portable;Tél. fixe;Courriel;Date de naissance;Identifiant", "mobile landline email birth_date external_id"),
        ("Langue;Groupe;Ne pas envoyer de SMS;Désabonné;Téléphone 2;Phone (3)", "language groups do_not_sms opted_out phone phone"),
    ],
)
def test_column_names_in_two_languages(header, meanings):
    assert list(columns.guess(header.split(";")).values()) == meanings.split()


def test_the_second_of_two_equal_columns_is_left_out():
    assert columns.guess(["Email", "E-mail", "Colour"]) == {"0": "email"}


def test_one_field_from_two_columns_is_told():
    with pytest.raises(FileProblem, match="all become"):
        columns.check({"0": "last_name", "1": "last_name"}, ["Name", "Last name"])
