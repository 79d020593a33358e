"""Send test: a text to a few numbers, marked as a test everywhere, counted nowhere, sent once."""

import re
import uuid

import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from campaigns import cards, lanes, trials
from campaigns.models import Message, TestNumber, TestSend
from campaigns.pipeline import deliver
from campaigns.services import figures, test_send, transitions
from campaigns.services.errors import CampaignError
from campaigns.services.test_send import Trial
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready, make_sending, make_template
from campaigns.texts import Texts
from contacts.models import Activity, Contact, Quarantine, Suppression
from contacts.tests.factories import make_contact
from providers.errors import Unknown

pytestmark = pytest.mark.django_db
NEW = "/sms/tests/new/"
ONE, TWO = "+33639985001", "+33639985002"


def form(subject, *numbers, **changes):
    name = "mailing" if hasattr(subject, "audience_size") else "template"
    return {"key": str(uuid.uuid4()), name: subject.pk, "typed": "\n".join(numbers), "do": "send", **changes}


def read(response):
    assert response.status_code == 200
    return response.content.decode()


def draft(**changes):
    people = make_people(1, first_name="Zoë", language="fr")
    return make_mailing(people, **{"text": "Hello {contact.first_name|friend}", "language": "en", "translations": {"fr": "Bonjour {contact.first_name}"}, **changes})


def texts_sent():
    return list(Message.objects.filter(kind=Message.Kind.TEST).order_by("id").values_list("number", "text"))


# --- who may, and on what ---


ROLES = ("viewer", "staff", "author", "marketer", "administrator")
WRITERS = ROLES[2:]


@pytest.mark.parametrize("role", ROLES)
def test_who_may_write_a_mailing_may_test_it(client_for, role):
    mailing, client, may = draft(), client_for(role), role in WRITERS
    for url in (f"/sms/mailings/{mailing.pk}/content/", f"/sms/mailings/{mailing.pk}/plan/", f"{NEW}?mailing={mailing.pk}"):
        assert client.get(url).status_code == (200 if may else 403)
    for do in ("show", "readers", "find"):
        assert client.post(NEW, form(mailing, do=do, rq="zoë")).status_code == (200 if may else 403)
    assert client.post(NEW, form(mailing, ONE)).status_code == (302 if may else 403)
    assert len(texts_sent()) == may
    assert (NEW in read(client.get(f"/sms/mailings/{mailing.pk}/"))) is may


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_a_template_and_send_texts_may_test_it(client_for, role):
    template, provider, client, may = make_template(), make_provider(), client_for(role), role != "viewer"
    assert client.get(f"{NEW}?template={template.pk}").status_code == (200 if may else 403)
    assert client.post(NEW, form(template, ONE, origin=f"{provider.pk}:36111")).status_code == (302 if may else 403)
    assert (NEW in read(client.get(f"/sms/templates/{template.pk}/"))) is may


def test_a_template_that_nobody_showed_them_is_not_tested(client_for, user_for):
    template, client = make_template(), client_for("staff")
    Group.objects.get(name="Staff").permissions.remove(*Permission.objects.filter(codename="view_smstemplate"))
    assert client.get(f"/sms/templates/{template.pk}/").status_code == client.get(f"{NEW}?template={template.pk}").status_code == 403
    assert client.post(NEW, form(template, ONE)).status_code == 403


def test_who_sees_mailings_sees_what_was_tested(client_for):
    client_for("author").post(NEW, form(draft(), ONE))
    page = read(client_for("viewer").get(f"/sms/tests/{TestSend.objects.get().key}/"))
    assert "Bonjour Zoë" in page and NEW not in page
    assert NEW not in read(client_for("staff").get(f"/sms/tests/{TestSend.objects.get().key}/"))
    assert NEW in read(client_for("author").get(f"/sms/tests/{TestSend.objects.get().key}/"))


def test_nobody_logged_in_is_asked_to_log_in():
    assert "/account/login/" in Client().get(f"{NEW}?mailing=1")["Location"]


