"""Dates of a file are read in the order of its country; what could be read in two ways is counted, what only fits the other order refused."""

from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from contacts.importing import jobs
from contacts.models import Contact, ImportJob
from contacts.tests.factories import make_field

pytestmark = pytest.mark.django_db
TEXT = "Nom,Identifiant,Né(e) le,Since\nA,A1,03/04/1990,1/2/2003\nB,B2,12/31/1990,\nC,C3,31/12/1990,\nD,D4,1990-04-17,2003-02-01\nE,E5,05/06/1991,\n"


@pytest.fixture
def tried(client_for, settings, tmp_path):
    """`tried("US")`: the page of a trial run, and the job."""
    settings.MEDIA_ROOT = tmp_path
    make_field("since", "date")
    client = client_for("author")

    def run(region: str) -> tuple[str, ImportJob]:
        client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("people.csv", TEXT.encode())})
        job = ImportJob.objects.latest("id")
        columns = {f"column_{index}": meaning for index, meaning in job.mapping.items()}
        client.post(reverse("contacts:import_columns", args=[job.pk]), columns | {"region": region})
        jobs.work(job.pk)
        return client.get(reverse("contacts:import", args=[job.pk])).content.decode(), job

    return run


@pytest.mark.parametrize(
    ("region", "order", "refused", "born", "since"),
    [
        ("US", "the month first: 03/04/1990 is 4 March 1990", "the month is read first here", date(1990, 3, 4), "2003-01-02"),
        ("FR", "the day first: 03/04/1990 is 3 April 1990", "the day is read first here", date(1990, 4, 3), "2003-02-01"),
    ],
)
def test_the_country_says_which_comes_first_and_the_trial_run_says_so(tried, client_for, region, order, refused, born, since):
    page, job = tried(region)
    assert f"2 dates in the column “Né(e) le” were read with {order}." in page and f"1 date in the column “Since” was read with {order}." in page
    assert "1 date in the column “Né(e) le” only fits the other order of day and month, and its row is refused." in page
    assert page.count(refused) >= 1 and "Create 4 contacts" in page
    client_for("author").post(reverse("contacts:import_start", args=[job.pk]))
    jobs.work(job.pk)
    first = Contact.objects.get(external_id="A1")
    assert (first.birth_date, first.custom["since"]) == (born, since)
    assert Contact.objects.filter(external_id="B2" if region == "FR" else "C3").count() == 0


def test_dates_that_can_be_read_in_one_way_only_are_not_counted(tried):
    page, _job = tried("GB")
    assert page.count("column “Since”") == 1  # 1/2/2003, and not 2003-02-01
