"""Where columns of steps are chosen: the form of a step; and where they are written: the composer."""


import pytest
from django.urls import reverse

from campaigns import columns
from campaigns.columns import Column
from campaigns.composing import choosing, readers
from campaigns.services.test_send import Trial
from campaigns.tests.factories import fictional
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion, Vocabulary
from contacts.services import custom_fields
from contacts.tests.factories import make_contact, make_field, make_group
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.steps.query import QueryForm
from workflows.tests.columned import FILLED, TEXTS, finds, say, texted
from workflows.tests.factories import drawn, make_workflow, query

pytestmark = pytest.mark.django_db


def form(workflow, **data):
    return QueryForm(data, workflow=workflow, node=workflow.drawing.steps["s1"])


def test_a_column_keeps_its_token_when_it_is_renamed_and_others_get_one_of_their_own():
    workflow = make_workflow(drawn({"s1": finds(TEXTS)}))
    data = {"column_label_1": "Textes reçus", "column_what_1": "texts", "column_days_1": "7", "column_label_2": "Texts", "column_what_2": "last_text"}
    filled = form(workflow, **data)
    assert filled.is_valid(), filled.errors
    kept = filled.options()
    assert kept["columns"] == [Column("texts", "Textes reçus", "texts", 7).as_json(), Column("texts_2", "Texts", "last_text").as_json()]
    assert kept["rules"] == FILLED["rules"]


@pytest.mark.parametrize(
    ("data", "field", "words"),
    [
        ({"column_label_1": "Texts"}, "column_what_1", "Choose what the column says"),
        ({"column_what_1": "texts"}, "column_label_1", "Give the column a name"),
        ({"column_label_1": "x", "column_what_1": "joined:999999"}, "column_what_1", "not among the choices"),
        ({"column_label_1": "x", "column_what_1": "field:'; DROP TABLE"}, "column_what_1", "not among the choices"),
        ({"column_label_1": "x\0", "column_what_1": "texts"}, "column_label_1", "cannot be kept"),
        ({"column_label_1": "x" * 61, "column_what_1": "texts"}, "column_label_1", "too long"),
        ({"column_label_1": "x", "column_what_1": "texts", "column_days_1": "0"}, "column_days_1", "at least 1"),
        ({"column_label_1": "x", "column_what_1": "texts", "column_days_1": "many"}, "column_days_1", "whole number"),
    ],
)
def test_bad_columns_get_a_sentence(data, field, words):
    refused = form(make_workflow(drawn({"s1": ("query", {})})), **data)
    assert words in str(refused.errors[field])


def test_a_column_of_a_group_that_went_is_shown_and_refused():
    group = make_group()
    what = f"joined:{group.pk}"
    workflow = make_workflow(drawn({"s1": finds(Column("since", "Since", what))}))
    group.delete()
    assert "This no longer exists" in str(QueryForm(workflow=workflow, node=workflow.drawing.steps["s1"])["column_what_1"])
    refused = form(workflow, column_label_1="Since", column_what_1=what)
    assert "its group no longer exists" in str(refused.errors["column_what_1"])


def test_an_archived_field_still_says_what_is_known(content):
    field = make_field("visit", "date")
    workflow = make_workflow(drawn({"s1": finds(Column("visit", "Visit", "field:contact.custom.visit")), "s2": say(content, "{column.visit}")}, "s1 s2"))
    field.archived = True
    field.save()
    assert form(workflow, column_label_1="Visit", column_what_1="field:contact.custom.visit").is_valid()
    person = make_contact(None, custom={"visit": "2026-12-31"})
    assert Vocabulary.of(content.text, Occasion.of(content)).values(person)["column.visit"] == "31/12/2026"


def test_stored_nonsense_is_no_column():
    raw = [None, 7, {}, {"key": "a b", "what": "texts"}, {"key": "a", "what": "joined:1; --"}, {"key": "a", "what": "until:custom.x\")'"}, {"key": "a", "what": "nix"}]
    assert columns.read(raw) == [] == columns.read("x") == columns.read(None)
    assert columns.read([{"key": "a", "what": "texts", "days": 10**9}]) == [Column("a", "", "texts", 30)]


def test_the_composer_offers_columns_and_shows_them_of_real_people(content, user_for, client_for):
    ann = make_contact(fictional(1), first_name="Ann")
    texted(ann, 1, 2)
    make_workflow(drawn({"s1": finds(TEXTS), "s2": say(content, "You got {column.texts} texts, {column.nix}")}, "s1 s2"))
    page = client_for("author").get(reverse("campaigns:content", args=[content.pk])).content.decode()
    assert "Columns of the workflow" in page and 'data-token="{column.texts}"' in page and "Texts lately" in page
    assert "You got 2 texts" in page
    assert "{column.nix} is not a token" in page and "{column.texts} is not a token" not in page


def test_the_composer_counts_with_the_longest_value(content, client_for):
    ann, bob = make_contact(fictional(1), first_name="Ann"), make_contact(fictional(2), first_name="Bob")
    texted(bob, *range(1, 12))
    make_workflow(drawn({"s1": finds(TEXTS), "s2": say(content, "x" * 158 + "{column.texts}")}, "s1 s2"))
    people, _partly = choosing.worst(readers.kept(content), Texts(content.text), "")
    assert people[0] == bob or bob in people
    assert choosing.find(readers.kept(content), Texts(content.text), "longest", [""]) == bob
    assert choosing.find(readers.kept(content), Texts(content.text), "shortest", [""]) == ann


def test_after_a_run_the_composer_shows_who_came(content, user_for):
    make_contact(fictional(1), first_name=""), make_contact(fictional(2), first_name="Bob")
    assert readers.kept(content).everybody().count() == 2
    workflow = start.start(make_workflow(drawn({"s1": query(), "s2": say(content, "Hello")}, "s1 s2"), user_for("marketer")), user_for("marketer"))
    advance(workflow.runs.get().pk)
    assert [person.first_name for person in readers.kept(content).everybody()] == ["Bob"]


def test_a_test_text_says_the_columns_of_its_reader(content, user_for):
    ann = make_contact(fictional(1), first_name="Ann")
    texted(ann, 1)
    make_workflow(drawn({"s1": finds(TEXTS), "s2": say(content, "{column.texts} text")}, "s1 s2"))
    trial = Trial(Texts.of(content), content.provider, content.sender, 1, mailing=content)
    assert trial.shown_to(ann).text == "1 text" and trial.shown_to(None).text == " text"


def test_keys_are_names_of_the_database():
    assert custom_fields.key_for("Dernière visite", set()) == "derniere_visite"