@pytest.mark.parametrize("query", ["", "?mailing=0", "?mailing=x", "?template=99", "?mailing=" + "9" * 40])
def test_without_a_text_there_is_no_page(client_for, query):
    assert client_for("author").get(NEW + query).status_code == 404


def test_a_mailing_without_provider_or_text_says_what_it_lacks(client_for):
    mailing = draft(text="  ")
    type(mailing).objects.update(provider=None)
    page = read(client_for("author").get(f"{NEW}?mailing={mailing.pk}"))
    assert "Choose an active provider in step 2." in page and "Write the text in step 2." in page
    assert "Choose an active provider" in read(client_for("author").post(NEW, form(mailing, ONE)))
    assert not Message.objects.exists()


def test_a_launched_mailing_is_not_tested_any_more(client_for):
    mailing = make_sending(make_people(1))
    assert "was launched" in read(client_for("author").post(NEW, form(mailing, ONE)))
    assert not texts_sent()
    assert NEW not in read(client_for("author").get(f"/sms/mailings/{mailing.pk}/"))


def test_step_3_leads_to_the_test_as_the_person_of_its_preview(client_for):
    mailing = make_ready(make_people(1))
    reader = Contact.objects.get()
    assert f"{NEW}?mailing={mailing.pk}&amp;reader={reader.pk}" in read(client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/"))


def test_step_2_keeps_the_draft_and_tests_it_as_the_person_on_the_phone(client_for):
    mailing, reader = draft(), make_contact(TWO, first_name="Amina")
    data = {"version": 0, "origin": f"{mailing.provider_id}:36111", "text": "Good evening {contact.first_name}", "language": "en", "do": "test", "at": reader.pk}
    page = read(client_for("author").post(f"/sms/mailings/{mailing.pk}/content/", data, follow=True))
    assert "Good evening Amina" in page
    mailing.refresh_from_db()
    assert mailing.text == "Good evening {contact.first_name}"


# --- what is sent ---


def test_a_test_reads_as_the_first_recipient_in_their_language(client_for, user_for):
    mailing = draft()
    response = client_for("author").post(NEW, form(mailing, ONE, "06 39 98 50 02"), follow=True)
    assert texts_sent() == [(ONE, "Bonjour Zoë"), (TWO, "Bonjour Zoë")]
    test = TestSend.objects.get()
    assert (test.mailing, test.rendered_as.first_name, test.author, test.text) == (mailing, "Zoë", user_for("author"), "Bonjour {contact.first_name}")
    page = response.content.decode()
    assert "2 test texts" in page and "Bonjour Zoë" in page and ">Test</span>" in page.replace("</i>", "")
    message = Message.objects.first()
    assert (message.mailing_id, message.contact_id, message.sender, message.author) == (None, None, "36111", user_for("author"))


def test_somebody_else_can_be_chosen_by_name(client_for):
    mailing, other = draft(), make_contact(TWO, first_name="Amina", last_name="Sassi", language="de")
    client = client_for("author")
    page = read(client.post(NEW, form(mailing, do="readers", rq="sassi")))
    assert f'name="reader" value="{other.pk}"' in page
    assert "Hello Amina" in read(client.post(NEW, form(mailing, do="show", reader=other.pk), headers={"HX-Request": "true"}))
    client.post(NEW, form(mailing, ONE, reader=other.pk))
    assert texts_sent() == [(ONE, "Hello Amina")]


def test_the_page_begins_with_the_person_of_the_preview(client_for):
    mailing, other = draft(), make_contact(TWO, first_name="Amina")
    assert "Hello Amina" in read(client_for("author").get(f"{NEW}?mailing={mailing.pk}&reader={other.pk}"))
    other.deleted_at = other.created_at
    other.save()
    assert "Bonjour Zoë" in read(client_for("author").get(f"{NEW}?mailing={mailing.pk}&reader={other.pk}"))


def test_a_template_is_tested_through_a_chosen_sender(client_for):
    provider, reader = make_provider(), make_contact(fictional(7), first_name="Zoë")
    template = make_template("Hello {contact.first_name}", version=1, language="en")
    client = client_for("author")
    assert "Hello Zoë" in read(client.get(f"{NEW}?template={template.pk}"))
    response = client.post(NEW, form(template, ONE, origin=f"{provider.pk}:36111", reader=reader.pk), follow=True)
    message = Message.objects.get()
    assert (message.text, message.template, message.template_version) == ("Hello Zoë", template, 1)
    assert f"/sms/templates/{template.pk}/versions/1/" in response.content.decode()
    assert "1 test text" in read(client.get(f"/sms/templates/{template.pk}/"))
    assert "Choose who the text comes from." in read(client.post(NEW, form(template, ONE, origin="")))


def test_the_text_is_not_changed_by_being_a_test(client_for):
    mailing = draft(text="a" * 160, translations={})
    client_for("author").post(NEW, form(mailing, ONE))
    message = Message.objects.get()
    assert (message.text, message.segments) == ("a" * 160, 1)


def test_the_cost_stands_on_the_page(client_for):
    mailing = draft(provider=make_provider(price_per_segment="0.05"))
    client = client_for("author")
    assert "€0.0500 a number" in read(client.get(f"{NEW}?mailing={mailing.pk}"))
    assert "€0.1000" in read(client.post(NEW, form(mailing, ONE, TWO), follow=True))


# --- to whom ---


def test_ones_own_mobile_comes_first_and_typed_numbers_are_remembered(client_for, user_for):
    mailing, user = draft(), user_for("author")
    user.mobile = "+33639985009"
    user.save()
    client = client_for("author")
    assert re.search(r'value="\+33639985009" id="number-1" checked', read(client.get(f"{NEW}?mailing={mailing.pk}")))
    client.post(NEW, form(mailing, ONE, number=[user.mobile]))
    assert [number for number, _text in texts_sent()] == ["+33639985009", ONE]
    assert list(TestNumber.objects.values_list("user", "number")) == [(user.pk, ONE)]
    page = read(client.get(f"{NEW}?mailing={mailing.pk}"))
    assert f'value="{ONE}" id="number-2"' in page
    client_for("marketer").post(NEW, form(mailing, number=[ONE]))  # another person's number cannot be slipped in
    assert len(texts_sent()) == 2


def test_a_number_can_be_forgotten_by_its_owner_only(client_for, user_for):
    mine = TestNumber.objects.create(user=user_for("author"), number=ONE)
    url = f"/sms/tests/numbers/{mine.pk}/forget/"
    assert client_for("marketer").post(url).status_code == 404
    assert client_for("author").get(url).status_code == 405
    mailing = draft()
    assert client_for("author").post(url, {"mailing": mailing.pk})["Location"] == f"{NEW}?mailing={mailing.pk}"
    assert not TestNumber.objects.exists()


def test_only_the_last_numbers_are_remembered(user_for):
    for index in range(test_send.REMEMBERED + 3):
        test_send.remember(user_for("author"), [fictional(index)])
    kept = set(TestNumber.objects.values_list("number", flat=True))
    assert len(kept) == test_send.REMEMBERED and fictional(0) not in kept and fictional(test_send.REMEMBERED + 2) in kept


def test_test_contacts_are_chosen_by_their_number(client_for):
    mailing, friend = draft(), make_contact(TWO, first_name="Amina")
    assert "Amina" in read(client_for("author").post(NEW, form(mailing, do="find", q="amina")))
    client_for("author").post(NEW, form(mailing, to=[friend.numbers.get().pk]))
    assert texts_sent() == [(TWO, "Bonjour Zoë")]
    assert not Activity.objects.exists()


def test_a_test_contact_who_wants_no_texts_is_named(client_for):
    mailing, friend = draft(), make_contact(TWO, first_name="Amina", last_name="Sassi", do_not_sms=True)
    page = read(client_for("author").post(NEW, form(mailing, ONE, to=[friend.numbers.get().pk])))
    assert "Amina Sassi: no test, because of “Do not SMS”." in page
    assert not texts_sent()


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("", "Choose or write at least one number."),
        (" ,;\n", "Choose or write at least one number."),
        ("12", "“12”"),
        ("hello", "“hello”"),
        ("\n".join(fictional(index) for index in range(11)), "A test goes to 10 numbers at most; these are 11."),
        ("04 65 71 22 10", "+33 4 65 71 22 10 gets no test: Not a mobile."),
        ("0" * 601, "600"),
        ("+3363998\0", "cannot be kept"),
    ],
)
def test_what_is_wrong_with_the_numbers_is_said(client_for, typed, words):
    page = read(client_for("author").post(NEW, form(draft(), typed=typed)))
    assert words in page
    assert not texts_sent()


