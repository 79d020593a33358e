"""What stands in an exported file, and that an import reads it back as it was."""

import csv
import json
import resource
from datetime import date, timedelta
from io import StringIO
from zipfile import ZipFile

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation
from python_calamine import CalamineWorkbook
from xlsxwriter.exceptions import FileCreateError

from contacts.exporting import batches, columns, files, run
from contacts.exporting.people import table
from contacts.importing import columns as importable
from contacts.models import Contact, CustomField
from contacts.services import consent
from contacts.tests.factories import add_number, make_contact, make_group

pytestmark = pytest.mark.django_db
HOSTILE = ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(A1)", "'=1+1", "''@x", 'He said "no"', "a;b,c", "Ξένια 🎈", "<script>alert(1)</script>", "'t Hooft", "123"]


def write(tmp_path, keys, *, kind="csv", contacts=None, **options):
    path = tmp_path / f"export.{kind}"
    options = {"kind": kind, "region": "FR"} | options
    assert run.write(path, table(Contact.objects.active() if contacts is None else contacts, keys), **options) is not None
    return path


def read(path, separator=","):
    if path.suffix == ".xlsx":
        return CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=separator))


def custom_fields():
    for kind in CustomField.Type.values:
        CustomField.objects.create(key=f"my_{kind}", label=f"My {kind}", type=kind, choices=["Gold", "N/A"] if kind == "choice" else [])
    return {"my_text": "=free text", "my_number": 12.5, "my_date": "2026-12-31", "my_choice": "Gold", "my_yes_no": False}


def test_each_column_says_what_it_promises(tmp_path):
    contact = make_contact(
        "+33639980001", first_name="Léa", last_name="Martin", organisation="Choir", email="lea@example.org", language="fr", birth_date=date(1990, 4, 17),
        external_id="A1", tags=["board", "choir"], custom=custom_fields(),
    )  # fmt: skip
    add_number(contact, "+33465712210", kind="landline")
    make_group(contact, name="Beta")
    make_group(contact, name="Alpha")
    consent.opt_out(contact, source="reply", own_act=True, at=timezone.now())
    heads, row = read(write(tmp_path, [column.key for column in columns.offered()]))
    today = timezone.localdate().isoformat()
    assert dict(zip(heads, row, strict=True)) == {
        "Last name": "Martin", "First name": "Léa", "Organisation": "Choir", "E-mail": "lea@example.org", "Mobile": "'+33639980001",
        "Phone": "'+33639980001", "Phone 2": "'+33465712210", "Language": "fr", "Birth date": "1990-04-17", "External id": "A1",
        "Groups": "Alpha; Beta", "Tags": "board, choir", "Opted out of marketing": "Yes", "Do not SMS": "No", "My text": "'=free text",
        "My number": "12,5", "My date": "2026-12-31", "My choice": "Gold", "My yes_no": "no", "Deceased": "No", "Can be texted": "No",
        "Why not": "Opted out", "Consent to marketing": "Opt-out", "Consent since": today, "Consent from": "reply by text", "Contact since": today,
    }  # fmt: skip


def test_people_without_anything_have_empty_cells(tmp_path):
    make_contact(None, first_name="Ann", last_name="")
    heads, row = read(write(tmp_path, [column.key for column in columns.offered()]))
    filled = {head: cell for head, cell in zip(heads, row, strict=True) if cell}
    today = timezone.localdate().isoformat()
    flags = {"Opted out of marketing": "No", "Do not SMS": "No", "Deceased": "No", "Can be texted": "No"}
    assert filled == {"First name": "Ann", "Why not": "No number", "Contact since": today, **flags}


def test_columns_come_in_the_chosen_order_and_unknown_ones_are_left_out(tmp_path):
    make_contact(first_name="Ann", last_name="Bell")
    assert read(write(tmp_path, ["first_name", "custom.gone", "last_name", "first_name", "password"])) == [["First name", "Last name"], ["Ann", "Bell"]]


def test_deleted_people_are_not_in_the_file(tmp_path):
    make_contact(first_name="Ann")
    make_contact(first_name="Gone", deleted_at=timezone.now())
    assert len(read(write(tmp_path, ["first_name"], contacts=Contact.objects.all()))) == 2


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_csv_has_its_mark_and_separator(tmp_path, separator):
    make_contact(first_name="a;b,c\td", last_name="Bell")
    path = write(tmp_path, ["first_name", "last_name"], separator=separator)
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert read(path, separator) == [["First name", "Last name"], ["a;b,c\td", "Bell"]]


