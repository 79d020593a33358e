"""From the page of an import one comes to the people whom it made or changed, and to nobody else."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.importing import jobs
from contacts.models import Activity, Contact, ImportJob
from contacts.services import contacts, imports, retention, smart_groups
from contacts.smart.questions.imports import rules_of
from contacts.tests.factories import make_contact
from smsapp.common.retention import Round

pytestmark = pytest.mark.django_db
HEAD = "Nom;Identifiant;Organisation\n"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def client(client_for) -> Client:
    return client_for("author")


def imported(client: Client, text: str) -> ImportJob:
    client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("people.csv", (HEAD + text).encode())})
    job = ImportJob.objects.latest("id")
    imports.check(job, mapping=job.mapping, region="FR")
    jobs.work(job.pk)
    imports.start(ImportJob.objects.get(pk=job.pk), job.author)
    jobs.work(job.pk)
    return ImportJob.objects.get(pk=job.pk)


def page_of(client: Client, job: ImportJob):
    return client.get(reverse("contacts:import", args=[job.pk]))


def opened(client: Client, job: ImportJob, which: str) -> set[str]:
    """Last names in the list that the link leads to."""
    return {contact.last_name for contact in client.get(page_of(client, job).context["people"][which]).context["page"]}


@pytest.fixture
def job(client) -> ImportJob:
    make_contact(None, last_name="Old", external_id="A1")
    make_contact(None, last_name="Same", external_id="B2", organisation="Acme")
    make_contact(None, last_name="Apart")
    return imported(client, "Old;A1;Acme\nSame;B2;Acme\nNew;C3;\n")


def test_those_whom_it_made_or_changed_are_opened(client, job):
    html = page_of(client, job).content.decode()
    assert "Open these contacts" in html
    assert [opened(client, job, which) for which in ("any", "made", "changed")] == [{"Old", "New"}, {"New"}, {"Old"}]


def test_another_import_of_a_file_of_the_same_name_has_its_own_people(client, job):
    later = imported(client, "Later;D4;\nNew;C3;Riverside\n")
    assert opened(client, later, "any") == {"Later", "New"} and opened(client, job, "any") == {"Old", "New"}


def test_one_that_changed_nobody_offers_nobody(client, job):
    again = imported(client, "Old;A1;Acme\n")
    assert "Open these contacts" not in page_of(client, again).content.decode()


def test_an_import_of_an_older_version_is_known_by_its_file(client, job):
    Activity.objects.update(extra=None)
    assert opened(client, job, "any") == {"Old", "New"}


def test_deleted_people_are_not_opened_and_a_smart_group_can_ask_for_an_import(client, job):
    contacts.delete(Contact.objects.get(last_name="New"))
    assert opened(client, job, "any") == {"Old"}
    chip = client.get(page_of(client, job).context["people"]["any"]).content.decode()
    assert "made or changed by the import of people.csv (" in chip


def test_the_report_of_an_import_that_a_smart_group_asks_for_is_kept_and_said(client, job):
    smart_groups.save(None, tree=rules_of(job), name="November")
    this = Round()
    retention.purge_import_reports(timezone.now() + timedelta(days=1), this)
    assert ImportJob.objects.filter(pk=job.pk).exists()
    assert this.kept == ["“people.csv”: the rules of smart groups ask for it: “November”."]