@pytest.mark.parametrize(("model", "facts", "words"), [(Suppression, {"reason": "stop"}, "Suppressed"), (Quarantine, {"reason": "gone"}, "Quarantined")])
def test_a_blocked_number_gets_no_test_either(client_for, model, facts, words):
    model.objects.create(number=ONE, **facts)
    page = read(client_for("author").post(NEW, form(draft(), ONE, TWO)))
    assert f"+33 6 39 98 50 01 gets no test: {words}." in page
    assert not texts_sent()
    with pytest.raises(CampaignError, match="gets no test"):
        test_send.send(make_provider(), ONE, "Test", None, key=str(uuid.uuid4()))


@pytest.mark.django_db(transaction=True)
def test_a_number_that_says_stop_meanwhile_is_skipped(gateway, user_for):
    provider = make_provider()
    test_send.send_as(Trial(Texts("Hello"), provider, "36111", 1), None, [ONE], user_for("author"), key=str(uuid.uuid4()))
    Suppression.objects.create(number=ONE, reason="stop")
    deliver.run_slice(provider.pk, urgent_only=True)
    assert gateway.calls == {}
    assert Message.objects.get().status == MessageStatus.SKIPPED


@pytest.mark.parametrize(
    ("provider", "changes", "words"),
    [
        ({"kind": "twilio"}, {}, "is a number for examples"),
        ({"allowed_countries": ["BE"]}, {}, "its country is not among the allowed ones"),
        ({}, {"text": "a" * 161, "translations": {}}, "For Zoë"),
        ({}, {"text": "Hello {contact.frist_name}", "translations": {}}, "Did you mean"),
    ],
)
def test_a_test_keeps_to_the_rules_of_its_provider_and_text(client_for, provider, changes, words):
    mailing = draft(provider=make_provider(**provider), **changes)
    Contact.objects.update(reach=Contact.Reach.MOBILE)
    reader = Contact.objects.get(first_name="Zoë")
    assert words in read(client_for("author").post(NEW, form(mailing, ONE, reader=reader.pk)))
    assert not texts_sent()


