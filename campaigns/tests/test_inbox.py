"""The inbox on screens: who sees it, what the list shows, and what a thread says."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from campaigns.inbox import lists
from campaigns.models import Conversation, ConversationNote
from campaigns.services import mailings
from campaigns.tests.factories import fictional, make_message, make_provider, make_ready
from campaigns.tests.receiving import ME, receive
from campaigns.tests.writing import body
from contacts.models import Contact
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
URL = "/inbox/"


@pytest.fixture
def provider():
    return make_provider()


def thread(number=ME):
    return Conversation.objects.get(number=number)


def page_of(found):
    return f"{URL}{found.pk}/"


def shown(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("role", ["viewer", "staff", "author", "marketer", "administrator"])
def test_everybody_who_is_signed_in_reads(client_for, provider, role):
    receive(provider, "Are you open?")
    client = client_for(role)
    assert "Are you open?" in shown(client, URL)
    assert ("Send reply" in shown(client, page_of(thread()))) == (role != "viewer")


def test_nobody_else_does(provider):
    receive(provider, "Hello")
    assert "/account/login/" in Client().get(URL)["Location"]


def test_the_rail_says_how_many_are_unread(client_for, provider):
    client = client_for("staff")
    assert 'id="rail-inbox-list" hidden' in shown(client, "/contacts/")
    for number in range(3):
        receive(provider, "Hello", fictional(number))
    assert "3 unread" in shown(client, "/contacts/")


def test_texts_to_decide_stand_above_everything_else(client_for, provider):
    receive(provider, "stop texting me", fictional(1))
    receive(provider, "Hello", fictional(2))
    text = shown(client_for("staff"), URL)
    assert text.index("May mean stop") < text.index("Newest") < text.index("Hello")


@pytest.mark.parametrize(
    ("show", "numbers"), [("open", {1, 2, 3, 4}), ("review", {3}), ("unread", {1, 2, 3}), ("mine", {4}), ("unknown", {2, 3, 4}), ("done", {5}), ("nonsense", {1, 2, 3, 4})]
)
def test_choices(client_for, user_for, provider, show, numbers):
    make_contact(fictional(1))
    for number, text in enumerate(("Hello", "Hi", "stop texting me", "Good evening", "HELP"), 1):
        receive(provider, text, fictional(number))
    Conversation.objects.filter(number=fictional(4)).update(assigned_to=user_for("staff"), unread=0)
    response = client_for("staff").get(URL, {"show": show})
    assert {row.number for row in response.context["listed"].rows} == {fictional(number) for number in numbers}


@pytest.mark.parametrize(("q", "found"), [("camille", {1}), ("06 39 98 00 02", {2}), (fictional(2), {2}), ("été", {2}), ("ETE", {2}), ("nothing", set()), ("100%", set())])
def test_search_by_name_number_and_words(client_for, provider, q, found):
    make_contact(fictional(1), first_name="Camille")
    receive(provider, "Hello", fictional(1))
    receive(provider, "C’est l’été", fictional(2))
    response = client_for("staff").get(URL, {"q": q})
    assert {row.number for row in response.context["listed"].rows} == {fictional(number) for number in found}


def test_pages_by_key(client_for, provider, monkeypatch):
    monkeypatch.setattr(lists.listing, "PAGE_SIZE", 2)
    monkeypatch.setattr(lists.listing.paginate, "__kwdefaults__", {**lists.listing.paginate.__kwdefaults__, "size": 2})
    for number in range(5):
        receive(provider, "Hello", fictional(number))
    client, seen, url = client_for("staff"), [], URL
    while url:
        listed = client.get(url).context["listed"]
        seen += [row.number for row in listed.rows]
        url = URL + listed.page.next_url if listed.page.next_url else ""
    assert seen == [fictional(number) for number in (4, 3, 2, 1, 0)]


def test_empty_lists_say_what_to_do(client_for):
    client = client_for("staff")
    for show, words in (("open", "No open conversations"), ("review", "Nothing to decide"), ("unread", "Everything is read"), ("done", "Nothing is done yet")):
        assert words in shown(client, f"{URL}?show={show}")
    assert "Nothing found" in shown(client, f"{URL}?q=xyz")


HOSTILE = ["<script>alert(1)</script>", "\u202egnp.exe", "x" * 10_000, "a\x00b", "\ud83d alone", "{contact.first_name} {% now %}", "\r\n\u2028\u0000"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_shown_as_text(client_for, provider, text):
    receive(provider, text)
    client = client_for("staff")
    for url in (URL, page_of(thread()), f"{page_of(thread())}contact/"):
        content = shown(client, url)
        assert "<script>alert" not in content
    if "script" in text:
        assert "<bdi>&lt;script&gt;" in content


def test_a_thread_tells_what_texts_were_taken_for(client_for, provider, user_for):
    person = make_contact(ME, first_name="Rowan")
    make_message(provider, ME, contact=person, text="See you on Thursday")
    receive(provider, "HELP")
    ConversationNote.objects.create(conversation=thread(), text="Wants two seats", author=user_for("staff"))
    receive(provider, "STOP")
    text = shown(client_for("viewer"), page_of(thread()))
    for words in ("See you on Thursday", "Queued", "Taken for: a call for help", "Internal note by", "Wants two seats", "Stopped, confirmed", "No text can be sent to this number"):
        assert words in text, words


def test_older_texts_are_shown_on_demand(client_for, provider):
    for number in range(60):
        receive(provider, f"Text number {number:02}")
    client = client_for("staff")
    first = client.get(page_of(thread()))
    assert "Text number 09" not in first.content.decode() and "Text number 10" in first.content.decode()
    assert "Text number 00" in shown(client, f"{page_of(thread())}?{first.context['shown'].older}")


def test_beyond_a_thousand_lines_there_are_pages(client_for, provider, monkeypatch):
    from campaigns.inbox import opened

    monkeypatch.setattr(opened, "MOST_LINES", 50)
    for number in range(60):
        receive(provider, f"Text number {number:02}")
    client = client_for("staff")
    older = client.get(page_of(thread())).context["shown"].older
    text = shown(client, f"{page_of(thread())}?{older}")
    assert "Text number 09" in text and "Text number 10" not in text
    assert "every 4s" not in text


def test_nothing_new_costs_no_page(client_for, provider):
    receive(provider, "Hello")
    client = client_for("staff")
    for url in (URL, page_of(thread())):
        stamp = client.get(url).context["stamp"]
        assert client.get(url, headers={"X-Seen": stamp}).status_code == 204
        receive(provider, "And again")
        assert "And again" in client.get(url, headers={"X-Seen": stamp}).content.decode()


def test_a_state_of_our_text_is_news(client_for, provider):
    person = make_contact(ME)
    message = make_message(provider, ME, contact=person)
    receive(provider, "Hello")
    client = client_for("staff")
    stamp = client.get(page_of(thread())).context["stamp"]
    type(message).objects.filter(pk=message.pk).update(status=11)
    assert client.get(page_of(thread()), headers={"X-Seen": stamp}).status_code == 200


def test_looking_at_the_page_reads_nothing(client_for, provider):
    """A preview, or somebody who may only look, leaves it unread."""
    receive(provider, "Hello")
    assert 'hx-trigger="load"' in shown(client_for("staff"), page_of(thread()))
    assert 'hx-trigger="load"' not in shown(client_for("viewer"), page_of(thread()))
    assert thread().unread == 1


def test_a_thread_that_is_not_there(client_for):
    assert client_for("staff").get(f"{URL}4711/").status_code == 404


def test_the_page_of_a_contact_leads_to_the_conversation(client_for, provider):
    person, other = make_contact(ME), make_contact(fictional(9))
    receive(provider, "Hello")
    client = client_for("viewer")
    assert page_of(thread()) in shown(client, f"/contacts/{person.pk}/")
    assert "/inbox/" not in shown(client, f"/contacts/{other.pk}/").replace('href="/inbox/"', "")


# --- what a block means for scheduled mailings ---


def schedule_mailings(person, kinds):
    for kind in kinds:
        ready = make_ready(make_group(person), kind=kind)
        mailings.confirm(ready, None, at=timezone.now() + timedelta(days=1))


def test_a_text_to_decide_says_how_many_scheduled_mailings_a_stop_would_concern(client_for, provider):
    person = make_contact(ME, first_name="Rowan", last_name="Clarke")
    schedule_mailings(person, ["marketing", "service"])
    receive(provider, "stop texting me")
    assert "Rowan Clarke is left out of 2 scheduled mailings." in body(client_for("staff").get(page_of(thread())))


def test_whoever_sent_stop_is_left_out_of_what_is_scheduled(client_for, provider):
    person = make_contact(ME)
    schedule_mailings(person, ["marketing", "service"])
    schedule_mailings(make_contact(fictional(7)), ["marketing"])
    receive(provider, "Hello")
    client = client_for("staff")
    assert "Left out of" not in body(client.get(page_of(thread())))
    receive(provider, "STOP")
    assert "Left out of 2" in body(client.get(page_of(thread())))


def test_whoever_wants_no_marketing_is_left_out_of_that(client_for, provider):
    person = make_contact(ME)
    schedule_mailings(person, ["marketing", "service"])
    receive(provider, "Hello")
    Contact.objects.filter(pk=person.pk).update(opted_out=True)
    assert "Left out of 1" in body(client_for("staff").get(page_of(thread())))


def test_a_search_among_my_own_looks_at_their_people_only(client_for, user_for, provider):
    """Two letters are in the names of very many: nobody goes through all of them for a handful of threads."""
    mine, _other = make_contact(ME, first_name="Zoë"), make_contact(fictional(2), first_name="Zoé")
    for number in (ME, fictional(2)):
        receive(provider, "Hello", number)
    Conversation.objects.filter(contact=mine).update(assigned_to=user_for("staff"))
    with CaptureQueriesContext(connection) as asked:
        found = shown(client_for("staff"), f"{URL}?show=mine&q=zo")
    assert page_of(thread()) in found and page_of(thread(fictional(2))) not in found
    searched = [query["sql"] for query in asked if "LIKE" in query["sql"] and 'FROM "contacts_contact"' in query["sql"]]
    assert len(searched) == 1 and f'"contacts_contact"."id" IN ({mine.pk})' in searched[0]
