"""Exports in the background: asked for, written, stopped, begun again, kept for a week; and by a worker that dies."""

import csv
import io
import json
import os
import signal
import time
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from auditlog.models import LogEntry
from django.conf import settings as live_settings
from django.core.management import call_command
from django.db import connection
from django.http import QueryDict
from django.utils import timezone, translation

from contacts.exporting import batches, jobs, run
from contacts.importing import columns as importable
from contacts.models import Contact, ExportJob
from contacts.services import exports
from contacts.services.errors import ContactsError
from contacts.smart.addresses import pack
from contacts.tests.factories import make_contact, make_group
from smsapp.common.locks import alone
from smsapp.testing import processes

State = ExportJob.State


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return tmp_path / "exports"


@pytest.fixture
def rung(monkeypatch):
    bells = []
    monkeypatch.setattr(exports, "ring", lambda task, *args: bells.append(args))
    return bells


def ask(author, text="all=1&q=camille", **options):
    if not options.pop("alone", False):  # somebody who is not looked for
        Contact.objects.get_or_create(first_name="Bystander")
    return exports.ask(QueryDict(text), author=author, **({"keys": ["first_name", "mobile"], "kind": "csv"} | options))


def refusal(*args, **options):
    with pytest.raises(ContactsError) as refused:
        ask(*args, **options)
    assert not ExportJob.objects.exists()
    return refused.value.code


def noted(job):
    entries = LogEntry.objects.get_for_object(job).order_by("id")
    return [what for entry in entries for what in entry.changes if what.startswith("export")]


@pytest.mark.django_db
@pytest.mark.parametrize(("of_author", "of_worker", "heads"), [("fr", "en", ["Prénom", "Mobile", "Désinscrit du marketing"]), ("en", "fr", ["First name", "Mobile", "Opted out of marketing"])])
def test_columns_are_named_in_the_language_of_the_author_and_read_back_either_way(user_for, files, rung, of_author, of_worker, heads):
    make_contact("+33639980001", first_name="Camille", opted_out=True)
    with translation.override(of_author):
        job = ask(user_for("author"), keys=["first_name", "mobile", "opted_out"])
    with translation.override(of_worker):
        jobs.work(job.pk)
        header = next(csv.reader(exports.path_of(job).open(encoding="utf-8-sig")))
        assert header == heads
        assert importable.guess(header) == {"0": "first_name", "1": "mobile", "2": "opted_out"}
        call_command("import_contacts", str(exports.path_of(job)), "--json", stdout=(out := io.StringIO()))
    assert json.loads(out.getvalue()) == {"rows": 1, "created": 0, "updated": 0, "unchanged": 1, "refused": 0, "errors": [], "warnings": []}


@pytest.mark.django_db
def test_readers_find_titles_and_troubles_in_their_own_language(user_for, client_for, files, rung):
    make_contact("+33639980001", first_name="Camille")
    author = user_for("author")
    with translation.override("fr"):
        job = ask(author)
    author.groups.clear()
    jobs.work(job.pk)
    for language, words in (("en", ("Contacts: search “camille”", "may not export contacts any longer")), ("fr", ("recherche « camille »", "n’a plus le droit d’exporter"))):
        pages = [client_for("administrator").get(url, headers={"Accept-Language": language}).content.decode() for url in ("/contacts/exports/", f"/contacts/exports/{job.pk}/")]
        assert words[0] in pages[0].replace("\xa0", " ") and all(word in pages[1].replace("\xa0", " ") for word in words)
    assert exports.file_name(job).startswith("contacts-recherche-camille")  # the file speaks as its author did


@pytest.mark.django_db
def test_a_job_is_written_once_and_says_what_it_is(user_for, files, rung, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    make_contact(), make_contact("+33639980002")
    job = ask(user_for("author"))
    assert rung == [()] and job.total == 2
    jobs.work(job.pk)
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.tries, job.described) == (State.FINISHED, 2, 1, "Contacts: search “camille”")
    assert exports.path_of(job).read_text(encoding="utf-8-sig").count("\n") == 3 and job.size == exports.path_of(job).stat().st_size
    assert exports.file_name(job) == f"contacts-search-camille-{timezone.localdate().isoformat()}.csv"
    assert noted(job) == ["export asked for"]