def test_a_template_of_many_segments_needs_the_right(client_for):
    provider, template = make_provider(), make_template("a" * 200, max_segments=3)
    data = form(template, ONE, origin=f"{provider.pk}:36111")
    assert "at most 1 may be sent" in read(client_for("author").post(NEW, data))
    assert client_for("marketer").post(NEW, data).status_code == 302


def test_a_text_that_changed_meanwhile_is_shown_before_it_is_sent(client_for):
    mailing, client = draft(), client_for("author")
    data = form(mailing, ONE, seen=mailing.version)
    mailing.text, mailing.translations, mailing.version = "Another", {}, mailing.version + 1
    mailing.save()
    answer = client.post(NEW, data)
    assert "Somebody changed this text" in read(answer) and "Another" in read(answer)
    assert not texts_sent()
    assert client.post(NEW, data | {"seen": answer.context["form"]["seen"].value()}).status_code == 302


@pytest.mark.parametrize("reader", ["0", "x", "9" * 30])
def test_a_reader_who_is_gone_is_not_replaced_unseen(client_for, reader):
    assert "is gone" in read(client_for("author").post(NEW, form(draft(), ONE, reader=reader)))
    assert not texts_sent()


# --- once, and nowhere else ---


def test_pressed_twice_it_is_sent_once(client_for):
    data, client = form(draft(), ONE), client_for("author")
    assert client.post(NEW, data)["Location"] == client.post(NEW, data)["Location"]
    assert (Message.objects.count(), TestSend.objects.count()) == (1, 1)


