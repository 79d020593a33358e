"""What an import says of consent: blocks are set, lifted only with a source, and a recipient's own opt-out is never overruled."""

import json
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from contacts.importing import run
from contacts.models import Activity, ConsentEntry, Contact
from contacts.services import consent, contacts
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db
SOURCE = ("--consent-source", "Autumn fair", "--consent-wording", "Yes, send me texts")


@pytest.fixture
def load(tmp_path):
    """`load(text, *options)` → the report of the command."""

    def run(text: str, *options: str) -> dict:
        path = tmp_path / "people.csv"
        path.write_text(text)
        out = StringIO()
        call_command("import_contacts", str(path), "--region", "FR", "--json", *options, stdout=out)
        return json.loads(out.getvalue())

    return run


def warnings(report: dict) -> list[tuple[int, str, str]]:
    return [(fault["row"], fault["column"], fault["code"]) for fault in report["warnings"]]


def entries() -> list[tuple]:
    names = ("event", "scope", "own_act", "number", "wording", "details")
    return list(ConsentEntry.objects.filter(source="import").order_by("id").values_list(*names))


def test_a_file_with_a_source_brings_an_opt_in_for_everybody_once(load):
    make_contact("+33639980001", last_name="Anna")
    text = "Name,Mobile\nAnna,0639980001\nBob,0639980002\n"
    dry = load(text, *SOURCE, "--dry-run")
    assert not ConsentEntry.objects.exists() and (dry["updated"], dry["created"]) == (1, 1)
    load(text, *SOURCE)
    expected = ("opt_in", "marketing", False, "+33639980001", "Yes, send me texts", "Autumn fair (people.csv)")
    assert entries() == [expected, (*expected[:3], "+33639980002", *expected[4:])]
    again = load(text, *SOURCE)
    assert (again["unchanged"], len(entries())) == (2, 2)
    assert Activity.objects.filter(kind="consent").count() == 2


def test_another_source_is_another_consent(load):
    text = "Name,Mobile\nAnna,0639980001\n"
    load(text, *SOURCE)
    assert load(text, "--consent-source", "Web form", "--consent-wording", "Yes, send me texts")["updated"] == 1
    assert [entry[-1] for entry in entries()] == ["Autumn fair (people.csv)", "Web form (people.csv)"]


def test_a_file_without_a_source_brings_no_consent_and_says_so(load):
    report = load("Name,Mobile,Opted in\nAnna,0639980001,yes\n")
    assert warnings(report) == [(1, "Opted in", "no_consent_source")]
    assert entries() == []


def test_a_row_without_an_answer_lifts_nothing(load):
    blocked = make_contact("+33639980001", first_name="", last_name="Anna", opted_out=True)
    report = load("Name,Mobile\nAnna,0639980001\n", *SOURCE)
    blocked.refresh_from_db()
    assert blocked.opted_out and entries() == []
    assert warnings(report) == [(2, "", "block_kept")]


def opted_out(ago=0, **options):
    """Somebody who was opted out so many days ago; by our own decision where nothing else is said."""
    contact = make_contact("+33639980001", first_name="", last_name="Anna")
    consent.opt_out(contact, at=timezone.now() - timedelta(days=ago) if ago else None, **options)
    return contact


def textable(contact):
    contact.refresh_from_db()
    return not contact.opted_out


@pytest.mark.parametrize("hour", ["", " 00:00"])
def test_a_later_opt_in_lifts_what_staff_entered_if_the_file_names_its_source(load, hour):
    blocked = opted_out()
    text = f"Name,Mobile,Opt-in date\nAnna,0639980001,{timezone.localdate()}{hour}\n"
    load(text, *SOURCE)
    assert not textable(blocked), "agreed on the day of the opt-out: nobody knows which came first"
    Contact.objects.all().delete()
    blocked = opted_out(ago=3)
    assert [code for *_at, code in warnings(load(text))] == ["no_consent_source", "block_kept"]
    assert not textable(blocked)
    load(text, *SOURCE)
    assert textable(blocked)
    assert [entry[0] for entry in entries()] == ["opt_in"]
    assert load(text, *SOURCE)["unchanged"] == 1 and len(entries()) == 1