@pytest.mark.django_db
def test_everything_at_once_is_for_administrators(user_for):
    make_contact()
    for role in ("author", "marketer"):
        assert refusal(user_for(role), "all=1") == "everything"
    assert ask(user_for("administrator"), "all=1").total == 2


@pytest.mark.django_db
def test_a_filter_that_leaves_nobody_out_narrows_nothing(user_for):
    contact = make_contact(first_name="Camille")
    group, rules = make_group(contact), pack({"all": [{"q": "first_name", "test": "contains", "value": "cam"}]})
    for text in ("all=1&q=camille", "all=1&sms=yes", urlencode({"all": "1", "rules": rules})):
        assert refusal(user_for("author"), text, alone=True) == "everything"
    for text in (f"all=1&group={group.pk}", f"contact={contact.pk}"):
        assert ask(user_for("author"), text, alone=True).total == 1
    assert ask(user_for("author"), urlencode({"all": "1", "rules": rules})).described == "Contacts: First name contains “cam”"


@pytest.mark.django_db
def test_what_cannot_be_is_refused(user_for, monkeypatch):
    author, contact = user_for("author"), make_contact()
    assert refusal(author, keys=[]) == "no_columns"
    assert refusal(author, keys=["password"]) == "no_columns"
    assert refusal(author, "all=1&q=nobody") == "nobody"
    assert refusal(author, "") == "nobody"
    monkeypatch.setattr(exports.files, "MOST_ROWS", 0)
    assert refusal(author, f"contact={contact.pk}", kind="xlsx") == "too_many_rows"
    assert ask(author, f"contact={contact.pk}", kind="csv").described == "1 contact chosen in a list"


@pytest.mark.django_db
def test_a_selection_in_words(user_for):
    contact = make_contact(tags=["board"])
    group, other = make_group(contact, name="=Choir"), make_group(contact, name="Alto")
    text = f"all=1&group={group.pk}&group={other.pk}&sms=yes&tag=board&q=camille"
    assert ask(user_for("author"), text).described == "Contacts: search “camille”, in =Choir or Alto, tagged board, can be texted"
    assert exports.file_name(ask(user_for("author"), f"all=1&group={group.pk}")).startswith("contacts-in-choir-")


@pytest.mark.django_db
def test_a_job_goes_on_with_the_rights_of_its_author_only(user_for, rung):
    make_contact()
    author = user_for("author")
    job = ask(author)
    author.groups.clear()
    jobs.work(job.pk)
    job.refresh_from_db()
    assert job.state == State.FAILED and "may not export" in job.problem
    orphan = ask(user_for("marketer"))
    ExportJob.objects.filter(pk=orphan.pk).update(author=None)
    jobs.work(orphan.pk)
    assert ExportJob.objects.get(pk=orphan.pk).state == State.FAILED


@pytest.mark.django_db
def test_stopping_keeps_nothing_and_it_can_be_begun_again(user_for, files, rung, monkeypatch):
    monkeypatch.setattr(batches, "BATCH", 1)
    for n in range(4):
        make_contact(f"+3363998000{n}")
    user = user_for("author")
    job = ask(user)
    write = run.write

    def stopped_halfway(*args, after_batch, **options):
        return write(*args, **options, after_batch=lambda done: (exports.stop(job, user) if done == 2 else True) and after_batch(done))

    monkeypatch.setattr(run, "write", stopped_halfway)
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == (State.STOPPED, 1) and list(files.iterdir()) == []
    assert not exports.stop(job, user)
    monkeypatch.setattr(run, "write", write)
    exports.begin_again(job, user)
    with pytest.raises(ContactsError):
        exports.begin_again(job, user)
    jobs.work_on_waiting()
    job.refresh_from_db()
    assert (job.state, job.done) == (State.FINISHED, 4)
    assert noted(job) == ["export asked for", "export stopped", "export begun again"]


