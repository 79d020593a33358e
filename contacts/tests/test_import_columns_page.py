"""The page of an import's columns: what can be chosen, for each column and for all rows, and which sheet is read."""

import pytest
import xlsxwriter

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


def test_columns_without_anybody_come_back_with_a_sentence(client_for, job):
    response = choose(client_for("author"), job, column_0="", column_1="")
    assert "No column says who somebody is" in response.content.decode()
    assert "all become" in choose(client_for("author"), job, column_2="last_name").content.decode()


@pytest.mark.parametrize("state", ["checking", "running", "stopped", "finished"])
@pytest.mark.parametrize("method", ["get", "post"])
def test_columns_of_an_import_that_has_begun_lead_to_its_page_with_a_sentence(client_for, job, state, method):
    ImportJob.objects.update(state=state)
    client = client_for("author")
    page = getattr(client, method)(at("import_columns", job), follow=True)
    assert page.redirect_chain == [(at("import", job), 302)]
    assert "Columns are chosen before an import begins. Here is how this one stands." in page.content.decode()


def test_columns_of_one_name_are_told(client_for):
    client = client_for("author")
    html = client.get(send(client, "Nom;Nom;\nAnna;Bon;x\n")["Location"]).content.decode()
    assert "Some columns have the same name" in html and "Nom (B)" in html and "Column C" in html


CHOICES = {
    "match_by": "number", "empty_marker": "(empty)", "tags": "Volunteer, Board", "consent_source": "Autumn fair", "consent_wording": "Yes, send me texts",
}  # fmt: skip


def test_what_was_chosen_is_kept_shown_and_done(client_for, job):
    client, group = client_for("author"), make_group(name="Choir")
    choose(client, job, groups=[group.pk], **CHOICES)
    jobs.work(job.pk)
    client.post(at("import_start", job))
    jobs.work(job.pk)
    html = client.get(at("import", job)).content.decode()
    for words in ("number only", "(empty)", "Volunteer, Board", "Autumn fair", "Yes, send me texts", "France", "Choir", "1 second", "bytes", "are deleted on"):
        assert words in html, words
    assert "<dt class=\"text-break\">Portable</dt><dd>Mobile</dd>" in html and "<dt class=\"text-break\">Colour</dt><dd>Left out</dd>" in html
    assert (Contact.objects.get().tags, group.memberships.count()) == (["Volunteer", "Board"], 1)


def test_choices_come_back_when_the_columns_are_changed(client_for, job):
    client = client_for("author")
    choose(client, job, **CHOICES)
    jobs.work(job.pk)
    form = client.get(at("import_columns", job)).context["form"]
    assert (form["match_by"].value(), form["tags"].value(), form["consent_source"].value()) == ("number", "Volunteer, Board", "Autumn fair")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"match_by": "email"}, "No column has what people are to be found by"),
        ({"match_by": "shoes"}, "not among the choices"),
        ({"tags": "x" * 60}, "has 60 characters"),
        ({"region": "ZZ"}, "not among the choices"),
        ({"column_0": "custom:nothing"}, "not among the choices"),
        ({"groups": ["999999"]}, "not among the choices"),
        ({"empty_marker": "x" * 21}, "at most 20"),
    ],
)
def test_bad_choices_come_back_with_a_sentence(client_for, job, changes, words):
    response = choose(client_for("author"), job, **changes)
    assert response.status_code == 200 and words in response.content.decode()
    job.refresh_from_db()
    assert job.state == ImportJob.State.MAPPING


def test_smart_and_archived_groups_are_not_offered(client_for, job):
    make_group(name="Young singers", kind="smart", rules={})
    make_group(name="Old singers", archived=True)
    html = client_for("author").get(at("import_columns", job)).content.decode()
    assert "singers" not in html


@pytest.fixture
def workbook_job(client_for, tmp_path):
    path = tmp_path / "people.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in {"Members": [["Nom", "Portable"], ["Anna", 33639980001.0]], "Friends": [["Prénom", "Nom"], ["Bob", "Sassi"], ["Eve", "Bon"]]}.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    return uploaded(client_for("author"), path.read_bytes(), "people.xlsx")


def test_another_sheet_of_a_workbook_can_be_read(client_for, workbook_job):
    client, job = client_for("author"), workbook_job
    html = client.get(at("import_columns", job)).content.decode()
    assert "33639980001" in html and "Check 1 row" in html and "<option selected>Members</option>" in html
    assert client.post(at("import_sheet", job), {"sheet": "Friends"})["Location"] == at("import_columns", job)
    html = client.get(at("import_columns", job)).content.decode()
    assert "Sassi" in html and "Check 2 rows" in html and "<option selected>Friends</option>" in html
    told = client.post(at("import_sheet", job), {"sheet": "Nobody"}, follow=True).content.decode()
    assert "no sheet of this name" in told and "<option selected>Friends</option>" in told
    assert client_for("staff").post(at("import_sheet", job), {"sheet": "Members"}).status_code == 403


def test_a_sheet_is_imported_from_check_to_contacts(client_for, workbook_job):
    client, job = client_for("author"), workbook_job
    choose(client, job)
    jobs.work(job.pk)
    client.post(at("import_start", job))
    jobs.work(job.pk)
    assert Contact.objects.get().sms_number == "+33639980001"
    assert "moved on" in client.post(at("import_sheet", job), {"sheet": "Friends"}, follow=True).content.decode()
