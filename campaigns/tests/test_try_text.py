"""Send test: as whom a text is rendered, and to which numbers it goes."""

import re
import uuid

import pytest

from campaigns.models import Message, TestNumber, TestSend
from campaigns.pipeline import deliver
from campaigns.services import test_send
from campaigns.services.errors import CampaignError
from campaigns.services.test_send import Trial
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_provider, make_template
from campaigns.tests.trying import NEW, ONE, TWO, draft, form, texts_sent
from campaigns.tests.writing import body
from campaigns.texts import Texts
from contacts.models import Activity, Contact, Quarantine, Suppression
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


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
    page = body(client.post(NEW, form(mailing, do="readers", rq="sassi")))
    assert f'name="reader" value="{other.pk}"' in page
    assert "Hello Amina" in body(client.post(NEW, form(mailing, do="show", reader=other.pk), headers={"HX-Request": "true"}))
    client.post(NEW, form(mailing, ONE, reader=other.pk))
    assert texts_sent() == [(ONE, "Hello Amina")]


def test_the_page_begins_with_the_person_of_the_preview(client_for):
    mailing, other = draft(), make_contact(TWO, first_name="Amina")
    assert "Hello Amina" in body(client_for("author").get(f"{NEW}?mailing={mailing.pk}&reader={other.pk}"))
    other.deleted_at = other.created_at
    other.save()
    assert "Bonjour Zoë" in body(client_for("author").get(f"{NEW}?mailing={mailing.pk}&reader={other.pk}"))


def test_a_template_is_tested_through_a_chosen_sender(client_for):
    provider, reader = make_provider(), make_contact(fictional(7), first_name="Zoë")
    template = make_template("Hello {contact.first_name}", version=1, language="en")
    client = client_for("author")
    assert "Hello Zoë" in body(client.get(f"{NEW}?template={template.pk}"))
    response = client.post(NEW, form(template, ONE, origin=f"{provider.pk}:36111", reader=reader.pk), follow=True)
    message = Message.objects.get()
    assert (message.text, message.template, message.template_version) == ("Hello Zoë", template, 1)
    assert f"/sms/templates/{template.pk}/versions/1/" in response.content.decode()
    assert "1 test text" in body(client.get(f"/sms/templates/{template.pk}/"))
    assert "Choose who the text comes from." in body(client.post(NEW, form(template, ONE, origin="")))


def test_the_text_is_not_changed_by_being_a_test(client_for):
    mailing = draft(text="a" * 160, translations={})
    client_for("author").post(NEW, form(mailing, ONE))
    message = Message.objects.get()
    assert (message.text, message.segments) == ("a" * 160, 1)


def test_the_cost_stands_on_the_page(client_for):
    mailing = draft(provider=make_provider(price_per_segment="0.05"))
    client = client_for("author")
    assert "€0.05 a number" in body(client.get(f"{NEW}?mailing={mailing.pk}"))
    assert "€0.10" in body(client.post(NEW, form(mailing, ONE, TWO), follow=True))


# --- to whom ---


def test_ones_own_mobile_comes_first_and_typed_numbers_are_remembered(client_for, user_for):
    mailing, user = draft(), user_for("author")
    user.mobile = "+33639985009"
    user.save()
    client = client_for("author")
    assert re.search(r'value="\+33639985009" id="number-1" checked', body(client.get(f"{NEW}?mailing={mailing.pk}")))
    client.post(NEW, form(mailing, ONE, number=[user.mobile]))
    assert [number for number, _text in texts_sent()] == ["+33639985009", ONE]
    assert list(TestNumber.objects.values_list("user", "number")) == [(user.pk, ONE)]
    page = body(client.get(f"{NEW}?mailing={mailing.pk}"))
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
    assert "Amina" in body(client_for("author").post(NEW, form(mailing, do="find", q="amina")))
    client_for("author").post(NEW, form(mailing, to=[friend.numbers.get().pk]))
    assert texts_sent() == [(TWO, "Bonjour Zoë")]
    assert not Activity.objects.exists()


