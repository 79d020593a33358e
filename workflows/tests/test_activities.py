"""Marketing activities: campaigns, mailings and workflows in one list."""

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.html import escape

from campaigns.models import Campaign, Mailing
from campaigns.tests.factories import make_mailing, make_people, make_sending, make_template
from workflows.models import Execution, Run, ShownColumns, Workflow
from workflows.tests.activity_list import EVERYTHING, EXECUTIONS, LIST, labels, make_all, make_recurring
from workflows.tests.factories import make_workflow

# --- who ---


@pytest.mark.parametrize("role", ["viewer", "staff", "author", "marketer", "administrator"])
def test_everybody_with_a_role_may_look(look, role):
    make_all()
    assert set(labels(look(role))) == EVERYTHING


def test_nobody_logged_in_is_asked_to_log_in():
    assert "/account/login/" in Client().get(LIST)["Location"]
    assert "/account/login/" in Client().post(f"{LIST}columns/")["Location"]


@pytest.mark.parametrize(
    ("right", "seen"),
    [
        ("view_campaign", {"Spring season"}),
        ("view_mailing", {"Open evening", "Birthday SMS", *EXECUTIONS}),
        ("view_workflow", {"Birthday SMS workflow"}),
        ("view_contact", None),
    ],
)
def test_people_see_the_kinds_that_they_may_see(client_for, user_for, right, seen):
    user = user_for("viewer")
    user.groups.clear()
    user.user_permissions.add(Permission.objects.get(codename=right))
    make_all()
    answer = client_for("viewer").get(LIST, {"recurring": "on"})
    assert answer.status_code == (200 if seen else 403)
    assert set(labels(answer.content.decode())) == (seen or set())
    assert client_for("viewer").post(f"{LIST}columns/", {"column": "status"}).status_code == (302 if seen else 403)
    if right != "view_workflow":
        assert 'href="/workflows/1' not in answer.content.decode()


# --- recurring executions ---


def test_recurring_executions_are_hidden_until_somebody_ticks_the_box(look):
    make_all()
    page = look()
    assert set(labels(page)) == EVERYTHING and "Recurring executions are not shown." in page
    page = look(recurring="on")
    assert set(labels(page)) == EVERYTHING | EXECUTIONS and "are not shown" not in page


def test_sends_of_an_execution_appear_as_one(look):
    make_all()
    assert not any(label.startswith("Birthday SMS · 01.") for label in labels(look(recurring="on")))
    execution = Execution.objects.get(key="2026-01")
    found = look(kind="send", execution=execution.pk)
    assert set(labels(found)) == {"Birthday SMS · 01.01.", "Birthday SMS · 02.01."} and "Sends of Birthday SMS" in found


def test_from_a_parent_one_reaches_all_its_executions(look):
    made, (_other, _text) = make_all(), make_recurring("Renewal")
    address = f"?recurring=on&amp;parent={made['parent'].pk}"
    assert address in look()
    page = look(recurring="on", parent=made["parent"].pk)
    assert len(labels(page)) == 2 and all("Birthday SMS" in label for label in labels(page)) and "Executions of Birthday SMS" in page


def test_from_a_workflow_one_reaches_what_it_made(look):
    made, (_other, _text) = make_all(), make_recurring("Renewal")
    page = look(recurring="on", workflow=made["workflow"].pk)
    assert len(labels(page)) == 3 and not any("Renewal" in label for label in labels(page))
    address = f"?recurring=on&kind=mailing&kind=send&workflow={made['workflow'].pk}"
    assert f'href="{escape(address)}">4 mailings' in look()
    assert len(labels(look(recurring="on", kind=["mailing", "send"], workflow=made["workflow"].pk))) == 4
    assert f'href="/workflows/{made["workflow"].pk}/"' in page  # and back


def test_a_text_that_was_sent_once_is_a_part_of_its_workflow_only(look):
    make_mailing(name="Sent once", role="content")
    assert "Sent once" not in look(recurring="on")


def test_an_execution_stands_as_its_send_that_wants_to_be_looked_at(look):
    make_recurring(months=1)
    page = look(kind="execution")
    assert "Finished" in page.partition("<tbody>")[2]
    Mailing.objects.filter(name="Birthday SMS · 02.01.").update(status="ready")
    assert "Waits for confirmation" in look(kind="execution").partition("<tbody>")[2]
    assert labels(look(kind="execution", status="warning")) and not labels(look(kind="execution", status="done"))


def test_an_execution_of_the_period_of_today_goes_on(look):
    make_recurring(months=1)
    Execution.objects.update(last=timezone.localdate() + timedelta(days=3))
    assert labels(look(kind="execution", status="going")) and not labels(look(kind="execution", status="done"))
    Workflow.objects.update(state="stopped")
    assert labels(look(kind="execution", status="done"))


