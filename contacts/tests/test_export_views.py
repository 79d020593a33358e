"""Pages of exports: who may, what is offered, the file and who gets it."""

import csv
import io
import re
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from contacts.exporting import jobs
from contacts.models import ExportJob
from contacts.services import exports
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
State = ExportJob.State
EXPORT = reverse("contacts:export")


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def rung(monkeypatch):
    bells = []
    monkeypatch.setattr(exports, "ring", lambda task, *args: bells.append(args))
    return bells


def html(response):
    return response.content.decode()


@pytest.fixture(autouse=True)
def bystander(db):
    return make_contact(None, first_name="Bystander", last_name="")


def go(client, *, follow=False, columns=("first_name", "mobile"), **data):
    values = {"go": "1", "format": "csv", "separator": ",", "order": list(columns), "column": list(columns)} | data
    return client.post(EXPORT, values, follow=follow)


def rows(response):
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def made(author, **changes):
    values = {"author": author, "described": "Contacts: in Choir", "selection": {"all": ["1"], "q": ["camille"]}, "columns": ["first_name"], "total": 1}
    return ExportJob.objects.create(**(values | changes))


@pytest.mark.parametrize("name", ["export", "exports"])
def test_pages_are_for_authors_and_up(client_for, name):
    contact = make_contact()
    url = reverse(f"contacts:{name}") + f"?contact={contact.pk}"
    for role, status in (("viewer", 403), ("staff", 403), ("author", 200), ("marketer", 200), ("administrator", 200)):
        assert client_for(role).get(url).status_code == status
    assert Client().get(url).status_code == 302


def test_the_button_stands_where_people_are_chosen(client_for):
    contact = make_contact()
    group = make_group(contact)
    for url in (reverse("contacts:list"), reverse("contacts:group", args=[group.pk])):
        assert f'formaction="{EXPORT}"' in html(client_for("author").get(url))
        assert EXPORT not in html(client_for("staff").get(url))


def all_button(page):
    """The tag of the button that exports everybody whom the list shows."""
    return next(iter(re.findall(rf'<button[^>]*form="pick"[^>]*formaction="{EXPORT}"', page)), "")


def hidden(page):
    """What the list's form posts besides ticks."""
    form = page[page.index('<form id="pick"') :]
    return re.findall(r'<input type="hidden" name="(?!csrf)(\w+)" value="([^"]*)">', form[: form.index("<section")])


def test_all_of_a_group_or_search_are_posted_however_long_the_search_is(client_for):
    contact = make_contact("+33639980002", tags=["a&b/c"])
    group = make_group(contact)
    client = client_for("author")
    page = html(client.get(reverse("contacts:group", args=[group.pk])))
    assert 'name="all" value="1"' in all_button(page) and hidden(page) == [("group", str(group.pk))]
    page = html(client.get(reverse("contacts:list"), {"q": "aubert", "tag": "a&b/c"}))
    assert 'name="all" value="1"' in all_button(page) and hidden(page) == [("q", "aubert"), ("tag", "a&amp;b/c")]


@pytest.mark.parametrize(("role", "may"), [("author", False), ("marketer", False), ("administrator", True)])
def test_all_contacts_at_once_are_offered_to_those_who_may_only(client_for, role, may):
    for number in range(60):
        make_contact(f"+336399801{number:02}")
    page = html(client_for(role).get(reverse("contacts:list")))
    assert bool(all_button(page)) is may
    assert ("To export, choose a group or search first" in page) is not may
    assert ("data-some-only" in page) is not may
    assert f'formaction="{EXPORT}"' in page  # ticked ones


def test_a_small_one_is_there_at_once_and_written_down(client_for, user_for):
    ann = make_contact("+33639980001", first_name="=Ann")
    make_contact("+33639980002", first_name="Bob")
    response = go(client_for("author"), contact=[ann.pk])
    assert response["Content-Disposition"] == f'attachment; filename="1-contact-chosen-in-a-list-{timezone.localdate().isoformat()}.csv"'
    assert response["Content-Type"].startswith("text/csv")
    assert rows(response) == [["First name", "Mobile"], ["'=Ann", "'+33639980001"]]
    job = ExportJob.objects.get()
    assert (job.author, job.state, job.done, job.selection) == (user_for("author"), State.FINISHED, 1, {"contact": [str(ann.pk)]})
    noted = [(what, entry.actor.username) for entry in LogEntry.objects.get_for_object(job).order_by("id") for what in entry.changes if "export" in what]
    assert noted == [("export asked for", "author"), ("export downloaded", "author")]


