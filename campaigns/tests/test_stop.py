"""STOP and START: obeyed in the transaction that accepts them, confirmed once, told in the ledger, and they outlive the contact."""

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection, connections
from django.db.models import F

from campaigns.models import AutomaticReply, AutomaticText, Conversation, InboundMessage, Message
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_message, make_people, make_provider, make_sending
from campaigns.tests.receiving import ME, action, automatic, make_rule, receive, work
from campaigns.tests.working import told
from contacts import eligibility
from contacts.models import Activity, ConsentEntry, Contact, Suppression
from contacts.services import consent, contacts, suppressions
from contacts.services.errors import ContactsError
from contacts.tests.factories import make_contact
from smsapp.common.models import Organisation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]
EN = "Riverside Arts: you will get no more texts from us. To get them again, reply START."


@pytest.fixture(autouse=True)
def organisation():
    Organisation.objects.update_or_create(pk=Organisation.current().pk, defaults={"name": "Riverside Arts", "language": "en"})


@pytest.fixture
def provider():
    return make_provider()


def later(**ago):
    """Let everything that was answered be longer ago."""
    AutomaticReply.objects.update(at=F("at") - timedelta(**ago))


def ledger():
    return list(ConsentEntry.objects.order_by("id").values_list("event", "scope", "source", "own_act", "number", "wording"))


def reasons():
    return set(eligibility.judge(Contact.objects.filter(sms_number=ME), marketing=True).values_list("reason", flat=True))


def test_a_stop_suppresses_the_number_and_is_confirmed_in_spite_of_it(provider, gateway):
    person = make_contact(ME)
    row = receive(provider, "Stop !")
    assert (row.action, row.keyword, row.contact) == ("opt_out", "STOP", person)
    assert list(Suppression.objects.values_list("number", "reason", "ended_at")) == [(ME, "stop", None)]
    assert ledger() == [("opt_out", "all", "reply", True, ME, "Stop !")]
    assert automatic() == [EN]
    work(provider)
    assert gateway.calls == {ME: 1}
    message = Message.objects.get()
    assert (message.status, message.kind, message.sender, message.contact_id) == (MessageStatus.SENT, Message.Kind.AUTOMATIC, "36111", person.pk)


def test_texts_that_waited_for_the_number_are_skipped(provider, gateway):
    mailing = make_sending(make_people(3), provider=provider)
    waiting = make_message(provider, number=ME, contact=Contact.objects.get(sms_number=ME))
    receive(provider, "STOP")
    work(provider)
    waiting.refresh_from_db()
    assert (waiting.status, waiting.reason) == (MessageStatus.SKIPPED, "suppressed")
    assert told(mailing)[waiting.contact_id] == (MessageStatus.SKIPPED, "suppressed")
    assert gateway.calls == {fictional(0): 1, fictional(2): 1, ME: 1}  # the confirmation


def test_only_the_confirmation_of_this_block_passes(provider, gateway):
    receive(provider, "STOP")
    Suppression.objects.update(ended_at="2026-01-01T00:00Z")
    suppressions.suppress(ME, note="complained", author=None)
    work(provider)
    assert gateway.calls == {}
    assert Message.objects.get().reason == "suppressed"


def test_one_record_and_one_confirmation_of_a_text_that_is_delivered_three_times(provider):
    make_contact(ME)
    assert [receive(provider, "STOP", gateway_id="MO77") is not None for _delivery in range(3)] == [True, False, False]
    assert (InboundMessage.objects.count(), len(automatic()), ConsentEntry.objects.count()) == (1, 1, 1)
    assert Activity.objects.filter(kind="sms_received").count() == 1
    assert Conversation.objects.get().unread == 0  # nobody needs to read it


@pytest.mark.parametrize(("number", "text"), [(fictional(7), "Hello"), (ME, "Hello again")])
def test_a_gateway_that_begins_to_count_anew_hides_no_stop(provider, number, text):
    receive(provider, text, number, gateway_id="1")
    assert receive(provider, "STOP", gateway_id="1") is not None
    assert Suppression.objects.get().number == ME
    assert Conversation.objects.filter(last_text="").count() == 0