def test_a_workbook_has_types_and_no_formula(tmp_path):
    custom = custom_fields()
    make_contact("+33639980001", first_name="=1+1", birth_date=date(1990, 4, 17), custom=custom)
    make_contact("+33639980002", first_name="Old", birth_date=date(1899, 1, 1), custom={"my_date": "1850-01-01"})
    path = write(tmp_path, ["first_name", "mobile", "birth_date", "custom.my_number", "custom.my_date"], kind="xlsx")
    heads, first, second = read(path)
    assert heads == ["First name", "Mobile", "Birth date", "My number", "My date"]
    assert first == ["'=1+1", "+33639980001", date(1990, 4, 17), 12.5, date(2026, 12, 31)]
    assert second == ["Old", "+33639980002", "1899-01-01", "", "1850-01-01"]
    assert b"<f>" not in ZipFile(path).read("xl/worksheets/sheet1.xml")
    assert [left.name for left in tmp_path.iterdir()] == [path.name]


def test_a_hostile_head_is_guarded(tmp_path):
    CustomField.objects.create(key="evil", label="=HYPERLINK(1)", type="text")
    make_contact(custom={"evil": "x"})
    for kind in ("csv", "xlsx"):
        assert read(write(tmp_path, ["custom.evil"], kind=kind))[0] == ["'=HYPERLINK(1)"]


@pytest.mark.parametrize("language", ["en", "fr"])
def test_an_import_guesses_the_columns_by_their_names(language):
    with translation.override(language):
        keys = [key for key in columns.usual() if not key.startswith("custom.")]
        heads = [str(head) for column in columns.chosen(keys) for head in column.heads]
        assert importable.guess(heads) == {str(place): key for place, key in enumerate(keys)}
        phones = [str(head) for column in columns.chosen(["numbers"], most_numbers=3) for head in column.heads]
        assert set(importable.guess(phones).values()) == {"phone"} and len(phones) == 3


def people_of_all_kinds():
    custom = custom_fields()
    people = [make_contact(f"+3363998{place:04d}", first_name=name, last_name=name, external_id=f"E{place}") for place, name in enumerate(HOSTILE)]
    people += [make_contact(f"+336399810{place:02d}", first_name="Ann", email=f"ann{place}@example.org") for place in range(3)]
    people.append(make_contact("+33639982000", first_name="Bob", custom=custom, tags=["board"], birth_date=date(1990, 4, 17), language="fr"))
    people.append(make_contact("+33639982001", first_name="No", do_not_sms=True, opted_out=True, organisation="=SUM(1)"))
    people.append(make_contact(None, first_name="Deux", external_id="+12"))
    add_number(people[0], "+33465712210", kind="landline")
    make_group(*people[:5], name="=Group")
    make_group(*people[3:9], name='Choir; "Tuesday"|')
    for place, points in enumerate((0, -5, 1.234, 1234.567, 1234567, 0.25)):
        number = f"+3363998300{place}"
        people.append(make_contact(number, first_name="Number", external_id=f"N{place}", custom={"my_number": points, "my_yes_no": True, "my_text": "''=x"}))
    return people


def imported(path, *options):
    out = StringIO()
    call_command("import_contacts", str(path), "--region", "FR", "--json", *options, stdout=out)
    return json.loads(out.getvalue())


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("kind", "separator"), [("csv", ","), ("csv", ";"), ("csv", "\t"), ("xlsx", ",")])
def test_an_import_finds_everybody_unchanged(tmp_path, language, kind, separator):
    people = people_of_all_kinds()
    with translation.override(language):
        keys = [column.key for column in columns.offered()]
        path = write(tmp_path, keys, kind=kind, separator=separator)
    report = imported(path, "--dry-run")
    assert report["errors"] == []
    assert (report["unchanged"], report["updated"], report["created"], report["refused"]) == (len(people), 0, 0, 0)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_import_into_an_empty_console_makes_the_same_people(tmp_path, kind):
    people_of_all_kinds()
    told = ["first_name", "last_name", "organisation", "email", "language", "birth_date", "external_id", "do_not_sms", "opted_out", "sms_number"]
    before = list(Contact.objects.order_by("id").values_list(*told))
    path = write(tmp_path, columns.usual(), kind=kind)
    Contact.objects.all().delete()
    imported(path)
    assert list(Contact.objects.order_by("id").values_list(*told)) == before


