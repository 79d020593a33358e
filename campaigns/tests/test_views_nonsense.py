"""Addresses and forms that hold nonsense are answered, quickly and never with an error of the console."""

import pytest

from campaigns import tokens
from campaigns.composing.written import MOST_WORKED_ON
from campaigns.tests.factories import make_mailing, make_people, make_provider, make_sending

pytestmark = pytest.mark.django_db
BRACES = "{" * 50_000


def step(mailing, name):
    return f"/sms/mailings/{mailing.pk}/{name}/"


@pytest.mark.parametrize("page", ["messages", "left-out"])
@pytest.mark.parametrize("query", ["reason=%00", "reason=no_such_reason", "reason=" + "x" * 500])
def test_a_reason_that_nobody_knows_is_not_found(client_for, page, query):
    assert client_for("viewer").get(f"{step(make_sending(make_people(1)), page)}?{query}").status_code == 404


@pytest.mark.parametrize("query", ["empty=%00", "empty=contact.first_name%00", "segments=²", "stage=&after=%00"])
def test_other_nonsense_of_the_list_does_no_harm(client_for, query):
    assert client_for("viewer").get(f"{step(make_sending(make_people(1)), 'messages')}?{query}").status_code == 200


@pytest.mark.parametrize("value", ["²", "9" * 5_000, "-1", "x", ""])
def test_a_limit_that_is_none_is_no_error(client_for, value):
    mailing = make_mailing(make_people(1))
    data = {"text": "Hello", "max_segments": value, "version": 0, "do": "template"}
    assert client_for("marketer").post(step(mailing, "content"), data).status_code == 200


@pytest.fixture
def longest_worked_on(monkeypatch):
    """Lengths of the texts that were searched for tokens."""
    lengths, find = [], tokens.find
    monkeypatch.setattr(tokens, "find", lambda text: lengths.append(len(text)) or find(text))
    return lengths


def test_only_so_much_of_a_mailings_text_is_worked_on(client_for, longest_worked_on):
    mailing = make_mailing(make_people(1))
    assert client_for("author").post(step(mailing, "content"), {"text": BRACES, "version": 0, "show": "longest"}).status_code == 200
    assert longest_worked_on and max(longest_worked_on) <= MOST_WORKED_ON


def test_only_so_much_of_a_one_off_text_is_worked_on_and_all_of_it_is_kept(client_for, longest_worked_on):
    make_provider()
    page = client_for("staff").post("/sms/send/", {"key": "x", "text": BRACES, "do": "find"}).content.decode()
    assert max(longest_worked_on, default=0) <= MOST_WORKED_ON
    assert BRACES in page
