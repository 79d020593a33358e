"""Columns that steps add to the people they find: on their way through a drawing, in the text of each person, in the composer, and when what they say goes."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from campaigns import columns, vocabulary
from campaigns.columns import Column
from campaigns.models import Message
from campaigns.pipeline.prepare import prepare
from campaigns.plans import Plan
from campaigns.tests.factories import fictional
from campaigns.vocabulary import Occasion
from contacts.models import Contact, Group, Membership
from contacts.tests.factories import make_contact, make_field, make_group
from smsapp.common.models import Organisation
from workflows.columns import coming_to
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.errors import WorkflowError
from workflows.models import Send
from workflows.tests.columned import TEXTS, finds, say, texted
from workflows.tests.factories import drawn, make_workflow

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


def texts_of(graph, by):
    """Started, carried out and prepared: the text of each person, by first name."""
    workflow = start.start(make_workflow(graph, by), by)
    advance(workflow.runs.get().pk)
    mailing = Send.objects.get(workflow=workflow).mailing
    prepare(mailing.pk)
    mailing.refresh_from_db()
    rows = dict(Message.objects.filter(mailing=mailing).values_list("contact__first_name", "text"))
    return rows, mailing


def test_texts_name_what_the_query_knows_of_each_person(content, user_for):
    make_field("visit", "date")
    ann, bob = make_contact(fictional(1), first_name="Ann", custom={"visit": "2025-01-31"}), make_contact(fictional(2), first_name="Bob")
    group = make_group(ann)
    Membership.objects.filter(contact=ann).update(added_at=datetime(2026, 5, 4, 23, 30, tzinfo=UTC))  # the 5th in Paris
    Organisation.objects.update_or_create(id=1, defaults={"time_zone": "Europe/Paris"})
    texted(ann, 1, 2, 40)
    texted(bob, 90)
    step = finds(
        TEXTS, Column("visit", "Last visit", "field:contact.custom.visit"), Column("since", "Member since", f"joined:{group.pk}"),
        Column("reply", "Last reply", "last_reply"),
    )  # fmt: skip
    text = "{contact.first_name}: {column.texts}, {column.visit|never}, {column.since|not yet}, {column.reply|none}"
    found, mailing = texts_of(drawn({"s1": step, "s2": say(content, text)}, "s1 s2"), user_for("marketer"))
    assert found == {"Ann": "Ann: 2, 31/01/2025, 05/05/2026, none", "Bob": "Bob: 0, never, not yet, none"}
    assert Plan.read(mailing.plan).empty == {}


def test_whoever_has_no_value_is_counted_and_found(content, user_for, client_for):
    make_contact(fictional(1), first_name="Ann", birth_date=date(2000, 1, 1)), make_contact(fictional(2), first_name="Bob")
    make_field("town")
    make_contact(fictional(3), first_name="Çelîk", birth_date=date(2000, 1, 1), custom={"town": "Пау"})
    step = finds(Column("age", "Age", "years:birth_date"), Column("town", "Town", "field:contact.custom.town"))
    found, mailing = texts_of(drawn({"s1": step, "s2": say(content, "{column.age} {column.town}")}, "s1 s2"), user_for("marketer"))
    assert Plan.read(mailing.plan).empty == {"column.age": 1, "column.town": 2} or Plan.read(mailing.plan).excluded == {"empty_text": 1}
    page = client_for("marketer").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
    assert "has nothing for {column.town}" in page
    found = client_for("marketer").get(reverse("campaigns:messages", args=[mailing.pk]) + "?empty=column.town")
    assert found.status_code == 200 and "Ann" in found.content.decode()


@pytest.mark.parametrize(
    ("born", "today", "age"),
    [("2004-02-29", "2027-02-27", 22), ("2004-02-29", "2027-02-28", 23), ("2004-02-29", "2028-02-28", 23), ("2004-02-29", "2028-02-29", 24),
     ("2000-03-01", "2027-03-01", 27), ("2000-03-02", "2027-03-01", 26), ("2028-01-01", "2027-01-01", None)],
)  # fmt: skip
def test_ages_are_those_of_the_rules(born, today, age):
    person = make_contact(None, birth_date=date.fromisoformat(born))
    at = Occasion(at=datetime.fromisoformat(f"{today}T12:00+00:00")).moment
    assert said(person, Column("age", "Age", "years:birth_date"), at) == age


def said(person, column, at):
    found = columns.computed(column, at)
    return Contact.objects.annotate(found=found.expression("")).values_list("found", flat=True).get(pk=person.pk)


def test_days_are_counted_on_the_day_of_sending_and_nonsense_is_nothing():
    make_field("visit", "date")
    at = Occasion(at=datetime(2027, 3, 1, 23, 30, tzinfo=UTC)).moment
    today = at.today
    people = {value: make_contact(None, custom={"visit": value}) for value in (today.isoformat(), (today + timedelta(9)).isoformat(), "2027-13-45", 7, "soon")}
    until = [said(person, Column("n", "N", "until:custom.visit"), at) for person in people.values()]
    since = [said(person, Column("n", "N", "since:custom.visit"), at) for person in people.values()]
    assert until == [0, 9, None, None, None] and since == [0, None, None, None, None]


def test_the_history_of_who_was_merged_counts_too(content):
    kept, lost = make_contact(None), make_contact(None)
    texted(kept, 1)
    texted(lost, 2)
    Contact.objects.filter(pk=lost.pk).update(merged_into=kept, deleted_at=NOW)
    assert said(kept, TEXTS, Occasion().moment) == 2


A, B = Column("n", "Texts in a month", "texts", 30), Column("n", "Texts in a week", "texts", 7)


@pytest.mark.parametrize(
    ("joined", "links", "came"),
    [
        (("union", {}), ("s1 s3", "s2 s3"), [A, TEXTS]),
        (("intersection", {}), ("s2 s3", "s1 s3"), [B, TEXTS]),
        (("and_join", {}), ("s1 s3", "s2 s3"), [A, TEXTS]),
        (("exclusion", {}), ("s2 s3.minus", "s1 s3.main"), [A]),
        (("segmentation", {"segments": [{"name": "part1", "label": "All"}]}), ("s1 s3",), [A]),
        (("deduplication", {}), ("s1 s3",), [A]),
        (("save_group", {}), ("s1 s3",), [A]),
        (("wait", {}), ("s1 s3",), [A]),
        (("read_group", {}), ("s1 s3",), []),
    ],
)
def test_columns_travel_along_the_links_and_the_first_of_a_name_counts(joined, links, came):
    out = {"segmentation": "s3.part1", "read_group": "s3"}.get(joined[0], "s3")
    graph = drawn({"s1": finds(A), "s2": finds(B, TEXTS), "s3": joined, "s4": ("end", {})}, *links, f"{out} s4")
    assert coming_to(graph, "s4") == came


def test_nothing_is_asked_person_by_person(content, user_for, django_assert_max_num_queries):
    for number in range(30):
        make_contact(fictional(number), first_name=f"P{number}")
    workflow = start.start(make_workflow(drawn({"s1": finds(TEXTS), "s2": say(content, "{column.texts} texts")}, "s1 s2"), user_for("marketer")), user_for("marketer"))
    advance(workflow.runs.get().pk)
    with django_assert_max_num_queries(100) as asked:
        prepare(Send.objects.get().mailing_id)
    assert sum("column_texts" in one["sql"] for one in asked.captured_queries) <= 2  # who they are, then their texts


def test_a_text_that_names_no_column_that_comes_is_not_started_and_says_so(content, user_for):
    graph = drawn({"s1": finds(TEXTS), "s2": say(content, "{column.text} {column.visits}")}, "s1 s2")
    with pytest.raises(WorkflowError, match=r"Did you mean \{column\.texts\}"):
        start.start(make_workflow(graph, user_for("marketer")), user_for("marketer"))


def test_a_column_whose_group_or_field_is_gone_is_told_before_the_start_and_empty_afterwards(content, user_for):
    make_contact(fictional(1), first_name="Ann")
    group = make_group()
    step = finds(Column("since", "Since", f"joined:{group.pk}"))
    workflow = start.start(make_workflow(drawn({"s1": step, "s2": say(content, "{column.since|soon}")}, "s1 s2"), user_for("marketer")), user_for("marketer"))
    Group.objects.all().delete()
    advance(workflow.runs.get().pk)
    mailing = Send.objects.get().mailing
    prepare(mailing.pk)
    assert Message.objects.get(mailing=mailing).text == "soon"
    with pytest.raises(WorkflowError, match="“Since”: its group no longer exists"):
        start.restart(workflow, user_for("marketer"))


def test_what_a_run_was_drawn_with_counts_whatever_is_drawn_since(content, user_for):
    make_contact(fictional(1), first_name="Ann")
    workflow = start.start(make_workflow(drawn({"s1": finds(TEXTS), "s2": say(content, "{column.texts} texts")}, "s1 s2"), user_for("marketer")), user_for("marketer"))
    workflow.graph = drawn({"s1": finds(), "s2": say(content, "{column.texts} texts")}, "s1 s2").as_json()
    workflow.save()
    advance(workflow.runs.get().pk)
    mailing = Send.objects.get().mailing
    prepare(mailing.pk)
    assert Message.objects.get(mailing=mailing).text == "0 texts"
    assert [problem.token for problem in vocabulary.check(content.text, content)] == ["{column.texts}"]


def test_the_people_who_left_a_step_are_shown_with_its_columns(client_for, django_assert_max_num_queries):
    make_field("town")
    ann = make_contact(None, first_name="Ann", custom={"town": "<b>Pau</b>"})
    for number in range(20):
        texted(make_contact(None, first_name=f"P{number}"), 1, 2, 3)
    steps = {"s1": finds(TEXTS, Column("town", "Town <i>", "field:contact.custom.town")), "s2": ("deduplication", {}), "s3": ("end", {})}
    workflow = start.start(make_workflow(drawn(steps, "s1 s2", "s2 s3")), None)
    advance(workflow.runs.get().pk)
    arrival = workflow.runs.get().arrivals.get(step="s2", out="out")
    viewer = client_for("viewer")
    with django_assert_max_num_queries(30):
        page = viewer.get(reverse("workflows:people", args=[workflow.pk, 1, arrival.pk])).content.decode()
    assert ann.list_name in page and "Texts lately" in page and "Town &lt;i&gt;" in page and "&lt;b&gt;Pau&lt;/b&gt;" in page and "<b>Pau" not in page
    assert page.count('<td class="col-wide">3</td>') == 20 == page.count("Texts lately: 3")  # the second for phones
