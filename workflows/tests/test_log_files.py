"""Logs of an SMS step as files: all of it, a period, a send; who may, and what a spreadsheet must not take for a formula."""

import csv
import io
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from campaigns import log_files
from campaigns.models import Mailing
from campaigns.services import mailings
from campaigns.statuses import MessageStatus as S
from contacts.models import Contact, ExportJob
from contacts.tests.factories import make_contact
from workflows.models import Execution
from workflows.tests.sending import make_content, make_readers, make_recurring, send_of, settle

pytestmark = pytest.mark.django_db
EXPORT = reverse("contacts:export")
HEADS = ["SMS name", "Last name", "First name", "Number", "Status", "Reason"]
KEYS = ["mailing", "last_name", "first_name", "number", "state", "reason"]


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def content(user_for):
    return make_content(user_for("marketer"))


@pytest.fixture(autouse=True)
def sent(content, user_for):
    """Two sends in two months to three people, one of whom is left out; somebody stands in no log."""
    marketer, people = user_for("marketer"), make_readers(3, left_out=1)
    make_contact(None, first_name="Bystander")
    Contact.objects.filter(pk=people[0].pk).update(first_name="=cmd|' /C calc'!A0")
    workflow = make_recurring(content, marketer)
    for day in (date(2027, 3, 1), date(2027, 4, 1)):
        mailing = mailings.confirm(send_of(workflow, content, day, people), marketer)
        settle(mailing, S.SENT, S.FAILED, reason="unknown_number")
    return workflow


def go(client, *, kind="csv", **data):
    return client.post(EXPORT, {"go": "1", "format": kind, "separator": ",", "order": KEYS, "column": KEYS} | data)


def rows(response):
    assert response.status_code == 200 and response.streaming
    return list(csv.reader(io.StringIO(b"".join(response.streaming_content).decode("utf-8-sig"))))


def test_the_whole_log_has_texts_and_those_left_out_with_reasons(client_for, content):
    heads, *lines = rows(go(client_for("marketer"), source="sms_log", parent=content.pk))
    assert heads == HEADS and len(lines) == 6
    assert sorted({line[4] for line in lines}) == ["Failed", "Left out", "No report"] and [line[5] for line in lines if line[4] == "Left out"] == ["Do not SMS"] * 2
    assert {line[3] for line in lines if line[4] == "No report"} == {"'+33639980000"}
    assert "'=cmd|' /C calc'!A0" in {line[2] for line in lines}
    assert ExportJob.objects.get().title == "Log of “Birthday”"


def test_causes_with_their_volumes_are_a_file_too(client_for, content):
    march, send = Execution.objects.get(key="2027-03"), Mailing.objects.filter(role="send").first()
    keys, marketer = ["cause", "state", "texts", "advice"], client_for("marketer")
    for which, texts in (({}, "2"), ({"period": march.pk}, "1"), ({"send": send.pk}, "1")):
        heads, line = rows(go(marketer, source="sms_causes", parent=content.pk, order=keys, column=keys, **which))
        assert heads == ["Cause", "Status", "Texts", "What to do"] and line[:3] == ["The number is not in service", "Failed", texts] and line[3]
        page = marketer.get(reverse("workflows:sms_log", args=[content.pk]), {"part": "causes", **which}).content.decode()
        assert f"{EXPORT}?source=sms_causes&amp;parent={content.pk}" in page and f'>{line[0]}</a>' in page
    assert client_for("viewer").get(f"{EXPORT}?source=sms_causes&parent={content.pk}").status_code == 403
    answer = marketer.get(f"{EXPORT}?source=sms_causes&parent=99999", follow=True).content.decode()
    assert "There is nothing to export" in answer


def test_a_period_a_send_and_a_part_are_narrower(client_for, content):
    march, send = Execution.objects.get(key="2027-03"), Mailing.objects.filter(role="send").first()
    marketer = client_for("marketer")
    assert len(rows(go(marketer, source="sms_log", parent=content.pk, period=march.pk))) == 1 + 3
    assert len(rows(go(marketer, source="mailing_log", mailing=send.pk, part="left-out"))) == 1 + 1
    assert [line[4] for line in rows(go(marketer, source="mailing_log", mailing=send.pk, stage="failed"))[1:]] == ["Failed"]
    assert {job.title for job in ExportJob.objects.all()} >= {"Log of “Birthday, March 2027”"}


def test_a_workbook_has_the_same_without_formulas(client_for, content, tmp_path):
    answer = go(client_for("marketer"), kind="xlsx", source="sms_log", parent=content.pk)
    path = tmp_path / "log.xlsx"
    path.write_bytes(b"".join(answer.streaming_content))
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    assert sheet[0] == HEADS and len(sheet) == 7 and "'=cmd|' /C calc'!A0" in {row[2] for row in sheet}


def test_who_may_export_contacts_may_export_logs(client_for, content, user_for):
    address = f"{EXPORT}?source=sms_log&parent={content.pk}"
    page = client_for("author").get(address).content.decode()
    assert "6 lines" in page and reverse("workflows:parent", args=[content.pk]) in page
    assert client_for("viewer").get(address).status_code == 403 and Client().get(address).status_code == 302
    button = f"{EXPORT}?source=sms_log&amp;parent={content.pk}"
    log = reverse("workflows:sms_log", args=[content.pk])
    assert button in client_for("author").get(log).content.decode() and button not in client_for("viewer").get(log).content.decode()


def test_a_log_in_which_everybody_stands_is_for_administrators(client_for, content):
    Contact.objects.filter(first_name="Bystander").update(deleted_at="2027-01-01T00:00Z")
    assert "Everybody stands in this log" in go(client_for("author"), source="sms_log", parent=content.pk).content.decode()
    assert len(rows(go(client_for("author"), source="sms_log", parent=content.pk, stage="failed"))) == 1 + 2
    assert len(rows(go(client_for("administrator"), source="sms_log", parent=content.pk))) == 1 + 6


def test_nonsense_exports_nothing(client_for):
    marketer = client_for("marketer")
    assert marketer.get(f"{EXPORT}?source=nonsense").status_code == 404
    for address in ("source=sms_log&parent=x", "source=sms_log", "source=mailing_log&mailing=99999999999999999999"):
        assert marketer.get(f"{EXPORT}?{address}").status_code == 302
    assert not ExportJob.objects.exists()


def test_a_log_longer_than_a_batch_is_whole(client_for, content, monkeypatch):
    monkeypatch.setattr(log_files, "BATCH", 2)
    assert len(rows(go(client_for("marketer"), source="sms_log", parent=content.pk))) == 1 + 6