def test_a_workbook_is_there_at_once(client_for):
    make_contact("+33639980001", first_name="Ann")
    response = go(client_for("author"), all="1", q="ann", format="xlsx")
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response.streaming_content))).get_sheet_by_index(0).to_python()
    assert sheet == [["First name", "Mobile"], ["Ann", "+33639980001"]]


def test_whatever_a_list_can_select_can_be_exported(client_for):
    ann, bob = make_contact("+33639980001", first_name="Ann"), make_contact("+33639980002", first_name="Bob", opted_out=True)
    group = make_group(ann, bob)
    client = client_for("author")
    for data, names in [({"all": "1", "group": group.pk}, {"Ann", "Bob"}), ({"all": "1", "sms": "no"}, {"Bob", "Bystander"}), ({"all": "1", "q": "ann"}, {"Ann"})]:
        assert {row[0] for row in rows(go(client, **data))[1:]} == names


def test_hostile_names_stay_in_their_place(client_for):
    contact = make_contact(first_name='<script>"x"</script>')
    group = make_group(contact, name='"; x=1\r\n<b>../../etc')
    page = html(client_for("author").get(EXPORT, {"all": "1", "group": group.pk}))
    assert "&lt;b&gt;../../etc" in page and "<b>../../etc" not in page
    response = go(client_for("author"), all="1", group=group.pk)
    assert response["Content-Disposition"] == f'attachment; filename="contacts-in-x1-betc-{timezone.localdate().isoformat()}.csv"'
    assert rows(response)[1][0] == '<script>"x"</script>'


def test_a_large_one_is_rung_for_and_followed(client_for, rung, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 1)
    make_contact(), make_contact("+33639980002")
    client = client_for("author")
    assert "written in the background" in html(client.get(EXPORT, {"all": "1", "q": "camille"}))
    page = html(go(client, all="1", q="camille", follow=True))
    job = ExportJob.objects.get()
    assert rung == [()] and "Waits for a worker" in page and "Stop the export" in page
    progress = client.get(reverse("contacts:export_progress", args=[job.pk]))
    assert "HX-Refresh" not in progress and "of 2 contacts" in html(progress)
    jobs.work(job.pk)
    assert client.get(reverse("contacts:export_progress", args=[job.pk]))["HX-Refresh"] == "true"
    page = html(client.get(reverse("contacts:export_job", args=[job.pk])))
    assert "Download 2 rows" in page and "Kept until" in page
    assert len(rows(client.get(reverse("contacts:export_download", args=[job.pk])))) == 3


def test_all_contacts_at_once_are_for_administrators(client_for):
    make_contact()
    page = html(client_for("marketer").get(EXPORT, {"all": "1"}))
    assert "All contacts at once are for administrators" in page and 'name="go" value="1" disabled' in page
    assert "are for administrators" in html(go(client_for("marketer"), all="1"))
    assert not ExportJob.objects.exists()
    assert len(rows(go(client_for("administrator"), all="1"))) == 3


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"column": []}, "Tick at least one column"),
        ({"column": ["password"]}, "not among the choices"),
        ({"format": "pdf"}, "not among the choices"),
        ({"separator": "|"}, "not among the choices"),
    ],
)
def test_bad_choices_are_said(client_for, changes, sentence):
    contact = make_contact()
    response = go(client_for("author"), contact=[contact.pk], **changes)
    assert response.status_code == 200 and sentence in html(response)
    assert f'name="contact" value="{contact.pk}"' in html(response)
    assert not ExportJob.objects.exists()


@pytest.mark.parametrize("data", [{}, {"all": "1", "q": "nobody"}, {"contact": "999999999"}, {"contact": "x"}])
def test_nobody_chosen_leads_back(client_for, data):
    make_contact()
    assert "Nobody is chosen" in html(client_for("author").post(EXPORT, data, follow=True))


def order_of(page):
    return [part.split('"')[0] for part in page.split('name="order" value="')[1:]]


def test_columns_move_without_script_and_keep_their_ticks(client_for):
    contact, client = make_contact(), client_for("author")
    begin = order_of(html(client.get(EXPORT, {"contact": contact.pk})))
    assert begin[:3] == ["last_name", "first_name", "organisation"]
    page = html(client.post(EXPORT, {"contact": contact.pk, "order": begin, "column": ["organisation"], "up": "organisation", "format": "csv", "separator": ";"}))
    assert order_of(page)[:3] == ["last_name", "organisation", "first_name"]
    assert page.count(" checked>") >= 1 and 'value="organisation" checked' in page and 'value="first_name" checked' not in page
    page = html(client.post(EXPORT, {"contact": contact.pk, "order": begin, "column": [], "down": "last_name", "go": "1", "format": "csv", "separator": ";"}))
    assert order_of(page)[:2] == ["first_name", "last_name"] and not ExportJob.objects.exists()
    page = html(client.post(EXPORT, {"contact": contact.pk, "order": ["x", "last_name", "last_name"], "up": "last_name", "format": "csv", "separator": ";"}))
    assert order_of(page)[0] == "last_name" and len(order_of(page)) == len(begin)


