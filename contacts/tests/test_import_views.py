"""Import pages: from upload to refused rows, for those who may."""

import pytest
from django.test import Client

from contacts.importing import jobs
from contacts.models import Contact, ImportJob
from contacts.tests.factories import make_group
from contacts.tests.uploads import at, choose, send, uploaded

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def job(client_for) -> ImportJob:
    return uploaded(client_for("author"))


@pytest.mark.parametrize("name", ["import", "import_columns", "import_progress", "import_refused"])
def test_pages_are_for_authors(client_for, job, name):
    assert client_for("staff").get(at(name, job)).status_code == 403
    assert "/account/" in Client().get(at(name, job))["Location"]


@pytest.mark.parametrize("name", ["import_start", "import_stop"])
def test_changes_are_for_authors_by_post(client_for, job, name):
    assert client_for("staff").post(at(name, job)).status_code == 403
    assert client_for("author").get(at(name, job)).status_code == 405
    assert client_for("author").post(at(name, job)).status_code == 302


def test_upload_leads_to_the_columns_with_samples(client_for):
    client = client_for("author")
    page = client.get(send(client)["Location"])
    html = page.content.decode()
    assert [head.value() for head in page.context["form"].heads()] == ["last_name", "mobile", ""]
    assert "&lt;script&gt;x&lt;/script&gt;" in html and "<script>x" not in html and "Check 3 rows" in html


@pytest.mark.parametrize(("content", "words"), [(b"", "empty"), (b"PK\x03\x04x", "workbook"), (b"Nom\n", "no rows"), (b"a\0b\n", "zero bytes")])
def test_bad_files_come_back_with_a_sentence(client_for, content, words):
    response = send(client_for("author"), content)
    assert response.status_code == 200 and words in response.content.decode()
    assert not ImportJob.objects.exists()


def test_an_upload_is_known_by_the_name_it_has_there(client_for):
    page = send(client_for("author"), name="gens.xlsx").content.decode()
    assert "This is no Excel workbook, although its name ends in .xlsx." in page


def test_whole_way_from_check_to_contacts(client_for, job, django_capture_on_commit_callbacks):
    client, group = client_for("author"), make_group()
    assert choose(client, job, groups=[group.pk])["Location"] == at("import", job)
    working = client.get(at("import", job)).content.decode()
    assert "Checking the rows" in working and "hx-get" in working
    jobs.work(job.pk)
    done = client.get(at("import_progress", job))
    assert done["HX-Refresh"] == "true"
    html = client.get(at("import", job)).content.decode()
    assert "Create 1 contact" in html and "Download 2 refused rows" in html and "Kept" not in html
    assert html.count('class="bad"') == 2
    client.post(at("import_start", job))
    jobs.work(job.pk)
    assert group.memberships.count() == 1
    assert "Open these contacts" in client.get(at("import", job)).content.decode()
    assert Contact.objects.get().last_name == "<script>x</script>"


def test_refused_rows_download(client_for, job):
    client = client_for("author")
    assert client.get(at("import_refused", job)).status_code == 404
    choose(client, job)
    jobs.work(job.pk)
    response = client.get(at("import_refused", job))
    lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
    assert "attachment" in response["Content-Disposition"]
    assert lines[0] == "Nom;Portable;Colour;Row;Reason" and lines[1].startswith("Bob;12;'=blue;3;Portable: ")


def test_stop_while_checking_leads_back_to_the_columns(client_for, job):
    client = client_for("author")
    choose(client, job)
    client.post(at("import_stop", job))
    assert client.get(at("import", job))["Location"] == at("import_columns", job)


def test_second_start_is_told_and_changes_nothing(client_for, job):
    client = client_for("author")
    choose(client, job)
    jobs.work(job.pk)
    client.post(at("import_start", job))
    again = client.post(at("import_start", job), follow=True)
    assert "has moved on" in again.content.decode()


def test_where_no_row_is_refused_the_rows_to_look_at_come_first(client_for):
    client = client_for("author")
    job = uploaded(client, "Nom;Portable\nAnna;0639980001\nAnna;0639980001\n")
    choose(client, job)
    jobs.work(job.pk)
    page = client.get(at("import", job)).content.decode()
    assert "Same person as row 2." in page and "No row is refused" not in page
    assert "No row is refused" in client.get(at("import", job), {"show": "refused"}).content.decode()