def test_a_changed_form_is_not_swallowed(client_for):
    data, client = form(draft(), ONE), client_for("author")
    client.post(NEW, data)
    answer = client.post(NEW, data | {"typed": TWO})
    assert "already sent" in read(answer)
    assert client.post(NEW, data | {"typed": TWO, "key": answer.context["form"]["key"].value()}).status_code == 302
    assert [number for number, _text in texts_sent()] == [ONE, TWO]


@pytest.mark.django_db(transaction=True)
def test_the_worker_never_sends_an_unknown_test_again(gateway, client_for):
    mailing = draft()
    client_for("author").post(NEW, form(mailing, ONE))
    gateway.error = Unknown("no_answer")
    for _slice in range(3):
        deliver.run_slice(mailing.provider_id, urgent_only=False)
    assert gateway.calls == {ONE: 1}
    assert Message.objects.get().status == MessageStatus.UNKNOWN
    page = read(client_for("viewer").get(f"/sms/tests/{TestSend.objects.get().key}/"))
    assert "Unknown" in page


@pytest.mark.django_db(transaction=True)
def test_a_test_goes_ahead_of_mailings_and_counts_nowhere(gateway, client_for, user_for, rf):
    mailing = make_ready(make_people(2), provider=make_provider())
    before = figures.of(mailing)
    recipient = Contact.objects.order_by("id").first()
    client_for("author").post(NEW, form(mailing, ONE, to=[recipient.numbers.get().pk]))
    deliver.run_slice(mailing.provider_id, urgent_only=True)
    assert sum(gateway.calls.values()) == 2
    assert figures.of(mailing) == before
    assert not Activity.objects.exists()
    assert "bi-send-check" not in read(client_for("viewer").get(f"/contacts/{recipient.pk}/activities/"))
    waiting = {str(row["label"]): row for row in lanes.figures([mailing.provider_id])[mailing.provider_id]}
    assert "of the last 0 texts" in waiting["Did not arrive"]["note"]
    request = rf.get("/")
    request.user = user_for("marketer")
    assert cards.under_way(request) is None and cards.recent(request) is None


def test_a_failed_test_is_no_fault_of_the_lane(client_for):
    mailing = draft()
    client_for("author").post(NEW, form(mailing, ONE))
    transitions.move_messages([Outcome(Message.objects.get().pk, MessageStatus.FAILED)])
    rows = {str(row["label"]): row["value"] for row in lanes.figures([mailing.provider_id])[mailing.provider_id]}
    assert rows["Did not arrive"] == 0


def test_the_mailing_lists_its_tests_and_the_message_says_what_it_is(client_for):
    mailing = draft()
    client_for("author").post(NEW, form(mailing, ONE, TWO))
    page = read(client_for("viewer").get(f"/sms/mailings/{mailing.pk}/"))
    assert "2 test texts" in page and str(TestSend.objects.get().key) in page
    message = Message.objects.first()
    page = read(client_for("viewer").get(f"/sms/messages/{message.pk}/"))
    assert "A test: it stands in nobody’s history and in no report." in page and str(TestSend.objects.get().key) in page


def test_a_test_of_a_provider_is_marked_too(client_for):
    provider, key = make_provider(), str(uuid.uuid4())
    client_for("administrator").post(f"/sms/test/{provider.pk}/", {"number": ONE, "text": "Hi", "key": key})
    message = Message.objects.get()
    assert trials.trial_of(message) is None
    for url in (f"/sms/messages/{message.pk}/", f"/sms/send/{key}/"):
        assert "bi-send-check" in read(client_for("administrator").get(url))


def test_pages_cost_the_same_for_one_and_for_many(client_for, django_assert_max_num_queries):
    mailing, client = draft(), client_for("author")
    for _press in range(6):
        client.post(NEW, form(mailing, ONE, TWO))
    with django_assert_max_num_queries(3):
        assert [row["count"] for row in trials.listed(mailing.tests.all())] == [2] * 5
    with django_assert_max_num_queries(14):
        client.get(f"/sms/tests/{TestSend.objects.first().key}/")
