"""Rules that administrators write: in their order, before the built-in words, for their provider; a built-in STOP stays one."""

import pytest

from campaigns.models import Conversation, OptInQuestion
from campaigns.services import reviews
from campaigns.tests.factories import fictional, make_provider
from campaigns.tests.receiving import ME, action, automatic, make_rule, receive
from contacts.models import ConsentEntry, Group, Membership, Suppression
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def provider():
    return make_provider()


@pytest.fixture
def jazz():
    return Group.objects.create(name="Jazz")


def members(group):
    return set(Membership.objects.filter(group=group).values_list("contact__sms_number", flat=True))


def test_the_first_rule_in_order_decides(provider):
    make_rule("JAZZ", reply="second", position=20)
    first = make_rule("jazz", "Blues", reply="first", position=10)
    make_rule("BLUES", reply="off", position=1, active=False)
    row = receive(provider, "« Jazz » 🎷")
    assert (row.action, row.rule, row.keyword) == ("reply", first, "jazz")
    assert automatic() == ["first"]


def test_a_rule_of_another_provider_says_nothing(provider):
    make_rule("JAZZ", provider=make_provider())
    assert action(provider, "JAZZ") == "none"
    make_rule("JAZZ", provider=provider)
    assert action(provider, "JAZZ") == "reply"


def test_rules_come_before_built_in_words(provider):
    make_rule("HELP", "START", "YES", reply="Call us")
    assert [action(provider, word) for word in ("HELP", "START", "Yes")] == ["reply"] * 3
    assert automatic() == ["Call us"]
    assert not ConsentEntry.objects.exists()


@pytest.mark.parametrize("does", ["reply", "help", "opt_in", "join", "notify", "review"])
def test_no_rule_makes_a_stop_anything_else(provider, does, jazz):
    make_rule("STOP", "ARRET", action=does, group=jazz)
    assert action(provider, "stop") == "opt_out"
    assert Suppression.objects.get().number == ME


def test_a_rule_may_say_how_a_stop_is_confirmed_and_add_words_for_it(provider):
    make_rule("STOP", "NO MORE", action="opt_out", reply="Done. {organisation.name}")
    receive(provider, "no more!")
    assert Suppression.objects.get().number == ME
    assert automatic()[0].startswith("Done. ")


def test_joining_and_leaving_a_group(provider, jazz):
    make_contact(ME)
    make_rule("JAZZ", action="join", group=jazz, reply="Welcome, {contact.first_name|friend}")
    make_rule("NO JAZZ", action="leave", group=jazz, reply="Bye")
    receive(provider, "Jazz")
    assert members(jazz) == {ME}
    receive(provider, "no jazz")
    assert members(jazz) == set()
    assert len(automatic()) == 2


def test_whoever_is_no_contact_cannot_join_and_staff_see_it(provider, jazz):
    make_rule("JAZZ", action="join", group=jazz)
    receive(provider, "Jazz")
    assert automatic() == []
    assert Conversation.objects.get().unread == 1


def test_a_conversation_is_given_to_somebody(provider, user_for):
    marta = user_for("staff")
    make_rule("BOOKING", action="notify", notify=marta, reply="")
    receive(provider, "Booking\nTwo seats please")
    thread = Conversation.objects.get()
    assert (thread.assigned_to, thread.unread, thread.state) == (marta, 1, "open")
    assert automatic() == []


def test_a_rule_may_ask_for_a_persons_look(provider):
    make_rule("ENOUGH", action="review", reply="")
    row = receive(provider, "enough")
    assert row.review == "waiting"
    assert reviews.thread_waits(Conversation.objects.get())


# --- questions ---


def test_a_yes_means_nothing_without_a_question(provider):
    make_contact(ME)
    assert [action(provider, word) for word in ("YES", "Oui", "ok")] == ["none"] * 3
    assert not ConsentEntry.objects.exists()


def test_a_yes_to_a_question_is_a_consent_with_what_they_read(provider, jazz):
    person = make_contact(ME, opted_out=True)
    make_rule("JAZZ", action="join", group=jazz, is_question=True, reply="News about jazz once a week? Reply YES")
    receive(provider, "JAZZ")
    assert members(jazz) == set()
    assert automatic() == ["News about jazz once a week? Reply YES"]
    assert action(provider, "Oui !") == "confirm"
    assert members(jazz) == {ME}
    entry = ConsentEntry.objects.get()
    assert (entry.event, entry.scope, entry.source, entry.own_act) == ("opt_in", "marketing", "reply", True)
    assert entry.wording == "News about jazz once a week? Reply YES"
    assert "Oui !" in entry.details
    person.refresh_from_db()
    assert not person.opted_out
    assert action(provider, "yes") == "none"  # it was answered


def test_a_question_is_open_for_seven_days_and_for_its_number_only(provider, jazz):
    make_rule("JAZZ", action="opt_in", is_question=True, reply="Shall we?")
    receive(provider, "jazz")
    assert action(provider, "YES", fictional(2)) == "none"
    OptInQuestion.objects.update(asked_at="2026-01-01T00:00Z")
    assert action(provider, "YES") == "none"


def test_a_yes_of_somebody_unknown_is_kept_for_the_number(provider):
    make_rule("NEWS", action="opt_in", is_question=True, reply="Shall we?")
    receive(provider, "news")
    receive(provider, "YES")
    assert set(ConsentEntry.objects.values_list("number", "contact", "event")) == {(ME, None, "opt_in")}