def many(amount):
    """People with two numbers each, quickly."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH made AS (INSERT INTO contacts_contact (first_name, last_name, organisation, email, language, external_id, do_not_sms, opted_out, deceased,"
            " created_at, updated_at, reach, sms_number) SELECT 'First ' || n, 'Last ' || n, '', '', 'en', 'E' || n, false, false, false, now(), now(), 3,"
            " '+3361' || lpad(n::text, 8, '0') FROM generate_series(1, %s) AS n RETURNING id, sms_number)"
            " INSERT INTO contacts_phonenumber (contact_id, number, kind, is_primary, textable)"
            " SELECT id, number, 'mobile', number = sms_number, true FROM made, unnest(ARRAY[sms_number, replace(sms_number, '+3361', '+3362')]) AS number",
            [amount],
        )
        cursor.execute("ANALYZE contacts_contact, contacts_phonenumber")  # as a database knows its tables that has been up for a minute


def test_a_batch_costs_a_fixed_number_of_queries(tmp_path, monkeypatch):
    many(40)
    keys = [column.key for column in columns.offered()]
    counts = []
    for size in (40, 20, 10):
        monkeypatch.setattr(batches, "BATCH", size)
        with CaptureQueriesContext(connection) as queries:
            write(tmp_path, keys)
        counts.append(len(queries))
    assert counts[1] - counts[0] == (counts[2] - counts[1]) / 2 <= 5  # contacts, numbers, groups, consent a batch


@pytest.mark.long
def test_memory_does_not_grow_with_the_file(tmp_path):
    many(30_000)
    keys = [column.key for column in columns.offered()]
    few = Contact.objects.filter(id__lt=Contact.objects.earliest("id").pk + 4_000)
    for kind in ("csv", "xlsx"):
        write(tmp_path, keys, kind=kind, contacts=few)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        path = write(tmp_path, keys, kind=kind)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20_000, kind  # kB; the rows alone are more
        assert path.stat().st_size > 1_000_000


def test_who_is_in_the_file_is_decided_once(tmp_path, monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 2)
    people = [make_contact(f"+3363998000{n}", first_name=f"P{n}") for n in range(6)]

    def after_batch(done):
        if done == 2:
            make_contact("+33639980009", first_name="Late")
            Contact.objects.filter(pk=people[5].pk).update(deleted_at=timezone.now())
        return True

    path = write(tmp_path, ["first_name"], after_batch=after_batch)
    assert [row[0] for row in read(path)[1:]] == ["P0", "P1", "P2", "P3", "P4"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_stopping_and_breaking_off_leave_nothing(tmp_path, monkeypatch, kind):
    monkeypatch.setattr(batches, "BATCH", 2)
    for n in range(5):
        make_contact(f"+3363998000{n}")
    assert run.write(tmp_path / "a", table(Contact.objects.all(), ["first_name"]), kind=kind, region="FR", after_batch=lambda done: done < 4) is None

    def breaks(done):
        raise RuntimeError

    with pytest.raises(RuntimeError):
        run.write(tmp_path / "b", table(Contact.objects.all(), ["first_name"]), kind=kind, region="FR", after_batch=breaks)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("kind", "writer", "part"), [("csv", "CsvWriter", "file"), ("xlsx", "XlsxWriter", "book")])
def test_a_disk_that_is_full_at_the_end_leaves_nothing(tmp_path, monkeypatch, kind, writer, part):
    make_contact()

    class Full:
        def __init__(self, inner):
            self.inner = inner

        def __getattr__(self, name):
            return getattr(self.inner, name)

        def close(self):
            full = OSError(28, "No space left on device")
            raise FileCreateError(full) if part == "book" else full

    original = getattr(files, writer).__init__

    def begin(self, *args):
        original(self, *args)
        setattr(self, part, Full(getattr(self, part)))

    monkeypatch.setattr(getattr(files, writer), "__init__", begin)
    with pytest.raises(OSError, match="No space left"):
        run.write(tmp_path / f"a.{kind}", table(Contact.objects.all(), ["first_name"]), kind=kind, region="FR")
    assert list(tmp_path.iterdir()) == []


def test_consent_is_that_of_the_flag_and_of_whom_the_contact_became(tmp_path):
    winner, loser, silent = make_contact(first_name="Winner"), make_contact(None, first_name="Loser"), make_contact(None, first_name="Silent", opted_out=True)
    consent.record(loser, event="opt_in", source="form", at=timezone.now() - timedelta(days=1))
    Contact.objects.filter(pk=loser.pk).update(merged_into=winner, deleted_at=timezone.now())
    consent.record(silent, event="opt_in", source="form")  # set without the ledger since
    rows = read(write(tmp_path, ["first_name", "consent", "consent_since", "consent_from"]))
    assert rows[1:] == [["Winner", "Opt-in", (timezone.localdate() - timedelta(days=1)).isoformat(), "form or paper"], ["Silent", "Opt-out", "", ""]]