@pytest.mark.parametrize("option", [(), ("--dry-run",)])
@pytest.mark.parametrize("source", ["staff", "import", "form"])
def test_an_opt_in_that_is_older_than_the_opt_out_never_lifts_it(load, source, option):
    blocked = opted_out(source=source)
    report = load("Name,Mobile,Opted in,Opt-in date\nAnna,0639980001,yes,2019-01-01\n", *SOURCE, *option)
    assert not textable(blocked) and not ConsentEntry.objects.filter(event="opt_in").exists()
    [warning] = report["warnings"]
    assert warning["code"] == "newer_opt_out" and "is newer, so it holds" in warning["message"] and str(timezone.localdate().year) in warning["message"]


def test_older_opt_ins_are_counted(tmp_path):
    opted_out()
    path, out = tmp_path / "people.csv", StringIO()
    path.write_text("Name,Mobile,Opted in,Opt-in date\nAnna,0639980001,yes,2019-01-01\n")
    call_command("import_contacts", str(path), "--region", "FR", "--dry-run", *SOURCE, stdout=out)
    assert "1 opt-in is older than the opt-out of its person, which holds." in out.getvalue()


@pytest.mark.parametrize("column", ["Opted in", "Opted out"])
def test_an_opt_in_of_an_unknown_day_lifts_nothing(load, column):
    blocked = opted_out(ago=900)
    report = load(f"Name,Mobile,{column}\nAnna,0639980001,{'yes' if column == 'Opted in' else 'no'}\n", *SOURCE)
    assert not textable(blocked)
    assert "with a day after the opt-out" in report["warnings"][0]["message"]


def test_an_opt_out_of_an_unknown_day_holds(load):
    blocked = make_contact("+33639980001", first_name="", last_name="Anna", opted_out=True)
    report = load("Name,Mobile,Opt-in date\nAnna,0639980001,2026-05-12\n", *SOURCE)
    assert not textable(blocked) and "nobody noted since when" in report["warnings"][0]["message"]


@pytest.mark.parametrize("batch", [1, 9])
def test_a_later_row_lifts_no_opt_out_of_the_same_file(load, monkeypatch, batch):
    monkeypatch.setattr(run, "BATCH", batch)
    load("External id,Name,Mobile,Opted in,Opt-in date\nA1,Anna,0639980001,no,\nA1,Anna,0639980001,yes,2026-05-12\n", *SOURCE)
    assert Contact.objects.get().opted_out


def test_only_where_a_source_would_undo_it_is_one_asked_for(load):
    opted_out(source="reply", own_act=True)
    report = load("Name,Mobile,Opted in,Opt-in date\nAnna,0639980001,yes,2026-11-01\n")
    assert not any("names its source of consent could undo it" in fault["message"] for fault in report["warnings"])


@pytest.mark.parametrize("answer", ["yes", ""])
def test_an_own_opt_out_is_never_lifted(load, answer):
    own = make_contact("+33639980001", first_name="", last_name="Anna")
    consent.opt_out(own, source="reply", own_act=True)
    report = load(f"Name,Mobile,Opted in,Opt-in date\nAnna,0639980001,{answer},2026-11-01\n", *SOURCE)
    own.refresh_from_db()
    assert own.opted_out and entries() == []
    assert [code for _row, _column, code in warnings(report)] == ["own_opt_out"]


def test_an_own_opt_out_that_was_taken_back_is_none(load):
    own = make_contact("+33639980001", first_name="", last_name="Anna")
    consent.opt_out(own, source="reply", own_act=True, at=timezone.now() - timedelta(days=9))
    consent.opt_in(own, source="reply", wording="START", own_act=True, at=timezone.now() - timedelta(days=8))
    consent.opt_out(own, at=timezone.now() - timedelta(days=7))
    load(f"Name,Mobile,Opt-in date\nAnna,0639980001,{timezone.localdate()}\n", *SOURCE)
    own.refresh_from_db()
    assert not own.opted_out


