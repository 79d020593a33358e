"""Imports that never began: said to be that, removed by a button or by time; those that brought somebody in stay in the list."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.importing import jobs
from contacts.models import ImportJob
from contacts.services import imports

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(client_for, settings, tmp_path) -> ImportJob:
    settings.MEDIA_ROOT = tmp_path
    client_for("author").post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("gens.csv", b"Nom;Portable\nA;0639980001\nB;12\n")})
    return ImportJob.objects.get()


def tried(job: ImportJob) -> ImportJob:
    imports.check(job, mapping=job.mapping, region="FR")
    jobs.work(job.pk)
    job.refresh_from_db()
    return job


def at(name: str, job: ImportJob) -> str:
    return reverse(f"contacts:{name}", args=[job.pk])


@pytest.mark.parametrize("is_tried", [False, True])
def test_one_that_never_began_is_removed_with_its_files(client_for, job, tmp_path, is_tried):
    client = client_for("author")
    if is_tried:
        tried(job)
    assert "Remove this import" in client.get(at("import", job), follow=True).content.decode()
    assert "Not started" in client.get(reverse("contacts:imports")).content.decode()
    question = client.get(at("import_discard", job)).content.decode()
    assert "Remove the import of gens.csv?" in question and "rows are not imported" in question and ImportJob.objects.exists()
    page = client.post(at("import_discard", job), follow=True).content.decode()
    assert "gens.csv is removed" in page and not ImportJob.objects.exists()
    assert not list((tmp_path / "imports").iterdir())
    assert client.get(at("import", job)).status_code == 404


def test_one_that_brought_somebody_in_stays(client_for, job):
    client = client_for("author")
    imports.start(tried(job))
    for method in (client.get, client.post):
        assert "moved on" in method(at("import_discard", job), follow=True).content.decode()
    jobs.work(job.pk)
    assert "moved on" in client.post(at("import_discard", job), follow=True).content.decode()
    assert "Remove this import" not in client.get(at("import", job)).content.decode()
    assert "Not started" not in client.get(reverse("contacts:imports")).content.decode()


def test_removing_is_for_those_who_import(client_for, job):
    assert client_for("staff").post(at("import_discard", job)).status_code == 403
    assert "/account/" in Client().post(at("import_discard", job))["Location"]
    assert ImportJob.objects.exists()


def test_after_the_days_of_its_file_it_goes_by_itself(job, tmp_path):
    imports.forget_files(timezone.now() + timedelta(days=29))
    assert ImportJob.objects.exists()
    imports.forget_files(timezone.now() + timedelta(days=31))
    assert not ImportJob.objects.exists() and not list((tmp_path / "imports").iterdir())


def test_one_that_is_done_keeps_its_figures(job):
    imports.start(tried(job))
    jobs.work(job.pk)
    imports.path_of(job).with_suffix(".refused.csv").write_text("kept by an older version")
    imports.forget_files(timezone.now() + timedelta(days=31))
    assert not list(imports.path_of(job).parent.iterdir())
    assert ImportJob.objects.get().report["created"] == 1
