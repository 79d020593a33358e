"""What campaigns shows on the pages of the apps below, and its home cards, search and admin."""

import uuid

import pytest
from django.test import Client, RequestFactory

from campaigns import activities, cards, lanes
from campaigns.models import Campaign, InboundMessage, Message
from campaigns.services import mailings, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_message, make_people, make_provider, make_ready, make_sending
from contacts import slots
from contacts.models import Activity, Contact
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


def request_of(user):
    request = RequestFactory().get("/")
    request.user = user
    return request


def sent_activity(**changes):
    make_sending(make_group(make_contact(fictional(1), first_name="Camille")), **changes)
    message = Message.objects.get()
    transitions.move_messages([Outcome(message.pk, MessageStatus.SENT)])
    return Activity.objects.create(contact_id=message.contact_id, kind="sms_sent", subject="Programme", at=message.created_at, source=message.pk)


def test_a_sent_text_is_told_whole_on_the_timeline(user_for):
    activity = sent_activity(campaign=Campaign.objects.create(name="Winter 2026"), author=user_for("author"), text="Hello {contact.first_name}")
    view = activities.sent([activity])[activity.pk]
    assert (view.text, str(view.status_label), view.tone) == ("Hello Camille", "Sent", "blue")
    said = " · ".join(view.meta)
    for words in ("1 segment", "from 36111", "+33 6 39 98 00 01", "Winter 2026", "Author"):
        assert words in said


def test_a_timeline_costs_one_query_and_survives_lost_messages(django_assert_num_queries):
    activity = sent_activity()
    lost = Activity(id=99, kind="sms_sent", source=123456)
    with django_assert_num_queries(1):
        told = activities.sent([activity, lost])
    assert told[lost.id].meta == ["its text is no longer kept"]
    assert told[activity.pk].text


def test_the_page_of_a_sent_text_has_all_facts_and_leads_to_its_mailing(client_for, user_for):
    activity = sent_activity(campaign=Campaign.objects.create(name="Winter <2026>"), author=user_for("author"), name="Open & evening")
    Message.objects.update(status=MessageStatus.UNDELIVERED, reason="unknown_number", detail="30003 Unreachable", reported_at=activity.at)
    page = client_for("viewer").get(f"/contacts/{activity.contact_id}/activities/{activity.pk}/").content.decode()
    mailing = Message.objects.get().mailing
    for words in (
        "Hello Camille", "Undelivered: The number is not in service", "Ask the contact for a new number.", "30003 Unreachable", "+33 6 39 98 00 01",
        f"/sms/mailings/{mailing.pk}/why/?contact={activity.contact_id}", mailing.provider.name, "36111", "1, GSM-7", "Winter &lt;2026&gt;", "Author", "Queued", "Reported", f'<a href="/sms/mailings/{mailing.pk}/">Open &amp; evening</a>',
    ):  # fmt: skip
        assert words in page


def test_the_page_of_a_one_off_text_leads_to_whether_its_person_can_be_texted(client_for):
    contact = make_contact(fictional(1))
    message = make_message(make_provider(), contact=contact, subject="Card")
    activity = Activity.objects.create(contact=contact, kind="sms_sent", subject="Card", at=message.created_at, source=message.pk)
    page = client_for("viewer").get(f"/contacts/{contact.pk}/activities/{activity.pk}/").content.decode()
    assert f"/contacts/{contact.pk}/why/" in page and "One-off" in page


def test_a_history_is_filtered_by_campaign(client_for, django_assert_max_num_queries):
    winter = Campaign.objects.create(name="Winter")
    empty = Campaign.objects.create(name="Nobody in it")
    activity = sent_activity(campaign=winter)
    other = Activity.objects.create(contact_id=activity.contact_id, kind="note", subject="Note", at=activity.at)
    url, client = f"/contacts/{activity.contact_id}/activities/", client_for("viewer")
    page = client.get(url)
    assert "Winter" in page.content.decode() and "Nobody in it" not in page.content.decode()
    assert {line.activity for line in page.context["lines"]} == {activity, other}
    assert [line.activity for line in client.get(f"{url}?campaign={winter.pk}").context["lines"]] == [activity]
    wrong = client.get(f"{url}?campaign={empty.pk}")
    assert wrong.status_code == 200 and "not among the choices" in wrong.content.decode()


def test_the_texts_of_a_merged_contact_are_found_by_campaign(client_for):
    activity = sent_activity(campaign=(winter := Campaign.objects.create(name="Winter")))
    winner = make_contact(fictional(2))
    Contact.objects.filter(pk=activity.contact_id).update(merged_into=winner, deleted_at=activity.at)
    assert [line.activity for line in client_for("viewer").get(f"/contacts/{winner.pk}/activities/?campaign={winter.pk}").context["lines"]] == [activity]


def test_a_received_text_shows_its_words():
    text = InboundMessage.objects.create(provider=make_provider(), gateway_id="1", number=fictional(1), text="Merci !")
    activity = Activity.objects.create(kind="sms_received", at=text.received_at, source=text.pk)
    assert activities.received([activity])[activity.pk].text == "Merci !"