def test_an_own_opt_out_of_a_merged_contact_holds_for_whom_they_became(load):
    winner, loser = make_contact("+33639980001", opted_out=True), make_contact("+33639980002")
    consent.opt_out(loser, source="link", own_act=True)
    Contact.objects.filter(pk=loser.pk).update(deleted_at=timezone.now(), merged_into=winner.pk)
    load("Name,Mobile,Opted in\nAnna,0639980001,yes\n", *SOURCE)
    winner.refresh_from_db()
    assert winner.opted_out


def test_do_not_sms_is_never_lifted(load):
    blocked = make_contact("+33639980001", first_name="", last_name="Anna", do_not_sms=True)
    report = load("Name,Mobile,Do not SMS\nAnna,0639980001,no\n", *SOURCE)
    blocked.refresh_from_db()
    assert blocked.do_not_sms
    assert (2, "Do not SMS", "block_kept") in warnings(report)


def test_opt_outs_are_kept_with_the_file_and_only_once(load):
    make_contact("+33639980001")
    text = "Name,Mobile,Opted out,Do not SMS\nAnna,0639980001,yes,\nBob,0639980002,,yes\n"
    load(text)
    assert [(entry[0], entry[1], entry[3], entry[5]) for entry in entries()] == [
        ("opt_out", "marketing", "+33639980001", "people.csv"), ("opt_out", "all", "+33639980002", "people.csv"),
    ]  # fmt: skip
    assert load(text)["unchanged"] == 2 and len(entries()) == 2


def test_no_in_the_column_opted_in_is_an_opt_out(load):
    make_contact("+33639980001", first_name="", last_name="Anna")
    load("Name,Mobile,Opted in\nAnna,0639980001,no\n", *SOURCE)
    assert Contact.objects.get().opted_out and [entry[0] for entry in entries()] == ["opt_out"]


def test_rows_that_contradict_themselves_are_refused(load):
    report = load("Name,Opted in,Opted out,Opt-in date\nA,yes,yes,\nB,no,no,\nC,no,,2026-05-12\nD,yes,no,2026-05-12\n", *SOURCE)
    assert [(fault["row"], fault["code"]) for fault in report["errors"]] == [(row, "consent_contradiction") for row in (2, 3, 4)]


def test_the_day_of_an_opt_in_is_kept_and_must_be_past(load):
    report = load("Name,Mobile,Opt-in date\nAnna,0639980001,12/05/2026\nBob,0639980002,2999-01-01\n", *SOURCE)
    assert [(fault["row"], fault["code"]) for fault in report["errors"]] == [(3, "date_in_future")]
    assert timezone.localtime(ConsentEntry.objects.get(event="opt_in").at).date().isoformat() == "2026-05-12"


@pytest.mark.parametrize("row", ["New,0639980001,,", "New,,a@example.org,", "New,,,A1"])
def test_who_opted_out_and_was_deleted_stays_out_when_imported_again(load, row):
    gone = make_contact("+33639980001", email="a@example.org", external_id="A1")
    consent.opt_out(gone, source="reply", own_act=True)
    contacts.delete(gone)
    report = load(f"Name,Mobile,E-mail,External id,Opted in\n{row},yes\n", *SOURCE)
    new = Contact.objects.active().get()
    assert new.opted_out
    assert [warning for warning in warnings(report) if warning[2] != "no_number"] == [(2, "", "own_opt_out")]
    told = ConsentEntry.objects.filter(contact=new).values_list("event", "source", "own_act", "details")
    assert list(told) == [("opt_out", "reply", True, "")]  # no file opted them out
    assert load(f"Name,Mobile,E-mail,External id,Opted in\n{row},yes\n", *SOURCE)["unchanged"] == 1
    new.refresh_from_db()
    assert new.opted_out


