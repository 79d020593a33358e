"""Whose text the composer shows, and whom it measures."""

from contextlib import nullcontext

import pytest
from django.utils import timezone

from campaigns.composing import choosing, readers
from campaigns.composing.readers import OfMailing
from campaigns.models import Message
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready
from campaigns.tests.writing import body, content
from campaigns.texts import Texts
from contacts.models import Activity, CustomField
from contacts.smart.patience import TookTooLong
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
COUNT = "/sms/count/"


@pytest.fixture
def five(client_for):
    """Five readers of a mailing, and what the preview shows when it is asked for."""
    names = ["Al", "Zoë", "Marie-Emmanuelle", "", "Bo"]
    mailing = make_mailing(make_group(*(make_contact(fictional(n), first_name=name, last_name=f"L{n}") for n, name in enumerate(names))))

    def show(**data):
        return body(client_for("author").post(COUNT, content(mailing, text="a" * 70 + " {contact.first_name}") | data))

    return show


def test_the_longest_shortest_dearest_and_those_with_gaps_are_shown(five):
    assert "Marie-Emmanuelle L2" in five(show="longest")
    assert '<span role="status"> L3' in five(show="shortest") or "L3</span>" in five(show="shortest")
    assert '<span role="status">Zoë L1' in five(show="dearest")
    page = five(show="gaps")
    assert "L3</span>" in page and "Empty for this person: contact.first_name" in page


def test_what_was_asked_for_stays_while_somebody_types(five):
    assert 'value="longest" id="show-longest" formnovalidate aria-pressed="true"' in five(within="longest")


def test_nobody_with_gaps_is_said(five):
    assert "Nobody has an empty token" in five(show="gaps", text="Hi {contact.first_name|you}")


def test_a_prepared_mailing_is_measured_for_those_whose_text_was_too_long(client_for):
    """They have no text, so no row; whoever shortens the text must see them all the same."""
    group = make_group(make_contact(fictional(1), first_name="Al"), make_contact(fictional(2), first_name="x" * 50))
    for mailing in (make_mailing(group), ready := make_ready(group, text="a" * 150 + "{contact.first_name}")):
        page = body(client_for("author").post(COUNT, content(mailing, text="a" * 120 + "{contact.first_name}")))
        assert "2 segments, 1 more than allowed" in page and "x" * 50 in page
    assert Message.objects.filter(mailing=ready).count() == 1


def test_who_was_texted_not_long_ago_is_not_measured(client_for):
    lately = make_contact(fictional(2), first_name="Marie-Emmanuelle")
    Activity.objects.create(contact=lately, kind=Activity.Kind.SMS_SENT, at=timezone.now(), subject="Earlier")
    group = make_group(make_contact(fictional(1), first_name="Al"), lately)
    data = {"text": "Hello {contact.first_name}"}
    assert "Marie-Emmanuelle" in body(client_for("author").post(COUNT, content(make_mailing(group), **data)))
    assert "Marie-Emmanuelle" not in body(client_for("author").post(COUNT, content(make_mailing(group, rest_hours=24), **data)))


@pytest.mark.parametrize("data", [{"show": "x", "at": "x"}, {"at": "9" * 40, "show": "next"}, {"within": "<b>"}, {"readers": "mailing-99999999"}, {"text": "\0"}])
def test_nonsense_is_somebody_or_nobody_never_a_fault(five, data):
    assert "<b>" not in five(**data)


def test_a_person_is_seen_only_by_who_may(client_for):
    mailing = make_mailing(make_people(1))
    assert client_for("staff").post(COUNT, {"readers": f"mailing-{mailing.pk}"}).status_code == 403
    assert client_for("staff").post(COUNT, {"readers": "template"}).status_code == 403
    assert client_for("viewer").post(COUNT, {"readers": "numbers"}).status_code == 403


def test_a_template_is_tried_on_people_who_can_be_texted(client_for):
    make_contact(None, first_name="Nobody")
    make_contact(fictional(1), first_name="Camille")
    assert "Hello Camille" in body(client_for("author").post(COUNT, {"readers": "template", "text": "Hello {contact.first_name}", "show": "longest"}))


def test_everybody_takes_too_long_then_the_first_people_are_looked_at(monkeypatch):
    def too_long(most):
        raise TookTooLong

    monkeypatch.setattr(choosing, "patience", too_long)
    names = ["Al", "Marie-Emmanuelle", "x" * 50]
    group = make_group(*(make_contact(fictional(n), first_name=name) for n, name in enumerate(names)))
    people, partly = choosing.worst(OfMailing(make_mailing(group)), Texts("{contact.first_name}"), "")
    assert not partly and {person.first_name for person in people} == set(names), "there are no others"
    monkeypatch.setattr(choosing, "FIRST", 2)
    people, partly = choosing.worst(OfMailing(make_mailing(group)), Texts("{contact.first_name}"), "")
    assert partly and {person.first_name for person in people} == {"Al", "Marie-Emmanuelle"}


def test_the_longest_are_kept_however_many_tokens_a_text_has(monkeypatch):
    """A key of the cache has 250 characters at most."""
    keys, get = [], choosing.cache.get
    monkeypatch.setattr(choosing.cache, "get", lambda key, *others: keys.append(key) or get(key, *others))
    for name in (names := [f"{'long_name_' * 3}{n}" for n in range(10)]):
        CustomField.objects.create(key=name, label=name, type="text")
    text = " ".join(f"{{contact.custom.{name}}}" for name in names)
    choosing.extremes(OfMailing(make_mailing(make_people(1))), Texts(text), "")
    assert keys and max(map(len, keys)) < 200


def test_recipients_who_take_long_to_count_are_counted_apart(client_for, monkeypatch):
    mailing = make_mailing(make_people(2), provider=make_provider(price_per_segment="0.07"))
    client, data = client_for("author"), content(mailing)

    def impatient(most):
        if most < readers.A_WHILE:
            raise TookTooLong
        return nullcontext()

    monkeypatch.setattr(readers, "patience", impatient)
    page = body(client.post(COUNT, data))
    assert "The recipients are being counted." in page and "/sms/count/cost/" in page
    assert "2 texts: <strong class=\"num\">€0.14</strong>" in body(client.post(f"{COUNT}cost/", data))
    assert "2 texts" in body(client.post(COUNT, data)) and client_for("viewer").post(f"{COUNT}cost/", data).status_code == 403