def test_a_row_is_found_by_the_status_that_it_shows(look):
    """Sends stand there by themselves only by their id, or where their kind is asked for: else the execution is found that shows the same."""
    make_all()
    send = Mailing.objects.get(name="Birthday SMS · 02.01.")
    Mailing.objects.filter(pk=send.pk).update(status="ready")
    assert send.name in labels(look(recurring="on", id=send.pk)) and send.name not in labels(look(id=send.pk))
    for status in ("mailing:ready", "warning"):
        assert labels(look(recurring="on", status=status)) == ["Birthday SMS · January 2026"]
        assert labels(look(kind="send", status=status)) == [send.name]
        assert labels(look(status=status)) == []
    assert send.name not in labels(look(recurring="on"))
    Execution.objects.filter(key="2026-02").update(last=timezone.localdate() + timedelta(days=3))
    assert len(labels(look(kind="execution", status="workflow:running"))) == 1


def test_only_what_stands_below_its_parent_is_indented(look):
    make_all()

    def indented(**searched):
        return look(**searched).count('class="child-row"')

    kinds = ["execution", "recurring"]
    assert indented(kind=kinds, sort="-title") == 2
    assert indented(kind=kinds, sort="title") == 0  # they stand above it
    assert indented(kind="execution") == indented(kind="send") == 0
    assert indented(recurring="on") == 1  # newest first: only January, which begins when its SMS does, stands right below it


def test_a_waiting_send_has_the_date_of_its_preparation(look):
    make_all()
    Mailing.objects.filter(name="Birthday SMS · 02.01.").update(created_at=timezone.now() + timedelta(days=1))
    page = look(kind="send")
    assert labels(page)[0] == "Birthday SMS · 02.01." and "No date" not in page.partition("<tbody>")[2]
    assert labels(look(kind="send", since=timezone.localdate() + timedelta(days=1))) == ["Birthday SMS · 02.01."]


def test_a_restart_leaves_a_workflow_its_first_date(look):
    workflow = make_workflow(label="Renewal")
    Workflow.objects.update(state="running", started_at=timezone.now())
    Run.objects.create(workflow=workflow, drawing=workflow.drawings.get(), number=1)
    Run.objects.update(started_at=datetime(2025, 8, 1, 9, tzinfo=UTC))
    assert "1 Aug 2025</time>" in look() and labels(look(since="2025-08-01", until="2025-08-02")) == ["Renewal"]


def test_an_empty_list_says_what_would_stand_there(look):
    assert "No activities yet" in look() and "/sms/mailings/new/" not in look().partition('id="main"')[2]
    assert "/sms/mailings/new/" in look("author").partition('id="main"')[2]


# --- order and pages ---


def test_newest_first_and_by_label(look):
    now = timezone.now()
    for name, days in (("Beta", 3), ("alpha", 2), ("Gamma", 1)):
        Mailing.objects.filter(pk=make_mailing(name=name).pk).update(created_at=now - timedelta(days=days))
    Mailing.objects.filter(name="Beta").update(scheduled_at=now + timedelta(days=1))
    Workflow.objects.filter(pk=make_workflow(label="Delta").pk).update(created_at=now - timedelta(days=2, hours=1))
    Mailing.objects.filter(pk=make_mailing(name="Epsilon", started_at=now - timedelta(days=9)).pk).update(created_at=now)
    assert labels(look()) == ["Beta", "Epsilon", "Gamma", "alpha", "Delta"]
    assert labels(look(sort="at")) == ["Epsilon", "Beta", "Delta", "alpha", "Gamma"]  # what has no date comes last both ways
    assert labels(look(sort="title")) == list(reversed(labels(look(sort="-title"))))


@pytest.mark.parametrize("sort", ["", "at", "title", "-title"])
def test_pages_together_are_the_whole_list_once(client_for, monkeypatch, sort):
    monkeypatch.setattr("smsapp.common.listing.paginate_together.__kwdefaults__", {"size": 4, "label": str})
    make_all()
    make_recurring("Renewal", months=3)
    client, seen, address = client_for("viewer"), [], f"?recurring=on&sort={sort}"
    while address:
        answer = client.get(LIST + address)
        seen += labels(answer.content.decode())
        address, before = answer.context["page"].next_url, answer.context["page"].previous_url
    assert len(seen) == len(set(seen)) == 11
    assert labels(client.get(LIST + before).content.decode()) == seen[4:8]


