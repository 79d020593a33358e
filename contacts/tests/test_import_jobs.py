"""Imports in the background: tried, run, stopped, resumed, taken up again."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DataError

from contacts.importing import jobs, refused
from contacts.importing.cells import tidy
from contacts.models import Contact, ImportJob
from contacts.services import imports
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db
State = ImportJob.State


@pytest.fixture
def upload(settings, tmp_path, user_for):
    settings.MEDIA_ROOT = tmp_path

    def make(text: str = "Nom;Portable\nAnna;0639980001\nBob;12\n=cmd;abc\n") -> ImportJob:
        return imports.upload(SimpleUploadedFile("gens.csv", text.encode()), region="FR", author=user_for("author"))

    return make


def checked(job: ImportJob, **changes) -> ImportJob:
    imports.check(job, **({"mapping": job.mapping, "region": "FR", "group_ids": []} | changes))
    jobs.work(job.pk)
    job.refresh_from_db()
    return job


def test_upload_guesses_and_counts(upload):
    job = upload()
    assert (job.mapping, job.total, job.dialect["delimiter"], job.state) == ({"0": "last_name", "1": "mobile"}, 3, ";", State.MAPPING)


def test_dry_run_then_real_run_then_a_repeat_changes_nothing(upload):
    group = make_group()
    job = checked(upload(), group_ids=[group.pk])
    assert (job.state, job.report["created"], job.report["refused"], Contact.objects.count()) == (State.CHECKED, 1, 2, 0)
    imports.start(job)
    for _ in range(2):  # the second ring finds nothing to do
        jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done, job.report["created"], group.memberships.count()) == (State.FINISHED, 3, 1, 1)


def test_refused_rows_can_be_downloaded_and_are_no_formulas(upload):
    job = checked(upload())
    lines = "".join(refused.as_csv(imports.refused_path(job), ";", "en")).strip("\ufeff").splitlines()
    assert lines[0] == "Nom;Portable;Row;Reason"
    assert lines[1].startswith("Bob;12;3;Portable: ")
    assert lines[2].startswith("'=cmd;abc;4;")


def test_wrong_columns_are_told(upload):
    with pytest.raises(ContactsError, match="No column says"):
        imports.check(upload(), mapping={"0": "language"}, region="FR", group_ids=[])


def test_start_happens_once(upload):
    job = checked(upload())
    imports.start(job)
    with pytest.raises(ContactsError):
        imports.start(job)


def test_stop_keeps_what_is_done_and_resume_ends_like_one_run(upload, monkeypatch):
    monkeypatch.setattr("contacts.importing.run.BATCH", 2)
    text = "Nom;Courriel;Portable\n" + "".join(f"P{n};p{n % 4}@example.org;{'x' if n == 1 else ''}\n" for n in range(9))
    job = checked(upload(text))
    expected = job.report
    imports.start(job)
    first = jobs.Import._attempt
    calls = []

    def attempt(self, *args, **options):
        calls.append(1)
        if len(calls) == 2:
            imports.stop(job)
        return first(self, *args, **options)

    monkeypatch.setattr(jobs.Import, "_attempt", attempt)
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == (State.STOPPED, 4)
    imports.resume(job)
    jobs.work_on_waiting()
    job.refresh_from_db()
    assert (job.state, job.done) == (State.FINISHED, 9)
    assert {name: job.report[name] for name in expected if name not in {"warnings", "seconds"}} == {name: expected[name] for name in expected if name not in {"warnings", "seconds"}}


def test_a_file_that_is_gone_is_told(upload):
    job = checked(upload())
    imports.start(job)
    imports.path_of(job).unlink()
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.problem) == (State.FAILED, "The uploaded file is gone. Upload it again.")


@pytest.mark.parametrize("content", ["", "Nom;Portable\n", "PK\x03\x04"])
def test_bad_uploads_leave_nothing_behind(upload, content, tmp_path):
    with pytest.raises(ContactsError) as refused:
        upload(content)
    assert refused.value.field == "file"
    assert not list((tmp_path / "imports").iterdir())


def test_columns_changed_while_the_old_ones_are_checked_are_checked_next(upload, monkeypatch):
    monkeypatch.setattr("contacts.importing.run.BATCH", 1)
    job = upload("Nom;Colour\nAnna;red\nBob;blue\n")
    imports.check(job, mapping={"0": "last_name"}, region="FR", group_ids=[])
    first = jobs.Import._attempt
    turns = []

    def attempt(self, *args, **options):
        if not turns:
            imports.stop(job)
            imports.check(ImportJob.objects.get(), mapping={"1": "last_name"}, region="FR", group_ids=[])
        turns.append(dict(self.source.mapping))
        return first(self, *args, **options)

    monkeypatch.setattr(jobs.Import, "_attempt", attempt)
    jobs.work(job.pk)
    job.refresh_from_db()
    assert turns == [{0: "last_name"}, {1: "last_name"}, {1: "last_name"}]
    assert (job.state, job.done, job.report["created"]) == (State.CHECKED, 2, 2)


def test_a_row_that_the_database_refuses_is_told_and_ends_the_work(upload, monkeypatch):
    job = checked(upload())
    imports.start(job)

    def refuse(*args, **options):
        raise DataError

    monkeypatch.setattr("contacts.importing.writing.write", refuse)
    jobs.work(job.pk)
    job.refresh_from_db()
    assert job.state == State.FAILED and "could not be stored" in job.problem


@pytest.mark.parametrize("content", [",,,\n,,,\n", '"",""\n', "sep=;\n", "sep=;\n;;\n", " ; \n\t\n"])
def test_a_file_of_separators_only_is_told_to_be_empty(upload, content, tmp_path):
    with pytest.raises(ContactsError, match="holds no rows") as refused:
        upload(content)
    assert refused.value.code == "empty_file"
    assert not list((tmp_path / "imports").iterdir())


@pytest.mark.parametrize("place", ["contacts.importing.refusals.Watch.over", "contacts.importing.columns.guess", "contacts.models.ImportJob.objects.create"])
def test_a_fault_of_ours_while_uploading_leaves_no_file_behind(upload, monkeypatch, tmp_path, place):
    def fail(*args, **values):
        raise RuntimeError("a bug")

    monkeypatch.setattr(place, fail)
    with pytest.raises(RuntimeError, match="a bug"):
        upload()
    assert not list((tmp_path / "imports").iterdir())


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_every_start_of_a_formula_is_made_harmless_and_undone_by_the_next_import(upload, start):
    job = checked(upload(f'Nom;Portable\n"{start}cmd";abc\n'))
    text = "".join(refused.as_csv(imports.refused_path(job), ";", "en"))
    assert f"'{start}cmd" in text
    assert tidy(f"'{start}cmd") == tidy(f"{start}cmd")