def test_the_last_choice_is_offered_again(client_for):
    contact, client = make_contact(), client_for("author")
    rows(go(client, contact=[contact.pk], columns=("mobile", "why_not"), separator=";"))
    page = html(client.get(EXPORT, {"contact": contact.pk}))
    assert order_of(page)[:2] == ["mobile", "why_not"] and 'value="why_not" checked' in page and 'value="last_name" checked' not in page
    assert '<option value=";" selected>' in page
    assert order_of(html(client_for("marketer").get(EXPORT, {"contact": contact.pk})))[0] == "last_name"


FILE = ["export_download", "export_stop", "export_again", "export_remove"]


@pytest.mark.parametrize("name", FILE)
def test_a_file_is_for_its_author_and_administrators(client_for, user_for, name, rung):
    make_contact()
    client = client_for("author")
    rows(go(client, all="1", q="camille"))
    job = ExportJob.objects.get()
    url = reverse(f"contacts:{name}", args=[job.pk])
    method = "get" if name == "export_download" else "post"
    assert getattr(client_for("marketer"), method)(url).status_code == 403
    assert getattr(client_for("staff"), method)(url).status_code == 403
    assert client_for("marketer").get(reverse("contacts:export_job", args=[job.pk])).status_code == 200
    page = html(client_for("marketer").get(reverse("contacts:exports")))
    assert "search “camille”" in page and reverse("contacts:export_download", args=[job.pk]) not in page
    assert getattr(client_for("administrator"), method)(url, follow=True).status_code == 200
    if method == "post":
        assert client.get(url).status_code == 405


def test_a_file_can_be_removed_and_then_there_is_none(client_for):
    make_contact()
    client = client_for("author")
    rows(go(client, all="1", q="camille"))
    job = ExportJob.objects.get()
    path = exports.path_of(job)
    assert path.exists()
    assert "The file is removed" in html(client.post(reverse("contacts:export_remove", args=[job.pk]), follow=True))
    assert not path.exists()
    assert client.get(reverse("contacts:export_download", args=[job.pk])).status_code == 404
    assert "File removed" in html(client.get(reverse("contacts:exports")))


def test_a_file_that_is_gone_or_not_ready_is_not_found(client_for, user_for):
    client = client_for("author")
    for changes in ({"state": State.RUNNING, "path": "exports/x.csv"}, {"state": State.FINISHED, "path": "exports/x.csv"}, {"state": State.FINISHED, "path": ""}):
        job = made(user_for("author"), **changes)
        assert client.get(reverse("contacts:export_download", args=[job.pk])).status_code == 404


def test_a_stopped_or_failed_one_can_be_written_again(client_for, user_for, rung):
    make_contact()
    client, job = client_for("author"), made(user_for("author"), state=State.RUNNING)
    page = html(client.post(reverse("contacts:export_stop", args=[job.pk]), follow=True))
    assert "Nothing of the file was kept" in page and "Write it again" in page
    page = html(client.post(reverse("contacts:export_again", args=[job.pk]), follow=True))
    assert rung == [()] and "Waits for a worker" in page
    assert "has moved on" in html(client.post(reverse("contacts:export_again", args=[job.pk]), follow=True))
    ExportJob.objects.filter(pk=job.pk).update(state=State.FAILED, problem="The disk is full.")
    assert "The disk is full." in html(client.get(reverse("contacts:export_job", args=[job.pk])))


def test_the_list_is_paged_and_costs_a_fixed_number_of_queries(client_for, user_for, django_assert_max_num_queries):
    client = client_for("author")
    assert "No exports yet" in html(client.get(reverse("contacts:exports")))
    for n in range(30):
        made(user_for("author"), described=f"Contacts: number {n}.", state=State.FINISHED, finished_at=timezone.now() - timedelta(days=1))
    with django_assert_max_num_queries(12):
        page = html(client.get(reverse("contacts:exports")))
    assert "number 29." in page and "number 4." not in page and 'rel="next"' in page
