"""The search pane of marketing activities, and addresses that make no sense."""

from datetime import UTC, date, datetime

import pytest

from campaigns.tests.factories import make_mailing
from workflows.models import Execution, Workflow
from workflows.tests.activity_list import EVERYTHING, EXECUTIONS, labels, make_all, make_recurring
from workflows.tests.factories import make_workflow

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ({"q": "BIRTHDAY"}, {"Birthday SMS", "Birthday SMS workflow"}),
        ({"kind": ["campaign", "workflow"]}, {"Spring season", "Birthday SMS workflow"}),
        ({"status": "editing"}, {"Open evening"}),
        ({"status": "going"}, {"Birthday SMS", "Birthday SMS workflow"}),
        ({"status": "done"}, {"Spring season"}),
        ({"status": "mailing:draft"}, {"Open evening"}),
        ({"status": "workflow:running"}, {"Birthday SMS", "Birthday SMS workflow"}),
        ({"status": "campaign:over"}, {"Spring season"}),
        ({"status": "error"}, set()),
        ({"status": "archived"}, set()),
        ({"since": "2026-05-31", "until": "2026-06-02"}, {"Spring season", "Birthday SMS"}),
        ({"since": "2026-02-01", "until": "2026-02-10", "recurring": "on"}, {"Birthday SMS", "Birthday SMS · February 2026"}),
        ({"until": "2025-12-31"}, set()),
        ({"q": "february", "recurring": "on"}, {"Birthday SMS · February 2026"}),
        ({"q": "SMS · jan", "recurring": "on"}, {"Birthday SMS · January 2026"}),
        ({"q": "nope · jan", "recurring": "on"}, set()),
        ({"q": "2026", "recurring": "on", "kind": "execution"}, EXECUTIONS),
        ({"q": "02.01.", "recurring": "on"}, {"Birthday SMS · 02.01."}),
        ({"q": "birthday", "recurring": "on"}, {"Birthday SMS", "Birthday SMS workflow", *EXECUTIONS}),
        ({"q": "february"}, set()),
        ({"until": "2001-01-01"}, set()),
        ({"q": "nothing like it"}, set()),
    ],
)
def test_the_search_pane_narrows(look, searched, found):
    make_all()
    page = look(**searched)
    assert set(labels(page)) == found
    assert found or ("No activity matches" in page and "Clear the search" in page)


def test_activities_are_found_by_id_and_campaign(look):
    made, _other = make_all(), make_recurring("Renewal")
    assert "Open evening" in labels(look(id=made["mailing"].pk))
    assert set(labels(look(campaign=made["campaign"].pk))) == EVERYTHING


def test_what_is_archived_stands_there_when_somebody_asks_for_it(look):
    made = make_all()
    for row in (made["campaign"], made["mailing"], made["workflow"]):
        type(row).objects.filter(pk=row.pk).update(archived=True)
    assert set(labels(look())) == {"Birthday SMS"}
    assert set(labels(look(status="archived"))) == {"Spring season", "Open evening", "Birthday SMS workflow"}


@pytest.mark.parametrize(
    ("searched", "sentence"),
    [
        ({"id": "x1"}, "An ID is a whole number"),
        ({"id": "9" * 30}, "There is no ID as large as this."),
        ({"id": "0"}, "Write at least 1."),
        ({"since": "soon"}, "Write it like 2026-04-17."),
        ({"since": "2026-05-02", "until": "2026-05-01"}, "This day is before the first one"),
        ({"status": "lost"}, "This is not among the choices"),
        ({"kind": "poem"}, "This is not among the choices"),
        ({"campaign": "99999"}, "This is not among the choices"),
        ({"q": "x" * 200}, "This is too long"),
        ({"since": "9999-01-01"}, "No history reaches that far."),
        ({"parent": "abc"}, "narrowed to a recurring SMS that does not exist"),
        ({"execution": "99999"}, "narrowed to a recurring execution that does not exist"),
        ({"workflow": "abc"}, "narrowed to a workflow that does not exist"),
        ({"workflow": "99999"}, "narrowed to a workflow that does not exist"),
    ],
)
def test_what_cannot_be_read_says_why_and_finds_nothing(look, client_for, searched, sentence):
    make_all()
    page = look(**searched)
    assert sentence in page and "Nothing was searched" in page and not labels(page)
    assert "/contacts/export/" not in look("author", **searched)
    answer = client_for("author").post("/contacts/export/", {"source": "activities", **searched}, follow=True)
    assert "There is nothing to export" in answer.content.decode()


@pytest.mark.parametrize("searched", [{"sort": "magic"}, {"after": "bm9uc2Vuc2U"}, {"parent": "x"}, {"q": "a\0b"}, {"sort": "--at"}, {"workflow": "9" * 40}])
def test_a_senseless_address_shows_the_list(look, searched):
    make_all()
    look(**searched)


@pytest.mark.parametrize(("since", "until", "found"), [("2026-11-01", "", True), ("2026-08-05", "2026-08-06", True), ("", "2026-07-31", False)])
def test_dates_find_what_the_date_column_says_lies_between_them(look, since, until, found):
    """A workflow and its recurring SMS "from 1 Aug" go on in November; once they are over, they do not."""
    workflow, _parent = make_recurring(months=1)
    Execution.objects.update(first=date(2026, 8, 1), last=date(2026, 8, 31))
    Workflow.objects.update(started_at=datetime(2026, 8, 1, 9, tzinfo=UTC))
    make_mailing(name="No date yet")
    assert set(labels(look(since=since, until=until))) == ({"Birthday SMS", "Birthday SMS workflow"} if found else set())
    Workflow.objects.update(state="finished", finished_at=datetime(2026, 9, 1, 9, tzinfo=UTC))
    assert bool(labels(look(since=since, until=until))) is (found and since < "2026-09")
    assert workflow.label in labels(look(since="2026-09-01", until="2026-09-01"))


def test_a_recurring_sms_stands_there_before_it_ran(look):
    workflow = make_workflow(label="New one")
    text = make_mailing(name="Soon again", role="content")
    step = {"id": "s1", "kind": "sms", "label": "", "options": {"how": "recurring", "content": text.pk}}
    Workflow.objects.filter(pk=workflow.pk).update(graph={"steps": [step], "links": []})
    for searched in ({}, {"id": text.pk, "kind": "recurring"}, {"workflow": workflow.pk}, {"status": "editing"}):
        assert "Soon again" in labels(look(**searched))
    assert "Soon again" not in labels(look(status="going")) and "Soon again" not in labels(look(since="2020-01-01"))
    Workflow.objects.filter(pk=workflow.pk).update(graph={"steps": [{**step, "options": {"how": "single", "content": text.pk}}], "links": []})
    assert "Soon again" not in labels(look())
