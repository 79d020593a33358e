"""Marketing activities as a file."""

import csv
import io
from datetime import UTC, date, datetime

import pytest
from django.contrib.auth.models import Permission

from campaigns.models import Campaign, Mailing
from contacts.exporting import jobs
from contacts.models import ExportJob
from contacts.services import exports
from workflows.activities import columns
from workflows.models import Workflow
from workflows.tests.activity_list import LIST, make_all

pytestmark = pytest.mark.django_db
EXPORT = "/contacts/export/"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def ask(client, **searched):
    keys = [column.key for column in (*columns.ALWAYS, *columns.COLUMNS)]
    return client.post(EXPORT, {"source": "activities", "order": keys, "column": keys, "format": "csv", "separator": ",", "go": "1", **searched})


def table(answer):
    return list(csv.reader(io.StringIO(b"".join(answer.streaming_content).decode("utf-8-sig"))))


def test_the_file_has_what_the_search_finds_in_its_order(client_for):
    made = make_all()
    head, *lines = table(ask(client_for("author"), sort="title"))
    assert head[:4] == ["Label", "Kind", "Part of", "Status"]
    assert [line[0] for line in lines] == ["Birthday SMS", "Birthday SMS workflow", "Open evening", "Spring season"]
    assert lines[3][3:5] == ["Over", "2026-03-01"] and lines[2][-1] == str(made["mailing"].pk)
    facts = dict(zip(head, lines[3], strict=True))
    assert (facts["Last day"], facts["Finished"]) == ("2026-05-31", "2026-05-31")  # it is over
    Campaign.objects.update(ends_on=date(2999, 1, 1))
    Workflow.objects.update(state="stopped")
    Mailing.objects.update(created_at=datetime(2026, 1, 1, 9, tzinfo=UTC))
    Mailing.objects.filter(name__endswith=".02.").update(finished_at=datetime(2026, 2, 2, 9, tzinfo=UTC))
    found = {line[0]: dict(zip(head, line, strict=True)) for line in table(ask(client_for("author"), recurring="on"))[1:]}
    assert (found["Spring season"]["Last day"], found["Spring season"]["Finished"]) == ("2999-01-01", "")
    execution = found["Birthday SMS · February 2026"]
    assert (execution["Last day"], execution["Finished"][:10], execution["Created"][:10]) == ("2026-02-28", "2026-02-02", "2026-01-01")
    _head, *lines = table(ask(client_for("author"), recurring="on", q="birthday", kind=["execution"]))
    assert [line[:3] for line in lines] == [
        [f"Birthday SMS · {month} 2026", "Recurring execution", "Birthday SMS workflow (Workflow) · Birthday SMS (Recurring SMS)"] for month in ("February", "January")
    ]


def test_labels_are_no_formulas(client_for):
    Campaign.objects.create(name="=1+1")
    assert table(ask(client_for("author")))[1][0] == "'=1+1"


def test_a_workbook_can_be_had_too(client_for):
    make_all()
    answer = ask(client_for("author"), format="xlsx")
    assert answer["Content-Disposition"].endswith('.xlsx"') and b"".join(answer.streaming_content)[:2] == b"PK"


def test_a_large_one_is_written_in_the_background_in_parts(client_for, monkeypatch):
    make_all()
    monkeypatch.setattr(exports, "AT_ONCE", 3)
    monkeypatch.setattr(exports, "ring", lambda task, *args: None)
    monkeypatch.setattr("workflows.activities.files.BATCH", 3)
    job = ExportJob.objects.get(pk=ask(client_for("author"), recurring="on")["Location"].strip("/").split("/")[-1])
    page = client_for("author").get(f"/contacts/exports/{job.pk}/").content.decode()
    assert "Marketing activities" in page and "6 activities" in page
    jobs.work(job.pk)
    job.refresh_from_db()
    assert (job.state, job.done) == ("finished", 6)


def test_an_empty_list_is_refused_in_words(client_for):
    answer = client_for("author").post(EXPORT, {"source": "activities"}, follow=True)
    assert answer.redirect_chain[-1][0] == LIST and "There is nothing to export: the list is empty." in answer.content.decode()


def test_who_may_not_export_has_no_button(client_for):
    make_all()
    assert EXPORT in client_for("author").get(LIST).content.decode() and EXPORT not in client_for("viewer").get(LIST).content.decode()
    assert client_for("viewer").post(EXPORT, {"source": "activities"}).status_code == 403


def test_the_file_has_only_the_kinds_that_its_author_may_see(client_for, user_for):
    make_all()
    user_for("author").groups.clear()
    for name in ("export_contacts", "view_campaign"):
        user_for("author").user_permissions.add(Permission.objects.get(codename=name))
    assert [line[0] for line in table(ask(client_for("author"), recurring="on"))[1:]] == ["Spring season"]