def test_three_deliveries_at_the_same_moment(provider):
    make_contact(ME)
    barrier = threading.Barrier(3)

    def deliver():
        barrier.wait()
        receive(provider, "STOP", gateway_id="MO77")
        connections.close_all()

    threads = [threading.Thread(target=deliver) for _delivery in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (InboundMessage.objects.count(), len(automatic()), ConsentEntry.objects.count(), Suppression.objects.count()) == (1, 1, 1, 1)


def test_a_second_stop_is_in_the_ledger_and_not_confirmed_again(provider):
    for text in ("STOP", "ARRET", "I said stop!\nSTOP"):
        receive(provider, text)
    assert [entry[-1] for entry in ledger()] == ["STOP", "ARRET"]
    later(hours=2)
    receive(provider, "STOP")
    assert automatic() == [EN]


def test_no_confirmation_where_the_gateway_gives_one():
    options = {"account_sid": "AC" + "0" * 32}
    provider = make_provider(kind="twilio", options=options, secrets={"auth_token": "x"}, senders=["+15005550006"])
    receive(provider, "STOP", "+33612345678", to="+15005550006")
    assert Suppression.objects.get().number == "+33612345678"
    receive(provider, "START", "+33612345678", to="+15005550006")
    assert Suppression.objects.get().ended_at
    assert automatic() == []


def test_start_brings_them_back(provider, gateway):
    person = make_contact(ME)
    receive(provider, "STOP")
    receive(provider, "Start")
    block = Suppression.objects.get()
    assert (block.ended_because, block.ended_by) == ("Start", None)
    assert [(event, wording) for event, *_rest, wording in ledger()] == [("opt_out", "STOP"), ("opt_in", "Start")]
    assert automatic()[1:] == ["Riverside Arts: you will get our texts again. Reply STOP to stop them."]
    assert not consent.own_opt_outs(numbers=[ME]).numbers
    message = make_message(provider, number=ME, contact=person)
    work(provider)
    message.refresh_from_db()
    assert message.status == MessageStatus.SENT


def test_start_lifts_what_the_gateway_said_and_never_what_staff_did(provider):
    Suppression.objects.create(number=fictional(2), reason="gateway")
    suppressions.suppress(fictional(3), note="complained", author=None)
    for number in (fictional(2), fictional(3)):
        receive(provider, "START", number)
    assert list(Suppression.objects.filter(ended_at=None).values_list("number", flat=True)) == [fictional(3)]
    assert Message.objects.count() == 1  # nobody is told that texts come again which do not


def test_a_stop_holds_when_staff_lift_their_own_block(provider):
    block, _new = suppressions.suppress(ME, note="asked on the phone", author=None)
    receive(provider, "STOP")
    assert automatic() == []  # staff's block is not passed
    with pytest.raises(ContactsError, match="The recipient asked for it"):
        suppressions.lift(block, because="a mistake", author=None)
    receive(provider, "START")
    assert suppressions.lift(block, because="a mistake", author=None)


def test_a_deleted_and_reimported_contact_stays_suppressed(provider, gateway):
    person = make_contact(ME)
    receive(provider, "STOP")
    contacts.delete(person)
    again = make_contact(ME, opted_out=False)
    message = make_message(provider, number=ME, contact=again)
    work(provider)
    message.refresh_from_db()
    assert (message.status, message.reason) == (MessageStatus.SKIPPED, "suppressed")


def test_no_file_undoes_a_stop(provider, tmp_path):
    make_contact(ME)
    receive(provider, "STOP")
    path = tmp_path / "people.csv"
    path.write_text("Name,Mobile,Opted out\nAna,0639980001,no\n")
    evidence = ("--consent-source", "Autumn fair", "--consent-wording", "Yes, send me texts")
    call_command("import_contacts", str(path), "--region", "FR", "--json", *evidence, stdout=StringIO())
    assert Suppression.objects.get().ended_at is None
    assert "all" in consent.own_opt_outs(numbers=[ME]).numbers[ME]
    assert reasons() == {"suppressed", "do_not_sms"}  # the file's new contact carries the opt-out
    receive(provider, "START")
    assert reasons() == {None}


@pytest.mark.parametrize("by", ["staff", "form"])
def test_start_does_not_undo_what_staff_wrote_down_of_the_person(provider, by):
    consent.opt_out(make_contact(ME), source=by, scope="all", own_act=by == "form")
    receive(provider, "STOP")
    receive(provider, "START")
    assert reasons() == {"do_not_sms"}


def test_the_language_is_the_persons_else_the_words_else_the_organisations(provider):
    make_contact(fictional(2), language="fr")
    for number, word in ((fictional(2), "stop"), (fictional(3), "désabonner"), (fictional(4), "STOP"), (fictional(5), "abmelden")):
        receive(provider, word, number)
    assert [text[:24] for text in automatic()] == ["Riverside Arts : vous ne", "Riverside Arts : vous ne", "Riverside Arts: you will", "Riverside Arts: you will"]


def test_the_organisations_own_words(provider):
    AutomaticText.objects.create(event="stop", language="en", text="Bye from {organisation.name}")
    receive(provider, "STOP")
    assert automatic() == ["Bye from Riverside Arts"]


def test_a_confirmation_that_cannot_be_written_undoes_no_stop(provider, monkeypatch):
    from campaigns.services import automatic_replies

    monkeypatch.setattr(automatic_replies, "_send", lambda reply: connection.cursor().execute("SELECT 1/0"))
    assert action(provider, "STOP") == "opt_out"
    assert Suppression.objects.get().number == ME


def test_names_and_short_codes_get_no_answer_and_no_block(provider):
    for sender in ("RIVERSIDE", "36111", ""):
        assert receive(provider, "STOP", sender).action == "opt_out"
        receive(provider, "HELP", sender)
    assert (Suppression.objects.count(), Message.objects.count()) == (0, 0)


def test_a_provider_that_is_switched_off_answers_nobody(provider):
    provider.active = False
    provider.save()
    receive(provider, "STOP")
    assert Suppression.objects.count() == 1
    assert automatic() == []


def test_two_machines_that_answer_each_other_stop_after_one_answer_an_hour(provider):
    make_rule("SEE YOU", reply="See you")
    said, rounds = "see you", 0
    for _round in range(10):
        before = len(automatic())
        receive(provider, said)
        if len(automatic()) == before:
            continue
        said, rounds = automatic()[-1], rounds + 1
    assert rounds == 1
    later(minutes=61)
    receive(provider, said)
    assert len(automatic()) == 2


def test_help_is_answered_once_an_hour_with_who_we_are(provider):
    Organisation.objects.update(phone="01 42 68 53 00")
    for _time in range(3):
        receive(provider, "HELP")
    assert automatic() == ["Riverside Arts: these texts come from us. Reply STOP to get no more. 01 42 68 53 00"]


def test_the_proof_page_tells_the_story(provider, client_for):
    person = make_contact(ME)
    receive(provider, "Stop")
    receive(provider, "START")
    for page in (f"/contacts/{person.pk}/consent/", f"/contacts/{person.pk}/consent/proof/"):
        shown = client_for("marketer").get(page).content.decode()
        for words in ("Wants no texts at all", "Agreed to texts", "reply by text", "by the recipient", provider.name, ">Stop<", ">START<"):
            assert words in shown, (page, words)
    assert "STOP received" in shown