def test_the_ledger_names_the_true_origin_of_an_opt_out_that_an_import_meets(load):
    ann = make_contact("+33639980001", last_name="Ann", external_id="A1")
    consent.opt_out(ann, source="link", own_act=True, wording="Stop it", at=timezone.now() - timedelta(days=9))
    load("External id,Name,Mobile,Opted out\nB7,Bob,0639980001,yes\n")
    first, carried = ConsentEntry.objects.order_by("id")
    assert carried.contact == Contact.objects.get(external_id="B7") and carried.contact.opted_out
    assert (carried.source, carried.own_act, carried.at, carried.details, carried.author_id) == ("link", True, first.at, "", None)


def test_a_stop_for_all_texts_comes_back_as_that(load):
    gone = make_contact("+33639980001")
    consent.opt_out(gone, source="reply", scope="all", own_act=True)
    contacts.delete(gone)
    load("Name,Mobile\nNew,0639980001\n")
    assert Contact.objects.active().get().do_not_sms


def test_the_author_of_the_import_is_the_author_of_its_entries(load, user_for, settings, tmp_path):
    from django.core.files.uploadedfile import SimpleUploadedFile

    from contacts.importing import jobs
    from contacts.services import imports

    settings.MEDIA_ROOT = tmp_path
    author = user_for("author")
    job = imports.upload(SimpleUploadedFile("fair.csv", b"Name,Mobile\nAnna,0639980001\n"), region="FR", author=author)
    imports.check(job, mapping=job.mapping, consent_source="Fair", consent_wording="Yes")
    jobs.work(job.pk)
    job.refresh_from_db()
    imports.start(job, author)
    jobs.work(job.pk)
    entry = ConsentEntry.objects.get()
    assert (entry.author, entry.details, entry.wording, entry.source) == (author, "Fair (fair.csv)", "Yes", "import")


@pytest.mark.parametrize("column", ["Ne pas contacter", "Désabonné", "Décédé"])
def test_a_row_that_refuses_writes_no_opt_in(load, column):
    make_contact("+33639980001", last_name="Anna")
    text = f"Name,Mobile,{column}\nAnna,0639980001,oui\nBob,0639980002,oui\nZoe,0639980003,\n"
    load(text, *SOURCE)
    assert [entry[3] for entry in entries() if entry[0] == "opt_in"] == ["+33639980003"]
    load("Name,Mobile\nAnna,0639980001\nBob,0639980002\n", *SOURCE)
    assert [entry[3] for entry in entries() if entry[0] == "opt_in"] == ["+33639980003"]


def test_a_row_that_refuses_lifts_no_opt_out(load):
    blocked = make_contact("+33639980001", opted_out=True)
    load("Mobile,Opted out,Do not SMS\n0639980001,no,yes\n", *SOURCE)
    blocked.refresh_from_db()
    assert (blocked.opted_out, blocked.do_not_sms) == (True, True)
    assert [entry[0] for entry in entries()] == ["opt_out"]


def test_the_trial_run_says_how_many_opt_ins_it_would_write(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text("Name,Mobile,Do not SMS\nAnna,0639980001,yes\nBob,0639980002,\nZoe,0639980003,\n")
    out = StringIO()
    call_command("import_contacts", str(path), "--region", "FR", "--dry-run", *SOURCE, stdout=out)
    assert "2 opt-ins for the consent ledger" in out.getvalue()


@pytest.mark.parametrize("option", [(), ("--dry-run",)])
@pytest.mark.parametrize("batch", [1, 9])
def test_a_second_row_does_not_lift_what_the_first_one_brought_back(load, monkeypatch, option, batch):
    monkeypatch.setattr(run, "BATCH", batch)
    gone = make_contact("+33639980001", external_id="A1")
    consent.opt_out(gone, source="reply", own_act=True)
    contacts.delete(gone)
    report = load("External id,Opt-in date\nA1,\nA1,2026-05-12\n", *SOURCE, *option)
    assert [row for row, _column, code in warnings(report) if code == "own_opt_out"] == [2, 3]
    assert not Contact.objects.active().filter(opted_out=False).exists()
