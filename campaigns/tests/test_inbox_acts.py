"""What people do in the inbox: answer, note, assign, finish, decide, and say who somebody unknown is."""

import uuid

import pytest

from campaigns.models import Conversation, ConversationNote, InboundMessage, Message
from campaigns.tests.factories import fictional, make_hours, make_provider, make_template
from campaigns.tests.receiving import ME, automatic, receive
from contacts.models import Activity, Contact, Suppression
from contacts.services import suppressions
from contacts.tests.factories import add_number, make_contact

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


@pytest.fixture
def provider():
    return make_provider(senders=["36000", "36111"], price_per_segment="0.04")


@pytest.fixture
def staff(client_for):
    return client_for("staff")


def thread(number=ME):
    return Conversation.objects.get(number=number)


def page_of(number=ME):
    return f"/inbox/{thread(number).pk}/"


def reply(provider, text="See you then", **changes):
    return {"do": "send", "key": str(uuid.uuid4()), "origin": f"{provider.pk}:36111", "text": text, **changes}


# --- answers ---


def test_an_answer_goes_the_way_the_text_came(staff, provider):
    make_provider(name="Default", is_default=True)
    person = make_contact(ME)
    receive(provider, "When?")
    assert "From 36111, by" in staff.get(page_of()).content.decode()
    response = staff.post(page_of() + "?show=unread", reply(provider, "At nine, {contact.first_name}"))
    assert response["Location"] == page_of() + "?show=unread"
    message = Message.objects.get()
    facts = (message.kind, message.text, message.number, message.sender, message.provider, message.contact)
    assert facts == (Message.Kind.ONE_OFF, "At nine, Camille", ME, "36111", provider, person)
    found = thread()
    assert (found.last_text, found.last_is_ours, found.unread, found.state, found.assigned_to.username) == ("At nine, Camille", True, 0, "open", "staff")
    assert "At nine, Camille" in staff.get(page_of()).content.decode()
    assert Activity.objects.get(kind="sms_sent").subject == "Reply"


def test_a_double_click_answers_once(staff, provider):
    make_contact(ME)
    receive(provider, "When?")
    data = reply(provider)
    for _click in range(2):
        assert staff.post(page_of(), data).status_code == 302
    assert Message.objects.count() == 1
    assert "What you changed since was not sent" in staff.post(page_of(), data | {"text": "Another"}).content.decode()


def test_somebody_unknown_is_answered_too(staff, provider):
    receive(provider, "Hello")
    assert staff.post(page_of(), reply(provider, "Good evening {contact.first_name|friend}")).status_code == 302
    assert (Message.objects.get().text, Message.objects.get().contact) == ("Good evening friend", None)


@pytest.mark.parametrize("known", [True, False])
def test_a_blocked_number_gets_no_answer_and_the_page_says_why(staff, provider, known):
    if known:
        make_contact(ME)
    receive(provider, "Hello")
    data = reply(provider)
    suppressions.suppress(ME, note="x", author=None)
    page = staff.get(page_of()).content.decode()
    assert "No text can be sent to this number" in page and "Send reply" not in page
    assert staff.post(page_of(), data).status_code == 200
    assert not Message.objects.exists()


def test_a_name_cannot_be_answered(staff, provider):
    receive(provider, "Hello", "RIVERSIDE")
    assert "a name or a short code" in staff.get(page_of("RIVERSIDE")).content.decode()


def test_an_empty_answer_and_one_too_long_are_refused_and_kept(staff, provider):
    make_contact(ME)
    receive(provider, "Hello")
    assert "Write the text first." in staff.post(page_of(), reply(provider, " ")).content.decode()
    page = staff.post(page_of(), reply(provider, "a" * 200)).content.decode()
    assert "Shorten it" in page and "a" * 200 in page
    assert not Message.objects.exists()


def test_a_template_is_put_in_in_their_language(staff, provider):
    make_contact(ME, language="fr")
    receive(provider, "Hello")
    template = make_template("Hello", language="en", translations={"fr": "Bonjour"}, provider=make_provider(), sender="36111")
    response = staff.post(page_of(), reply(provider, "") | {"do": f"template:{template.pk}"})
    form = response.context["form"]
    assert (form["text"].value(), form["origin"].value()) == ("Bonjour", f"{provider.pk}:36111")


