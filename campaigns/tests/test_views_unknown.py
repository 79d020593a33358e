"""The page of unknown texts: who sees it, who may answer, what is asked before texts go out again."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Message, UnknownText
from campaigns.services import unknowns
from campaigns.services.unknowns import Choice
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_people, make_sending
from campaigns.tests.working import settle
from contacts.models import Contact
from smsapp.common import listing

pytestmark = pytest.mark.django_db
S = MessageStatus
PAGE = "/sms/unknown/"


@pytest.fixture
def lost():
    mailing = make_sending(make_people(3), name="Open evening")
    settle(mailing, S.UNKNOWN, S.UNKNOWN, S.UNKNOWN, reason="no_answer")
    return mailing


def ids(mailing):
    return sorted(Message.objects.filter(mailing=mailing, again_of__isnull=True).values_list("id", flat=True))


def post(client, choice, follow=True, **data):
    return client.post(f"{PAGE}{choice}/", data, follow=follow)


def words(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_list_names_person_mailing_cause_and_reference(client_for, lost):
    page = words(client_for("marketer").get(PAGE))
    assert "Open evening" in page
    assert "The gateway did not answer in time" in page
    assert "3 texts wait" in page
    assert "+33 6 39 98 00 01" in page
    assert "Reference" in page


def test_others_see_the_list_without_its_buttons(client_for, lost):
    page = words(client_for("viewer").get(PAGE))
    assert "Marketers and administrators settle them." in page
    assert "Was sent" not in page


@pytest.mark.parametrize("role", ["viewer", "staff", "author"])
def test_only_marketers_and_administrators_settle(client_for, lost, role):
    assert post(client_for(role), "sent", text=ids(lost), sure="1").status_code == 403
    assert client_for(role).post(f"{PAGE}look-up/", {"text": ids(lost)}).status_code == 403
    assert UnknownText.objects.count() == 3


def test_nobody_in_particular_is_led_to_the_login(client, lost):
    assert "login" in client.get(PAGE)["Location"]
    assert "login" in post(client, "sent", follow=False, text=ids(lost))["Location"]


def test_one_text_is_settled_with_one_press(client_for, lost):
    page = words(post(client_for("marketer"), "sent", only=ids(lost)[0]))
    assert "1 text is settled as sent." in page
    assert Message.objects.get(id=ids(lost)[0]).status == S.SENT


def test_the_pressed_button_counts_not_the_ticks(client_for, lost):
    post(client_for("administrator"), "sent", only=ids(lost)[0], text=ids(lost), all="1")
    assert UnknownText.objects.count() == 2


def test_giving_up_is_for_good_and_asked_about_even_for_one(client_for, lost):
    client = client_for("marketer")
    asked = words(post(client, "give-up", only=ids(lost)[0]))
    assert "Give 1 text up?" in asked
    assert "nothing changes that any more" in asked
    assert UnknownText.objects.count() == 3
    post(client, "give-up", text=ids(lost)[:1], sure="1")
    assert UnknownText.objects.count() == 2


def test_several_are_asked_about_first(client_for, lost):
    client = client_for("marketer")
    asked = words(post(client, "give-up", text=ids(lost)))
    assert "Give 3 texts up?" in asked
    assert UnknownText.objects.count() == 3
    assert "3 texts are given up." in words(post(client, "give-up", text=ids(lost), sure="1"))


def test_sending_again_says_that_somebody_may_get_it_twice_even_for_one(client_for, lost):
    Contact.objects.filter(id=Message.objects.get(id=ids(lost)[1]).contact_id).update(do_not_sms=True)
    client = client_for("marketer")
    asked = words(post(client, "again", text=ids(lost)))
    assert "Send 2 texts again?" in asked
    assert "the same person gets it twice" in asked
    assert "cannot be sent again: Do not SMS" in asked
    assert not Message.objects.filter(again_of__isnull=False).exists()
    told = words(post(client, "again", text=ids(lost), sure="1"))
    assert "2 texts are queued once more." in told
    assert "1 text cannot be sent again: Do not SMS." in told
    assert "Send 1 text again?" not in told


def test_nobody_who_can_get_it_again_leaves_no_button(client_for, lost):
    Contact.objects.update(do_not_sms=True)
    asked = words(post(client_for("marketer"), "again", only=ids(lost)[0]))
    assert "None of them can be sent again." in asked
    assert "Send 0" in asked
    assert 'name="sure"' in asked
    assert 'type="submit">' not in asked.split('name="sure"')[1].split("</form>")[0]


def test_all_that_match_a_filter_are_settled_and_no_others(client_for, lost):
    other = make_sending(make_people(1, first_name="Zoe"), name="Other")
    settle(other, S.UNKNOWN, reason="worker_lost")
    client = client_for("marketer")
    asked = words(post(client, "sent", all="1", cause="no_answer", asked_at="2999-01-01T00:00:00+00:00"))
    assert "Were 3 texts sent?" in asked
    post(client, "sent", all="1", cause="no_answer", asked_at="2999-01-01T00:00:00+00:00", sure="1")
    assert UnknownText.objects.get().mailing_id == other.pk


def test_what_became_unknown_after_the_page_was_shown_is_not_meant(client_for, lost):
    page = post(client_for("marketer"), "sent", all="1", asked_at="2020-01-01T00:00:00+00:00", sure="1")
    assert "No text is ticked" in words(page)
    assert UnknownText.objects.count() == 3


@pytest.mark.parametrize("filters", [{"cause": "worker_lost"}, {"cause": "nonsense"}, {"mailing": "999999"}, {"provider": "x"}, {"since": "never"}])
def test_a_filter_that_matches_nothing_any_more_means_nobody(client_for, lost, filters):
    """All of that cause were settled while somebody looked: the rest is not meant instead."""
    page = post(client_for("marketer"), "give-up", all="1", sure="1", **filters)
    assert "No text is ticked" in words(page)
    assert UnknownText.objects.count() == 3


def test_more_than_one_answer_can_take_says_what_is_left(client_for, lost, monkeypatch):
    monkeypatch.setattr(unknowns, "MOST", 2)
    page = words(post(client_for("marketer"), "sent", all="1", sure="1"))
    assert "2 texts are settled as sent." in page
    assert "1 text that matches is left." in page


def test_who_comes_second_is_told_what_it_is_by_now(client_for, lost):
    unknowns.settle(ids(lost)[:1], Choice.SENT, None)
    page = words(post(client_for("marketer"), "give-up", text=ids(lost)[:1], sure="1"))
    assert "1 text had been settled meanwhile: it is sent." in page


def test_two_who_send_the_same_text_again_are_told(client_for, lost):
    unknowns.settle(ids(lost)[:1], Choice.AGAIN, None)
    page = words(post(client_for("marketer"), "again", text=ids(lost)[:1], sure="1"))
    assert "had been sent again by somebody else meanwhile" in page


@pytest.mark.parametrize(
    ("query", "found"), [("", 3), ("?cause=worker_lost", 0), ("?mailing=none", 0), ("?since=2999-01-01", 0), ("?until=2999-01-01", 3), ("?mailing=x&provider=%00&since=never", 0), ("?cause=no_answer", 3)]
)
def test_filters(client_for, lost, query, found):
    page = client_for("marketer").get(PAGE + query)
    assert page.status_code == 200
    assert len(page.context["page"]) == found


def test_many_are_shown_page_by_page(client_for, lost, monkeypatch):
    monkeypatch.setattr(listing.paginate, "__kwdefaults__", {**listing.paginate.__kwdefaults__, "size": 2})
    client = client_for("marketer")
    first = client.get(PAGE)
    second = client.get(PAGE + first.context["page"].next_url)
    assert [text.message_id for page in (first, second) for text in page.context["page"]] == ids(lost)[::-1]
    assert "All 3 that match" in words(first)


def test_the_page_costs_the_same_however_many_wait(client_for, lost, django_assert_max_num_queries):
    client = client_for("marketer")
    client.get(PAGE)
    with django_assert_max_num_queries(22):
        client.get(PAGE)


def test_a_word_that_is_no_answer_does_not_exist(client_for, lost):
    assert post(client_for("marketer"), "maybe", text=ids(lost)).status_code == 404


def test_nonsense_in_the_form_changes_nothing(client_for, lost):
    assert "No text is ticked" in words(post(client_for("marketer"), "sent", text=["x", "-1", "9" * 30], all="2", asked_at="x"))
    assert post(client_for("marketer"), "sent", follow=False, only=ids(lost)[0], back="https://elsewhere.example/")["Location"] == PAGE
    assert UnknownText.objects.count() == 2


def test_the_page_of_a_text_offers_the_answers_and_tells_who_gave_one(client_for, lost):
    client, page = client_for("marketer"), f"/sms/messages/{ids(lost)[0]}/"
    assert "Nobody knows whether this text was sent" in words(client.get(page))
    told = words(post(client, "sent", only=ids(lost)[0], back=page))
    assert "Settled" in told
    assert "by Marketer" in told
    assert "Nobody knows whether" not in told


def test_a_text_and_its_second_try_lead_to_each_other(client_for, lost):
    client, first = client_for("marketer"), ids(lost)[0]
    unknowns.settle([first], Choice.AGAIN, None)
    second = Message.objects.get(again_of=first).pk
    assert f'href="/sms/messages/{second}/"' in words(client.get(f"/sms/messages/{first}/"))
    assert f'href="/sms/messages/{first}/"' in words(client.get(f"/sms/messages/{second}/"))


def test_the_mailings_page_leads_to_its_unknown_texts(client_for, lost):
    page = words(client_for("marketer").get(f"/sms/mailings/{lost.pk}/"))
    assert "Nobody knows of 3 texts whether they were sent" in page
    assert f'href="/sms/unknown/?mailing={lost.pk}"' in page
    unknowns.settle(ids(lost), Choice.GIVE_UP, None)
    assert "Nobody knows of" not in words(client_for("marketer").get(f"/sms/mailings/{lost.pk}/"))


def test_the_home_page_tells_those_who_may_settle_once_nothing_else_has(client_for, lost):
    assert "Nobody knows of" not in words(client_for("marketer").get("/"))
    UnknownText.objects.update(since=timezone.now() - timedelta(minutes=5))
    assert "Nobody knows of 3 texts" in words(client_for("marketer").get("/"))
    assert "Nobody knows of" not in words(client_for("author").get("/"))
