"""Keyword rules and automatic texts in the Django admin: administrators only, with sentences that say what is missing."""

import pytest
from auditlog.models import LogEntry
from django.test import Client

from campaigns.models import AutomaticText, KeywordRule
from campaigns.tests.factories import make_provider
from campaigns.tests.receiving import automatic, make_rule, receive
from contacts.models import Group

pytestmark = pytest.mark.django_db
RULES, ADD, TEXTS = "/admin/campaigns/keywordrule/", "/admin/campaigns/keywordrule/add/", "/admin/campaigns/automatictext/"


@pytest.fixture
def administrator(client_for):
    return client_for("administrator")


def posted(client, **values):
    data = {"position": "10", "active": "on", "words": "JAZZ", "action": "reply", "reply": "See you", **values}
    return client.post(ADD, {name: value for name, value in data.items() if value is not None})


@pytest.mark.parametrize("page", [RULES, ADD, TEXTS])
def test_administrators_only(client_for, page):
    assert client_for("administrator").get(page).status_code == 200
    for role in ("marketer", "author", "staff", "viewer"):
        assert client_for(role).get(page).status_code in (302, 403)
    assert Client().get(page).status_code == 302


def test_the_providers_page_leads_there(client_for):
    assert f'href="{RULES}"' in client_for("administrator").get("/providers/").content.decode()
    assert f'href="{RULES}"' not in client_for("staff").get("/providers/").content.decode()


def test_a_rule_is_written_with_words_on_lines_or_between_commas(administrator):
    assert posted(administrator, words="Jazz, rock & roll\n« JAZZ »\n\nÉté").status_code == 302
    rule = KeywordRule.objects.get()
    assert rule.words == ["Jazz", "rock & roll", "Été"]
    assert "Jazz, rock &amp; roll, Été" in administrator.get(RULES).content.decode()
    assert LogEntry.objects.get_for_object(rule).exists()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"words": ""}, "Write at least one word."),
        ({"words": "!!!"}, "has no letter and no digit"),
        ({"words": "x" * 61}, "At most 30 words"),
        ({"words": "Stop!"}, "“Stop!” always means that no more texts may come."),
        ({"words": "JAZZ, désabonner", "action": "help"}, "“désabonner” always means"),
        ({"action": ""}, "Choose what the words do."),
        ({"action": "join"}, "Choose the group that people join or leave."),
        ({"action": "notify"}, "Choose who gets the conversation."),
        ({"reply": ""}, "Write what is answered."),
        ({"reply": "Hello {contact.frist_name}"}, "contact.frist_name"),
        ({"action": "opt_out", "is_question": "on"}, "can ask for a yes"),
        ({"action": "opt_in", "is_question": "on", "reply": ""}, "Write the question"),
    ],
)
def test_what_is_missing_is_said(administrator, values, said):
    make_provider(max_segments=1)
    page = posted(administrator, **values)
    assert page.status_code == 200
    assert said in page.content.decode()
    assert not KeywordRule.objects.exists()


def test_an_answer_that_a_gateway_would_not_take_is_refused(administrator):
    make_provider(name="Narrow", max_segments=1)
    assert "The text has 2 segments; Narrow allows 1. Shorten it." in posted(administrator, reply="x" * 161).content.decode()


def test_a_group_is_for_joining_only(administrator):
    group = Group.objects.create(name="Jazz")
    assert "A group belongs to joining and leaving only" in posted(administrator, group=group.pk).content.decode()
    assert posted(administrator, group=group.pk, action="join", reply="").status_code == 302


def test_stop_may_be_worded_by_a_rule(administrator):
    assert posted(administrator, words="STOP", action="opt_out", reply="Bye").status_code == 302


def test_automatic_texts_are_there_from_the_beginning_and_can_be_changed(administrator):
    page = administrator.get(TEXTS).content.decode()
    assert page.count("{organisation.name}") == AutomaticText.objects.count() == 6
    row = AutomaticText.objects.get(event="help", language="en")
    assert "contact.frist_name" in administrator.post(f"{TEXTS}{row.pk}/change/", {"text": "{contact.frist_name}"}).content.decode()
    assert administrator.post(f"{TEXTS}{row.pk}/change/", {"text": "Call us"}).status_code == 302
    administrator.get(TEXTS)
    receive(make_provider(), "help")
    assert automatic() == ["Call us"]
    assert administrator.get(f"{TEXTS}add/").status_code == 403


def test_a_group_that_a_rule_needs_is_not_deleted(client_for):
    group = Group.objects.create(name="Jazz")
    make_rule("JAZZ", action="join", group=group)
    shown = client_for("author").get(f"/contacts/groups/{group.pk}/delete/").content.decode()
    assert "keyword rule" in shown