def test_a_template_asks_before_it_replaces_a_text(staff, provider):
    receive(provider, "Hello")
    template = make_template("Good morning")
    page = staff.post(page_of(), reply(provider, "Half written") | {"do": f"template:{template.pk}"})
    assert page.context["form"]["text"].value() == "Half written"
    assert "What you wrote is lost." in page.content.decode()


def test_at_a_quiet_hour_somebody_who_wrote_long_ago_is_not_woken_unasked(staff, provider):
    make_contact(ME)
    receive(provider, "Hello")
    make_hours("FR", monday="", tuesday="", wednesday="", thursday="", friday="", saturday="", sunday="")
    InboundMessage.objects.update(received_at="2020-01-01T12:00Z")
    page = staff.post(page_of(), reply(provider)).content.decode()
    assert "Send anyway" in page and not Message.objects.exists()
    assert staff.post(page_of(), reply(provider, quiet="1")).status_code == 302
    InboundMessage.objects.update(received_at=thread().last_at)
    assert staff.post(page_of(), reply(provider, "More")).status_code == 302


def test_another_gateway_answers_where_theirs_is_switched_off(staff, provider):
    make_contact(ME)
    receive(provider, "Hello")
    type(provider).objects.filter(pk=provider.pk).update(active=False)
    assert "No text can be sent" in staff.get(page_of()).content.decode()
    other = make_provider(name="Other")
    page = staff.get(page_of()).content.decode()
    assert "is switched off. Choose who answers." in page and f'value="{other.pk}:36111"' in page


def test_the_counter_counts_for_this_person(staff, provider):
    make_contact(ME, first_name="Marie-Emmanuelle")
    receive(provider, "Hello")
    data = {"readers": f"thread-{thread().pk}", "text": "Hello {contact.first_name}", "origin": f"{provider.pk}:36111"}
    text = staff.post("/sms/count/", data).content.decode()
    assert "22 of 160 characters" in text and "€0.04" in text


# --- who may ---


@pytest.mark.parametrize("act", ["read", "unread", "done", "open", "assign", "note", "decide"])
def test_viewers_only_look(client_for, provider, act):
    receive(provider, "stop texting me")
    before = Conversation.objects.values().get()
    assert client_for("viewer").post(f"{page_of()}{act}/", {"to": "me", "text": "x", "means": "stop"}).status_code == 403
    assert client_for("viewer").post(page_of(), reply(provider)).status_code == 403
    assert Conversation.objects.values().get() == before


# --- the other buttons ---


def test_reading_leaves_what_came_meanwhile_unread(staff, provider):
    first, _second = receive(provider, "one"), receive(provider, "two")
    staff.post(f"{page_of()}read/", {"upto": first.pk}, headers=HTMX)
    assert thread().unread == 1
    answer = staff.post(f"{page_of()}read/", {"upto": InboundMessage.objects.last().pk}, headers=HTMX)
    assert (answer.status_code, answer["HX-Trigger"], thread().unread) == (204, '{"inbox-changed": {}}', 0)
    staff.post(f"{page_of()}unread/")
    assert thread().unread == 1


def test_notes_are_no_texts(staff, provider):
    receive(provider, "Hello")
    assert staff.post(f"{page_of()}note/", {"text": "A <b>note</b>"}).status_code == 302
    assert (ConversationNote.objects.get().author.username, Message.objects.count()) == ("staff", 0)
    assert "A &lt;b&gt;note" in staff.get(page_of()).content.decode()
    assert "Write the note first." in staff.post(f"{page_of()}note/", {"text": " "}).content.decode()


def test_a_thread_is_given_to_somebody_and_to_nobody(staff, user_for, provider):
    receive(provider, "Hello")
    marta = user_for("marketer")
    for to, who in (("me", "staff"), (str(marta.pk), "marketer"), ("", None)):
        assert staff.post(f"{page_of()}assign/", {"to": to}).status_code == 302
        assert (thread().assigned_to and thread().assigned_to.username) == who
    assert staff.post(f"{page_of()}assign/", {"to": str(user_for("viewer").pk)}).status_code == 404
    assert staff.post(f"{page_of()}assign/", {"to": "x"}).status_code == 404