def test_a_page_costs_a_fixed_number_of_queries(client_for, django_assert_max_num_queries):
    make_all()
    client = client_for("viewer")
    client.get(LIST, {"recurring": "on"})
    with django_assert_max_num_queries(30) as few:
        client.get(LIST, {"recurring": "on"})
    for number in range(8):
        workflow, _parent = make_recurring(f"Renewal {number}")
        make_mailing(name=f"Evening {number}", campaign=Campaign.objects.create(name=f"Campaign {number}"), template=make_template())
        Run.objects.create(workflow=workflow, drawing=workflow.drawings.get(), number=1, state="finished", left_over=2)
    with django_assert_max_num_queries(len(few)):
        page = client.get(LIST, {"recurring": "on"}).content.decode()
    assert len(labels(page)) == 46 or "Next" in page


@pytest.mark.parametrize("searched", [{}, {"sort": "title"}, {"q": "zzz"}])
def test_beside_many_mailings_a_page_is_read_by_an_index(client_for, searched):
    Mailing.objects.bulk_create(Mailing(name=f"Mailing {number}", role="send" if number % 3 else "", status="finished") for number in range(9_000))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE campaigns_mailing")
        with CaptureQueriesContext(connection) as asked:
            client_for("viewer").get(LIST, searched)
        (union,) = [query["sql"] for query in asked if "UNION ALL" in query["sql"]]
        cursor.execute(f"EXPLAIN {union}")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on campaigns_mailing" not in plan


# --- what a line shows ---


def test_a_line_says_how_many_texts_there_are(look):
    campaign = Campaign.objects.create(name="Winter")
    make_sending(make_people(3), name="On its way", campaign=campaign)
    page = look()
    assert page.count('<span class="num">3</span>') == 2  # of the mailing and of its campaign
    Mailing.objects.update(status="finished")
    assert "Sending again" in look()  # some of its texts are still to go


def test_a_workflow_that_left_people_behind_warns(look, client_for):
    workflow = make_workflow(label="Renewal")
    Workflow.objects.update(state="running")
    Run.objects.create(workflow=workflow, drawing=workflow.drawings.get(), number=1, state="finished", left_over=2)
    assert labels(look(status="warning")) == ["Renewal"] and labels(look(status="going")) == []
    for page in ("/workflows/", f"/workflows/{workflow.pk}/"):
        assert "Warning" in client_for("viewer").get(page).content.decode()


# --- columns ---


def heads(page):
    return [part.partition(">")[2].partition("</th>")[0] for part in page.partition("<thead>")[2].partition("</thead>")[0].split('<th scope="col"')[1:]]


def test_columns_are_remembered_for_each_person(client_for, look):
    make_all()
    client = client_for("viewer")
    answer = client.post(f"{LIST}columns/", {"column": ["id", "author", "poem"], "back": "q=open&recurring=on"})
    assert answer["Location"] == f"{LIST}?q=open&recurring=on"
    assert heads(look())[1:] == ["Author", "ID"]
    assert heads(look("author"))[1:2] == ["Status"]
    client.post(f"{LIST}columns/", {"back": "//elsewhere.example"})
    assert len(heads(look())) == 4 and not ShownColumns.objects.exists()


def test_the_list_stands_in_the_navigation(client_for):
    assert f'href="{LIST}"' in client_for("viewer").get("/").content.decode()


# --- from elsewhere ---


def test_a_campaign_leads_to_its_workflows_and_all_its_activities(client_for, user_for):
    made = make_all()
    address = f"/sms/campaigns/{made['campaign'].pk}/"
    page = client_for("viewer").get(address).content.decode()
    assert f'href="/workflows/{made["workflow"].pk}/"' in page and f'href="{LIST}?campaign={made["campaign"].pk}"' in page
    assert f'href="/workflows/sms/{made["parent"].pk}/"' in page  # and to the text that the workflow sends
    user_for("staff").groups.clear()
    user_for("staff").user_permissions.add(Permission.objects.get(codename="view_campaign"))
    page = client_for("staff").get(address).content.decode()
    assert "Birthday SMS workflow" not in page and "/workflows/sms/" not in page


def test_workflows_and_their_texts_are_found_by_the_search_of_the_console(client_for, user_for):
    _workflow, parent = make_recurring("Été")
    page = client_for("viewer").get("/search/?q=ete").content.decode()
    assert "Été workflow" in page and page.count(f'href="/workflows/sms/{parent.pk}/"') == 1 and f"/sms/mailings/{parent.pk}/" not in page
    user_for("staff").groups.clear()
    assert "Été" not in client_for("staff").get("/search/?q=ete").content.decode()


def test_the_list_of_workflows_leads_to_their_campaigns(client_for):
    made = make_all()
    assert f'href="/sms/campaigns/{made["campaign"].pk}/"' in client_for("viewer").get("/workflows/").content.decode()