@pytest.mark.django_db
def test_one_that_breaks_again_and_again_is_given_up(user_for, rung, monkeypatch):
    make_contact()
    job = ask(user_for("author"))

    def breaks(*args, **options):
        raise RuntimeError

    monkeypatch.setattr(run, "write", breaks)
    for _try in range(jobs.TRIES):
        with pytest.raises(RuntimeError):
            jobs.work(job.pk)
    jobs.work(job.pk)
    job.refresh_from_db()
    assert job.state == State.FAILED and "broke off" in job.problem


@pytest.mark.django_db
def test_one_worker_writes_all_that_wait(user_for, rung):
    make_contact()
    for _job in range(3):
        ask(user_for("author"))
    jobs.work_on_waiting()
    assert list(ExportJob.objects.values_list("state", "tries")) == [(State.FINISHED, 1)] * 3


@pytest.mark.django_db
def test_a_full_disk_is_said(user_for, rung, monkeypatch):
    make_contact()
    job = ask(user_for("author"))

    def full(*args, **options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(run, "write", full)
    jobs.work(job.pk)
    job.refresh_from_db()
    assert job.state == State.FAILED and "No space left on device" in job.problem


@pytest.mark.django_db
def test_files_go_after_their_time(user_for, files, rung):
    make_contact()
    old, young = ask(user_for("author")), ask(user_for("author"))
    for job in (old, young):
        jobs.work(job.pk)
    ExportJob.objects.filter(pk=old.pk).update(finished_at=timezone.now() - timedelta(days=7, minutes=1))
    (files / "sheet-x").mkdir()
    for stray in ("stray.csv", "sheet-x/rows", "fresh.csv"):
        (files / stray).write_text("x")
    for stray in ("stray.csv", "sheet-x"):
        os.utime(files / stray, (time.time() - 2 * 86_400,) * 2)
    jobs.remove_old()
    jobs.remove_old()
    young.refresh_from_db()
    assert sorted(path.name for path in files.iterdir()) == sorted(["fresh.csv", exports.path_of(young).name])
    old.refresh_from_db()
    assert (old.path, old.size, old.state) == ("", 0, State.FINISHED)
    assert noted(old) == ["export asked for", "export file removed"]


@pytest.mark.django_db(transaction=True)
def test_a_job_that_somebody_works_on_is_left_alone(user_for, rung):
    make_contact()
    job = ask(user_for("author"))
    other = connection.copy()
    with other.cursor() as cursor:
        for key in (job.pk, jobs.TURN):
            cursor.execute("SELECT pg_advisory_lock(%s, %s)", [jobs.LOCK_SPACE, key])
            jobs.work_on_waiting()
            assert ExportJob.objects.get().state == State.WAITING
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [jobs.LOCK_SPACE, key])
    other.close()
    with alone(jobs.LOCK_SPACE, job.pk) as held:
        assert held
    jobs.work_on_waiting()
    assert ExportJob.objects.get().state == State.FINISHED


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_an_export_whose_worker_is_killed_is_written_from_the_beginning(user_for, files):
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (first_name, last_name, organisation, email, language, external_id, do_not_sms, opted_out, deceased,"
            " created_at, updated_at, reach) SELECT 'Camille', 'N' || n, '', '', '', '', false, false, false, now(), now(), 0 FROM generate_series(1, 30000) n"
        )
    job = ask(user_for("author"), kind="xlsx", keys=["first_name", "last_name", "groups", "why_not", "consent"])

    def standing():
        job.refresh_from_db()
        return job

    env = {"DATABASE_URL": processes.database_url(), "REDIS_URL": live_settings.REDIS_URL, "SECRET_KEY": live_settings.SECRET_KEY, "MEDIA_ROOT": str(files.parent)}
    with processes.celery_worker("background", "-c", "1", **env) as worker:
        processes.wait_until(lambda: 0 < standing().done < 30_000, "the first rows", process=worker)
        worker.stop(signal.SIGKILL)
    assert standing().state == State.RUNNING and job.done > 0
    with processes.celery_worker("background", "-c", "1", **env) as worker:

        def tick():
            if standing().state == State.RUNNING:
                from contacts import tasks

                tasks.work_on_exports.apply_async()
                time.sleep(0.5)
            return standing().state == State.FINISHED

        processes.wait_until(tick, "the file", process=worker)
    assert (job.done, job.tries) == (30_000, 2)
    assert exports.path_of(job).stat().st_size > 100_000
