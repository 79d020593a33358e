"""The SMS dashboard and its deployment details: who may look, totals that equal the rows, periods, logs, warnings."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.models import Mailing, Message
from campaigns.services import campaigns, filing, mailings, merged, sums
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus, MessageStatus
from contacts.tests.factories import make_group
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.models import Execution
from workflows.services import edits, parents, workflows
from workflows.tests.factories import drawn, group_step, make_workflow
from workflows.tests.figures import counted, rows_of
from workflows.tests.sending import make_content, make_readers, make_recurring, send_of, settle, sms

pytestmark = pytest.mark.django_db
S = MessageStatus
OUTCOMES = [(S.DELIVERED, S.DELIVERED, S.FAILED), (S.DELIVERED, S.UNKNOWN, S.SENT), (S.UNDELIVERED,), ()]
DAYS = [date(2027, 3, 1), date(2027, 3, 2), date(2027, 4, 1), date(2027, 5, 1)]


@pytest.fixture
def marketer(user_for):
    return user_for("marketer")


@pytest.fixture
def content(marketer):
    return make_content(marketer)


@pytest.fixture
def workflow(content, marketer):
    """Four sends in three months; the last one waits for confirmation."""
    found = make_recurring(content, marketer)
    people = make_readers(5, left_out=2)
    for day, outcomes in zip(DAYS, OUTCOMES, strict=True):
        mailing = send_of(found, content, day, people)
        if outcomes:
            mailings.confirm(mailing, marketer)
            settle(mailing, *[S.SENT if status in (S.DELIVERED, S.UNDELIVERED) else status for status in outcomes], reason="unknown_number")
            settle(mailing, *outcomes, reason="unknown_number")
    return found


def send_by_hand(workflow, content, day):
    """Of one more run on a day."""
    workflow.runs.update(due_at=None)
    return send_of(workflow, content, day, [])


def html(response):
    assert response.status_code == 200
    return response.content.decode()


def pages(content):
    """Each page of an SMS step."""
    execution = Execution.objects.order_by("first").first()
    log = reverse("workflows:sms_log", args=[content.pk])
    return [
        reverse("workflows:parent", args=[content.pk]), reverse("workflows:sms_details", args=[content.pk]),
        reverse("workflows:sms_details", args=[content.pk]) + "?by=sends", reverse("workflows:period", args=[content.pk, execution.pk]),
        log, f"{log}?part=left-out", f"{log}?part=causes", f"{log}?period={execution.pk}&stage=delivered",
        f"{log}?send={Mailing.objects.filter(role='send').first().pk}&part=causes", reverse("workflows:sms_progress", args=[content.pk]),
    ]  # fmt: skip


def test_viewers_see_each_page_and_nobody_without_signing_in(client_for, user_for, workflow, content):
    for page in pages(content):
        html(client_for("viewer").get(page))
        assert Client().get(page).status_code == 302
    user_for("viewer").groups.clear()
    assert client_for("viewer").get(pages(content)[0]).status_code == 403


def test_totals_of_parent_periods_and_sends_equal_the_rows(workflow, content, django_assert_num_queries):
    parent = parents.find(content.pk)
    with django_assert_num_queries(4):
        total = parent.total
    assert counted(total) == rows_of(parent.mailings) and total.count == 4 and total.figures.people == 12 and total.figures.excluded_total == 8
    executions = list(parent.executions)
    with django_assert_num_queries(0):
        by_execution = parent.periods
    assert len(executions) == 3
    for execution in executions:
        assert counted(by_execution[execution.pk]) == rows_of(Mailing.objects.filter(made_by__execution=execution))
    for pk, one in parents.by_mailing(list(parent.mailings.values_list("pk", flat=True))).items():
        assert counted(one) == rows_of([pk])


def test_the_parent_is_the_sum_of_its_periods(workflow, content):
    parent = parents.find(content.pk)
    parts = parent.periods.values()
    for name in ("people", "texted", "delivered", "troubled", "unknown", "excluded_total"):
        assert getattr(parent.total.figures, name) == sum(getattr(part.figures, name) for part in parts), name
    assert parent.total.costs["EUR"] == sum(part.costs.get("EUR", 0) for part in parts)


def test_costs_of_the_periods_as_they_are_shown_add_up_to_the_total_as_it_is_shown(client_for, workflow, content):
    for mailing in Mailing.objects.exclude(planned={}):
        mailing.planned["price"] = "0.0149"
        mailing.save(update_fields=["planned"])
    parent, price = parents.find(content.pk), Decimal("0.0149")
    exact = [price * part.figures.charged_segments for part in parent.periods.values() if part.costs]
    shown = [part.costs["EUR"] for part in parent.periods.values() if part.costs]
    assert parent.total.costs["EUR"] == sum(exact) and sum(round(one, 2) for one in exact) != round(sum(exact), 2) == sum(shown)
    page = html(client_for("viewer").get(reverse("workflows:sms_details", args=[content.pk])))
    assert all(f"€{cost}" in page for cost in (*shown, round(sum(exact), 2)))


def test_somebody_merged_after_the_preparation_is_left_out_in_the_totals_too(workflow, content):
    waiting = parents.find(content.pk).waiting().get().mailing
    merged._drop([Message.objects.filter(mailing=waiting).first().pk])
    assert counted(parents.by_mailing([waiting.pk])[waiting.pk]) == rows_of([waiting.pk])


def test_what_a_draft_has_from_an_earlier_preparation_does_not_count(workflow, content, marketer):
    mailings.take_back(parents.find(content.pk).waiting().get().mailing, marketer)
    assert parents.find(content.pk).total.figures.people == 9


def test_the_dashboard_tells_and_leads(client_for, workflow, content):
    page = html(client_for("marketer").get(reverse("workflows:parent", args=[content.pk])))
    assert "did not arrive 2" in page and page.count("Waits for confirmation") == 2  # the newest send, and its period
    for words in ("In progress", "Birthdays", "Happy birthday, {contact.first_name}", "Every day at 09:00", "1 mailing waits for confirmation", "April 2027"):
        assert words in page, words
    waiting = Mailing.objects.get(status=MailingStatus.READY)
    for address in (
        reverse("workflows:canvas", args=[workflow.pk]), reverse("campaigns:plan", args=[waiting.pk]), reverse("workflows:sms_details", args=[content.pk]),
        reverse("campaigns:content", args=[content.pk]),
    ):  # fmt: skip
        assert address in page, address


def test_an_author_is_told_who_may_confirm(client_for, user_for, workflow, content):
    page = html(client_for("author").get(reverse("workflows:parent", args=[content.pk])))
    waiting = Mailing.objects.get(status=MailingStatus.READY)
    assert reverse("campaigns:plan", args=[waiting.pk]) not in page and "Confirming them is for: " in page


def test_a_period_lists_its_sends(client_for, workflow, content):
    march = Execution.objects.get(key="2027-03")
    page = html(client_for("viewer").get(reverse("workflows:period", args=[content.pk, march.pk])))
    assert page.count("Birthday · ") >= 2 and "March 2027" in page and "April 2027" in page  # the next one
    assert "rounded" not in page
    again = [send_by_hand(workflow, content, DAYS[0]).name for _time in range(2)]
    assert again == [f"Birthday · 1 Mar 2027 · run {number}" for number in (5, 6)], "told apart from the first of that day"
    type(content.provider).objects.update(price_per_segment="0.0333")
    settle(mailings.confirm(send_of(workflow, content, date(2027, 3, 4), make_readers(1)), None), S.SENT)
    for address in (reverse("workflows:period", args=[content.pk, march.pk]), reverse("workflows:sms_details", args=[content.pk]) + "?by=sends"):
        assert "The cost of each send is rounded" in html(client_for("viewer").get(address))
    content.name = "A" * 120
    assert send_by_hand(workflow, content, DAYS[0]).name.endswith("A · 1 Mar 2027")
    other = make_content(None, name="Other")
    assert client_for("viewer").get(reverse("workflows:period", args=[other.pk, march.pk])).status_code == 404


def test_the_log_tells_texts_left_out_and_causes(client_for, workflow, content):
    viewer, log = client_for("viewer"), reverse("workflows:sms_log", args=[content.pk])
    assert html(viewer.get(f"{log}?stage=delivered")).count("<th scope=\"row\">") == 3
    assert html(viewer.get(f"{log}?part=left-out")).count("<th scope=\"row\">") == 8
    assert "Shown: Reader " in html(viewer.get(f"{log}?part=left-out")).partition('class="pager"')[2]
    for page in (html(viewer.get(log)), html(viewer.get(f"{log}?stage=sent")), html(viewer.get(reverse("workflows:parent", args=[content.pk])))):
        assert "No report" in page and "Sent" not in page.partition("<main")[2], "one word in rows, chips and bars, which is not that of all who were texted"
    causes = html(viewer.get(f"{log}?part=causes"))
    assert "stage=undelivered" in causes and "stage=failed" in causes and "stage=unknown" in causes
    for nonsense in ("part=x", "stage=x", "reason=x", "send=999999", "period=x", "send=%00"):
        assert viewer.get(f"{log}?{nonsense}").status_code == 404, nonsense


def test_causes_of_too_many_texts_are_asked_for_in_parts(client_for, workflow, content, monkeypatch):
    monkeypatch.setattr(sums, "MOST_TEXTS", 5)
    assert "too many texts" in html(client_for("viewer").get(reverse("workflows:sms_log", args=[content.pk]) + "?part=causes"))


def queries_of(client, address):
    with CaptureQueriesContext(connection) as found:
        html(client.get(address))
    return len(found)


def test_pages_cost_the_same_however_many_sends(client_for, workflow, content):
    viewer, addresses = client_for("viewer"), pages(content)
    before = [queries_of(viewer, address) for address in addresses]
    people = [text.contact for text in Message.objects.filter(mailing__made_by__parent=content).select_related("contact")[:2]]
    for day in range(3, 6):
        send_of(workflow, content, date(2027, 3, day), people)
    assert {address: queries_of(viewer, address) for address in addresses} == dict(zip(addresses, before, strict=True))
    assert before[:4] == [33, 16, 20, 23]  # dashboard (7 for the plan that waits), periods, sends, one period; 7 of each are those of every page


def test_the_page_of_the_text_is_the_dashboard_and_a_send_leads_to_it(client_for, workflow, content):
    viewer = client_for("viewer")
    dashboard = reverse("workflows:parent", args=[content.pk])
    assert viewer.get(reverse("campaigns:mailing", args=[content.pk])).url == dashboard
    assert viewer.get(reverse("workflows:sms", args=[workflow.pk, "s2"])).url == dashboard
    for step in ("plan", "recipients"):
        assert client_for("author").get(reverse(f"campaigns:{step}", args=[content.pk]), follow=True).redirect_chain[-1][0] == dashboard
    page = html(viewer.get(reverse("campaigns:mailing", args=[Mailing.objects.filter(role="send").first().pk])))
    assert dashboard in page and "March 2027" in page and "In progress" in page


def test_a_send_stays_filed_with_its_sms(client_for, workflow, content):
    winter, client, send = campaigns.create("Winter"), client_for("author"), Mailing.objects.filter(role="send").first()
    for mailing in (send, content):
        address = reverse("campaigns:mailing_campaign", args=[mailing.pk])
        assert address not in html(client.get(reverse("campaigns:mailing", args=[mailing.pk]), follow=True))
        assert "is filed with its workflow’s SMS" in html(client.post(address, {"campaign": winter.pk}, follow=True))
        with pytest.raises(CampaignError, match="filed with"):
            filing.file(mailing, winter, None)
    many = reverse("campaigns:campaign_mailings", args=[winter.pk])
    assert not list(client.get(f"{many}?elsewhere=1").context["page"])
    assert "is filed with its workflow’s SMS" in html(client.post(many, {"mailing": [send.pk]}))
    assert not Mailing.objects.filter(campaign=winter).exists()
    Mailing.objects.filter(pk=send.pk).update(campaign=winter)
    assert reverse("campaigns:mailing_campaign", args=[send.pk]) not in html(client.get(reverse("campaigns:campaign", args=[winter.pk]) + "?recurring=on"))


def test_what_a_removed_step_sent_stays(client_for, workflow, content, marketer):
    workflows.draw(workflow, marketer, workflow.version, lambda graph: edits.remove(graph, "s2"))
    page = html(client_for("viewer").get(reverse("workflows:parent", args=[content.pk])))
    assert "taken out of the drawing" in page and "March 2027" in page


def test_a_text_of_no_workflow_has_no_dashboard(client_for, marketer):
    lonely = make_content(marketer)
    assert client_for("viewer").get(reverse("workflows:parent", args=[lonely.pk])).status_code == 404
    assert client_for("viewer").get(reverse("workflows:parent", args=[10**18])).status_code == 404


def test_an_sms_that_was_never_saved_opens_on_the_canvas(client_for):
    workflow = make_workflow(drawn({"s1": ("sms", {})}))
    answer = client_for("viewer").get(reverse("workflows:sms", args=[workflow.pk, "s1"]))
    assert answer.url == reverse("workflows:canvas", args=[workflow.pk]) + "?step=s1"


def test_warnings_of_the_plan_stand_beside_what_waits(client_for, workflow, content):
    mailing = Mailing.objects.get(status=MailingStatus.READY)
    Mailing.objects.filter(pk=mailing.pk).update(plan=mailing.plan | {"excluded": {"too_long": 2}})
    page = html(client_for("viewer").get(reverse("workflows:parent", args=[content.pk])))
    told = page.partition('id="warnings"')[2].partition("</section>")[0]
    assert "The plan of “" in told and "The text is too long for 2 people" in told and reverse("campaigns:mailing", args=[mailing.pk]) in told


def test_warnings_say_what_keeps_it_from_sending(client_for, content, marketer, user_for):
    graph = drawn({"s1": ("query", {}), "s2": sms(content, how="recurring")}, "s1 s2")
    make_workflow(graph, marketer)
    page = html(client_for("viewer").get(reverse("workflows:parent", args=[content.pk])))
    assert "A recurring SMS needs a scheduler before it" in page


def test_a_press_on_open_leads_to_the_dashboard_once_it_was_saved(client_for, workflow, content):
    page = html(client_for("author").get(reverse("workflows:canvas", args=[workflow.pk]) + "?step=s2"))
    dashboard = reverse("workflows:parent", args=[content.pk])
    assert page.count(f'href="{dashboard}"') == 2 and 'name="how"' not in page and 'name="afterwards"' in page
    assert 'href="#panel"' in html(client_for("author").get(reverse("workflows:canvas", args=[workflow.pk]) + "?step=s1"))


def test_the_sms_is_called_as_its_step(client_for, workflow, content):
    client_for("author").post(reverse("workflows:own", args=[workflow.pk, "s2"]), {"label": "Happy day", "errors_do": "suspend", "behind": "s1.out", "version": workflow.version})
    content.refresh_from_db()
    assert content.name == "Happy day"


def test_a_copy_has_a_text_and_figures_of_its_own(client_for, workflow, content, marketer):
    client_for("author").post(reverse("workflows:draw", args=[workflow.pk]), {"do": "copy", "step": "s2", "version": workflow.version})
    client_for("author").post(reverse("workflows:copy", args=[workflow.pk]))
    workflow.refresh_from_db()
    again = type(workflow).objects.latest("pk")
    texts = [node.options["content"] for drawing in (workflow.drawing, again.drawing) for node in drawing.steps.values() if node.kind == "sms"]
    assert len({*texts}) == 4 == len(texts)
    copied = Mailing.objects.get(pk=texts[-1])
    assert copied.text == content.text and parents.find(copied.pk).total.count == 0


def test_once_saved_nothing_but_the_text_and_the_options_of_the_step_change(client_for, workflow, content):
    data = {"how": "single", "period": "year", "afterwards": "same", "confirm": "on", "version": workflow.version}
    client_for("author").post(reverse("workflows:options", args=[workflow.pk, "s2"]), data)
    workflow.refresh_from_db()
    options = workflow.drawing.steps["s2"].options
    assert (options["how"], options["period"], options["afterwards"]) == ("recurring", "month", "same")


def test_group_of_one_run_is_told_as_its_audience(client_for, content, marketer, user_for):
    group = make_group(*make_readers(2))
    workflow = start.start(make_workflow(drawn({"s1": group_step(group), "s2": sms(content)}, "s1 s2"), marketer), marketer)
    advance(workflow.runs.get().pk)
    page = html(client_for("viewer").get(reverse("workflows:parent", args=[content.pk])))
    assert "2 people in run 1" in page and "Once, when somebody starts the workflow" in page