def test_done_until_they_write_again(staff, provider):
    receive(provider, "Hello")
    staff.post(f"{page_of()}done/")
    assert (thread().state, thread().unread) == ("done", 0)
    staff.post(f"{page_of()}open/")
    assert thread().state == "open"
    staff.post(f"{page_of()}done/")
    receive(provider, "One more thing")
    assert (thread().state, thread().unread) == ("open", 1)


def test_what_may_mean_stop_is_decided_before_it_is_done(staff, provider):
    row = receive(provider, "stop texting me")
    refused = staff.post(f"{page_of()}done/", headers=HTMX)
    assert refused.status_code == 204 and "Decide about it first" in refused["HX-Trigger"]
    assert "Decide about it first" in staff.post(f"{page_of()}done/", follow=True).content.decode()
    assert "Does this mean STOP?" in staff.get(page_of()).content.decode()
    staff.post(f"{page_of()}decide/", {"text": row.pk, "means": "reply"})
    assert (thread().needs_review, thread().state, Suppression.objects.count()) == (False, "open", 0)
    assert "An ordinary reply, decided by" in staff.get(page_of()).content.decode()


def test_a_stop_stops(staff, provider):
    row = receive(provider, "stop texting me")
    staff.post(f"{page_of()}decide/", {"text": row.pk, "means": "stop"})
    assert (Suppression.objects.get().number, thread().needs_review, thread().state, len(automatic())) == (ME, False, "done", 1)
    assert "Means stop, decided by" in staff.get(page_of()).content.decode()
    assert "Somebody has decided" in staff.post(f"{page_of()}decide/", {"text": row.pk, "means": "reply"}, follow=True).content.decode()


def test_only_texts_of_the_thread_are_decided(staff, provider):
    receive(provider, "Hello")
    other = receive(provider, "stop texting me", fictional(9))
    assert staff.post(f"{page_of()}decide/", {"text": other.pk, "means": "stop"}).status_code == 404


# --- somebody unknown ---


def test_an_unknown_number_becomes_a_contact_with_its_history(staff, provider):
    receive(provider, "Hello")
    staff.post(page_of(), reply(provider, "Who is this?"))
    receive(provider, "It is Camille")
    assert "Make a contact" in staff.get(page_of()).content.decode()
    assert staff.post(f"{page_of()}contact/", {"first_name": "Camille"}).status_code == 302
    person = Contact.objects.get()
    assert (person.name, person.sms_number, thread().contact) == ("Camille", ME, person)
    assert set(InboundMessage.objects.values_list("contact", flat=True)) == {person.pk}
    assert list(Activity.objects.of(person).order_by("at").values_list("kind", flat=True)).count("sms_received") == 2
    assert Activity.objects.of(person).filter(kind="sms_sent").count() == 1
    text = staff.get(f"/contacts/{person.pk}/activities/").content.decode()
    assert "It is Camille" in text and "Who is this?" in text
    assert staff.get(f"{page_of()}contact/").status_code == 302


def test_an_unknown_number_is_added_to_somebody_known(staff, provider):
    person = make_contact(fictional(5), first_name="Zoë")
    receive(provider, "New number!")
    assert "Zoë" in staff.get(f"{page_of()}contact/?find=zoe").content.decode()
    staff.post(f"{page_of()}contact/", {"contact": person.pk})
    person.refresh_from_db()
    assert [row.number for row in person.numbers.order_by("id")] == [fictional(5), ME]
    assert (person.sms_number, thread().contact) == (fictional(5), person)


def test_who_has_the_number_meanwhile_is_offered(staff, provider):
    receive(provider, "Hello")
    person = make_contact(fictional(5), first_name="Zoë")
    add_number(person, ME)
    assert "They have this number already" in staff.get(f"{page_of()}contact/").content.decode()
    staff.post(f"{page_of()}contact/", {"contact": person.pk})
    assert (thread().contact, person.numbers.count()) == (person, 2)


def test_a_person_without_a_name_is_refused(staff, provider):
    receive(provider, "Hello")
    assert "Write at least a name" in staff.post(f"{page_of()}contact/", {"first_name": ""}).content.decode()
    assert not Contact.objects.exists()
