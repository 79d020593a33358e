"""Import pages: from upload to refused rows, for those who may."""

from datetime import timedelta

import pytest
import xlsxwriter
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.importing import jobs
from contacts.models import Contact, ImportJob
from contacts.services import imports
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db
TEXT = "Nom;Portable;Colour\n<script>x</script>;0639980001;red\nBob;12;=blue\nEve;abc;green\n"


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def send(client: Client, content: str | bytes = TEXT):
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("gens.csv", data)})


@pytest.fixture
def job(client_for) -> ImportJob:
    send(client_for("author"))
    return ImportJob.objects.get()


def at(name: str, job: ImportJob) -> str:
    return reverse(f"contacts:{name}", args=[job.pk])


def choose(client: Client, job: ImportJob, **changes: object):
    return client.post(at("import_columns", job), {"column_0": "last_name", "column_1": "mobile", "region": "FR"} | changes)


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
    file = SimpleUploadedFile("gens.xlsx", TEXT.encode())
    page = client_for("author").post(reverse("contacts:import_upload"), {"file": file}).content.decode()
    assert "This is no Excel workbook, although its name ends in .xlsx." in page


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


def test_list_of_imports_shows_states_with_a_fixed_number_of_queries(client_for, job, django_assert_max_num_queries):
    client = client_for("author")
    for _ in range(5):
        send(client)
    with django_assert_max_num_queries(9):
        html = client.get(reverse("contacts:imports")).content.decode()
    assert html.count("Columns to check") >= 6


def test_a_lost_file_is_told_instead_of_an_error(client_for, job):
    client = client_for("author")
    choose(client, job)
    jobs.work(job.pk)
    imports.path_of(job).unlink()
    assert client.get(at("import", job)).status_code == 200
    client.post(at("import_start", job))
    jobs.work(job.pk)
    assert "The uploaded file is gone" in client.get(at("import", job)).content.decode()


@pytest.fixture
def workbook_job(client_for, tmp_path):
    path = tmp_path / "people.xlsx"
    with xlsxwriter.Workbook(path) as book:
        for name, rows in {"Members": [["Nom", "Portable"], ["Anna", 33639980001.0]], "Friends": [["Prénom", "Nom"], ["Bob", "Sassi"], ["Eve", "Bon"]]}.items():
            sheet = book.add_worksheet(name)
            for number, cells in enumerate(rows):
                sheet.write_row(number, 0, cells)
    client_for("author").post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("people.xlsx", path.read_bytes())})
    return ImportJob.objects.get()


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
    make_group(name="Young", kind="smart", rules={})
    make_group(name="Old", archived=True)
    html = client_for("author").get(at("import_columns", job)).content.decode()
    assert "Young" not in html and "Old" not in html


def test_history_shows_who_when_counts_and_duration(client_for, job, user_for):
    client = client_for("author")
    choose(client, job)
    jobs.work(job.pk)
    client.post(at("import_start", job))
    jobs.work(job.pk)
    html = client_for("marketer").get(reverse("contacts:imports")).content.decode()
    for words in ("gens.csv", "Finished", str(user_for("author")), "1 second", '<td class="end num col-wide">2</td>'):
        assert words in html, words
    assert client_for("marketer").get(at("import", job)).status_code == 200, "imports of others can be looked at"


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


def test_where_no_row_is_refused_the_rows_to_look_at_come_first(client_for):
    client = client_for("author")
    send(client, "Nom;Portable\nAnna;0639980001\nAnna;0639980001\n")
    job = ImportJob.objects.get()
    choose(client, job)
    jobs.work(job.pk)
    page = client.get(at("import", job)).content.decode()
    assert "Same person as row 2." in page and "No row is refused" not in page
    assert "No row is refused" in client.get(at("import", job), {"show": "refused"}).content.decode()