def test_send_sms_says_why_it_is_not_possible(user_for):
    action = slots.contact_actions.get("send_sms")
    assert "no active provider" in action.disabled_reason(request_of(user_for("staff")))
    make_provider()
    assert action.disabled_reason(request_of(user_for("staff"))) == ""
    assert action.permission == "campaigns.add_message"


def test_the_contact_page_offers_send_sms_to_those_who_may(client_for):
    make_provider()
    url = f"/contacts/{make_contact().pk}/"
    assert "/sms/send/?contact=" in client_for("staff").get(url).content.decode()
    assert "/sms/send/?contact=" not in client_for("viewer").get(url).content.decode()


def test_the_home_page_shows_what_moves_and_what_waits(client_for, user_for):
    people = make_people(2)
    make_sending(people, name="On its way")
    make_ready(people, name="Waits for somebody")
    mailings.cancel(make_sending(people, name="Stopped"), None)
    page = client_for("marketer").get("/").content.decode()
    assert "On its way" in page and "Waits for somebody" in page and "Stopped" in page
    assert cards.drafts(request_of(user_for("viewer"))) is None


def test_cards_are_absent_when_there_is_nothing(user_for):
    assert [card(request_of(user_for("marketer"))) for card in (cards.under_way, cards.drafts, cards.recent)] == [None, None, None]


def test_mailings_are_found_by_name(user_for):
    make_mailing(name="Open evening")
    assert [hit[0] for hit in cards.search(request_of(user_for("viewer")), "EVEN")] == ["Open evening"]
    user_for("viewer").groups.clear()


def test_a_provider_shows_what_waits_and_how_the_last_texts_went():
    provider = make_provider()
    mailing = make_sending(make_people(3), provider=provider)
    ids = list(Message.objects.filter(mailing=mailing).values_list("id", flat=True))
    transitions.move_messages([Outcome(ids[0], MessageStatus.FAILED)])
    rows = {str(row["label"]): row["value"] for row in lanes.figures([provider.pk])[provider.pk]}
    assert (rows["Waiting, mailings"], rows["Refused"]) == (3, 1)


# --- send test ---


def trial(**changes):
    return {"number": "06 39 98 00 01", "text": "Test", "key": str(uuid.uuid4()), **changes}


@pytest.mark.parametrize(("role", "code"), [("viewer", 403), ("staff", 403), ("author", 403), ("marketer", 403), ("administrator", 200)])
def test_only_administrators_try_a_provider_out(client_for, role, code):
    url = f"/sms/test/{make_provider().pk}/"
    assert client_for(role).get(url).status_code == code
    assert Client().get(url).status_code == 302


def test_a_test_text_is_queued_once_and_on_nobodys_history(client_for):
    url, data = f"/sms/test/{make_provider().pk}/", trial()
    for _click in range(2):
        assert client_for("administrator").post(url, data).status_code == 302
    message = Message.objects.get()
    assert (message.number, message.kind) == ("+33639980001", Message.Kind.TEST)
    assert not Activity.objects.exists()
    assert client_for("administrator").get(f"/sms/send/{data['key']}/").status_code == 200


@pytest.mark.parametrize("changes", [{"number": "12"}, {"number": "abc"}, {"number": ""}, {"text": ""}, {"key": "x"}])
def test_mistakes_of_a_test_are_named(client_for, changes):
    assert client_for("administrator").post(f"/sms/test/{make_provider().pk}/", trial(**changes)).status_code == 200
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("provider", "changes", "words"),
    [
        ({"max_segments": 1}, {"text": "a" * 161}, "2 segments"),
        ({"allowed_countries": ["BE"]}, {}, "its country is not among the allowed ones"),
        ({"kind": "twilio"}, {}, "is a number for examples"),
    ],
)
def test_a_test_text_keeps_to_the_providers_limits(client_for, provider, changes, words):
    page = client_for("administrator").post(f"/sms/test/{make_provider(**provider).pk}/", trial(**changes))
    assert words in page.content.decode()
    assert not Message.objects.exists()


def test_a_test_that_was_sent_and_changed_is_not_swallowed(client_for):
    client, url, data = client_for("administrator"), f"/sms/test/{make_provider().pk}/", trial()
    client.post(url, data)
    page = client.post(url, data | {"text": "Another"})
    assert "already sent" in page.content.decode()
    assert client.post(url, data | {"text": "Another", "key": page.context["form"]["key"].value()}).status_code == 302
    assert Message.objects.count() == 2


# --- admin ---


@pytest.mark.parametrize(("model", "pages"), [("smstemplate", "templates"), ("campaign", "campaigns")])
@pytest.mark.parametrize(
    ("path", "place"),
    [("", ""), ("add/", "new/"), ("7/change/", "7/edit/"), ("7/delete/", "7/delete/"), ("x/change/", ""), ("x/delete/", "")],
)
def test_the_admin_leads_to_the_pages_of_templates_and_campaigns(client_for, model, pages, path, place):
    assert client_for("administrator").get(f"/admin/campaigns/{model}/{path}")["Location"] == f"/sms/{pages}/{place}"
    assert "/admin/login/" in client_for("marketer").get(f"/admin/campaigns/{model}/{path}")["Location"]
