"""Imports in their list, and what stays of them once their files are gone."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts.importing import jobs
from contacts.models import ImportJob
from contacts.services import imports
from contacts.tests.uploads import at, choose, send, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def job(client_for) -> ImportJob:
    return uploaded(client_for("author"))


def test_list_of_imports_shows_states_with_a_fixed_number_of_queries(client_for, job, django_assert_max_num_queries):
    client = client_for("author")
    for _ in range(5):
        send(client)
    with django_assert_max_num_queries(9):
        html = client.get(reverse("contacts:imports")).content.decode()
    assert html.count("Columns to check") >= 6


def test_history_shows_who_when_counts_and_duration(client_for, job, user_for):
    client = client_for("author")
    choose(client, job)
    jobs.work(job.pk)
    tried = client.get(at("import", job)).content.decode()
    assert "nothing imported yet" in tried and "Uploaded by" in tried and "Imported by" not in tried
    client.post(at("import_start", job))
    jobs.work(job.pk)
    html = client_for("marketer").get(reverse("contacts:imports")).content.decode()
    for words in ("gens.csv", "Finished", str(user_for("author")), "1 second", '<td class="end num col-wide">2</td>'):
        assert words in html, words
    assert client_for("marketer").get(at("import", job)).status_code == 200, "imports of others can be looked at"


def test_a_lost_file_is_told_instead_of_an_error(client_for, job):
    client = client_for("author")
    choose(client, job)
    jobs.work(job.pk)
    imports.path_of(job).unlink()
    assert client.get(at("import", job)).status_code == 200
    client.post(at("import_start", job))
    jobs.work(job.pk)
    assert "The uploaded file is gone" in client.get(at("import", job)).content.decode()


def test_the_file_is_deleted_after_its_days_and_the_figures_stay(client_for, job, settings):
    client = client_for("author")
    choose(client, job)
    jobs.work(job.pk)
    client.post(at("import_start", job))
    jobs.work(job.pk)
    folder = imports.path_of(job).parent
    assert len(list(folder.iterdir())) == 2
    assert imports.forget_files(timezone.now() + timedelta(days=29)) == 0
    assert imports.forget_files(timezone.now() + timedelta(days=31)) == 1
    assert list(folder.iterdir()) == []
    html = client.get(at("import", job)).content.decode()
    assert "were deleted after their time" in html and "Download" not in html
    assert client.get(at("import_refused", job)).status_code == 404
    assert client.get(at("import_columns", job))["Location"] == at("import", job)
    assert client.get(reverse("contacts:imports")).status_code == 200


def test_files_of_imports_at_work_are_never_deleted(client_for, job):
    choose(client_for("author"), job)
    assert imports.forget_files(timezone.now() + timedelta(days=99)) == 0


@pytest.mark.parametrize("name", ["import", "import_columns", "import_start", "import_sheet"])
def test_an_import_whose_file_is_gone_before_it_began_is_no_error(client_for, job, name):
    imports.path_of(job).unlink()
    client = client_for("author")
    response = client.post(at(name, job), {"sheet": "x"}, follow=True) if name in {"import_start", "import_sheet"} else client.get(at(name, job), follow=True)
    assert response.status_code == 200 and "The uploaded file is gone" in response.content.decode()