def test_a_test_contact_who_wants_no_texts_is_named(client_for):
    mailing, friend = draft(), make_contact(TWO, first_name="Amina", last_name="Sassi", do_not_sms=True)
    page = body(client_for("author").post(NEW, form(mailing, ONE, to=[friend.numbers.get().pk])))
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
    page = body(client_for("author").post(NEW, form(draft(), typed=typed)))
    assert words in page
    assert not texts_sent()


@pytest.mark.parametrize(("model", "facts", "words"), [(Suppression, {"reason": "stop"}, "Suppressed"), (Quarantine, {"reason": "gone"}, "Quarantined")])
def test_a_blocked_number_gets_no_test_either(client_for, model, facts, words):
    model.objects.create(number=ONE, **facts)
    page = body(client_for("author").post(NEW, form(draft(), ONE, TWO)))
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
    assert words in body(client_for("author").post(NEW, form(mailing, ONE, reader=reader.pk)))
    assert not texts_sent()


def test_a_template_of_many_segments_needs_the_right(client_for):
    provider, template = make_provider(), make_template("a" * 200, max_segments=3)
    data = form(template, ONE, origin=f"{provider.pk}:36111")
    assert "at most 1 may be sent" in body(client_for("author").post(NEW, data))
    assert client_for("marketer").post(NEW, data).status_code == 302


def test_a_text_that_changed_meanwhile_is_shown_before_it_is_sent(client_for):
    mailing, client = draft(), client_for("author")
    data = form(mailing, ONE, seen=mailing.version)
    mailing.text, mailing.translations, mailing.version = "Another", {}, mailing.version + 1
    mailing.save()
    answer = client.post(NEW, data)
    assert "Somebody changed this text" in body(answer) and "Another" in body(answer)
    assert not texts_sent()
    assert client.post(NEW, data | {"seen": answer.context["form"]["seen"].value()}).status_code == 302


@pytest.mark.parametrize("reader", ["0", "x", "9" * 30])
def test_a_reader_who_is_gone_is_not_replaced_unseen(client_for, reader):
    assert "is gone" in body(client_for("author").post(NEW, form(draft(), ONE, reader=reader)))
    assert not texts_sent()


@pytest.mark.parametrize("kind", ["marketing", "service"])
@pytest.mark.parametrize("flag", ["opted_out", "do_not_sms"])
def test_somebody_who_opted_out_gets_a_test_only_once_it_was_asked_about(client_for, kind, flag):
    make_contact(ONE, first_name="Amina", **{flag: True})
    mailing, client = draft(kind=kind), client_for("author")
    page = body(client.post(NEW, form(mailing, ONE, TWO), follow=True))
    if (kind, flag) == ("service", "opted_out"):
        assert len(texts_sent()) == 2, "that is a text about their own affairs"
        return
    assert "1 of these numbers is somebody’s who wants no" in page and "+33 6 39 98 50 01" in page and not texts_sent()
    client.post(NEW, form(mailing, ONE, TWO, sure="1"))
    assert [number for number, _text in texts_sent()] == [ONE, TWO]


def test_a_test_of_an_advertising_template_asks_too(client_for):
    make_contact(ONE, opted_out=True)
    provider, template = make_provider(), make_template(kind="marketing")
    page = body(client_for("marketer").post(NEW, form(template, ONE, origin=f"{provider.pk}:36111"), follow=True))
    assert "wants no advertising" in page and not texts_sent()


def test_only_what_can_be_read_is_counted_and_the_rest_is_named(client_for):
    client, show = client_for("author"), {"do": "show", "typed": f"{ONE}\n06 39 98 50 01; abc, 06 39"}
    page = body(client.post(NEW, form(draft()) | show, headers={"HX-Request": "true"}))
    assert f'data-numbers="{ONE}"' in page and "<html" not in page
    assert "cannot be read as numbers: “abc”, “06 39”" in re.sub(r"\s+", " ", page)
    whole = body(client.post(NEW, form(draft()) | show))
    assert "“abc”" in whole and 'id="try-typed"' in whole, "without script too"
    assert "cannot be read" not in body(client.get(f"{NEW}?mailing={draft().pk}"))
