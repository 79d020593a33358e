"""What helps while one text is written: suggestions of people, and the counter."""


import pytest
from django.test import Client

from campaigns.models import Message
from campaigns.tests.factories import fictional, make_provider
from campaigns.tests.one_off import URL, form, number_of
from contacts.models import Contact
from contacts.tests.factories import add_number, make_contact

pytestmark = pytest.mark.django_db


def test_suggestions_name_number_and_type_of_those_who_can_be_texted(client_for):
    person = make_contact(fictional(417), first_name="Camille", last_name="Aubert")
    add_number(person, "+33465712210", kind="landline")
    make_contact(fictional(418), first_name="Camille", last_name="Deceased", deceased=True)
    page = client_for("staff").get("/sms/send/numbers/?q=camille").content.decode()
    assert "+33 6 39 98 04 17" in page and "Mobile" in page
    assert "+33 4 65" not in page and "Deceased" not in page


def test_suggestions_say_that_there_are_more(client_for):
    for n in range(10):
        make_contact(fictional(n), first_name="Camille")
    client, more = client_for("staff"), "These are the first 10; there are more."
    page = client.get("/sms/send/numbers/?q=camille").content.decode()
    assert "10 numbers found" in page and more not in page
    make_contact(fictional(10), first_name="Camille")
    page = client.get("/sms/send/numbers/?q=camille").content.decode()
    assert more in page and page.count('name="to"') == 10 and "10 numbers found" not in page


@pytest.mark.parametrize("q", ["0639980417", "06 39 98 04 17", "+33 6 39 98 04 17"])
def test_suggestions_find_a_number_in_any_format(client_for, q):
    make_contact(fictional(417), first_name="Camille")
    assert "+33 6 39 98 04 17" in client_for("staff").get("/sms/send/numbers/", {"q": q}).content.decode()


def test_without_script_find_keeps_everything_and_suggests(client_for):
    person = make_contact(fictional(1), first_name="Yassine")
    page = client_for("staff").post(URL, form(make_provider(), do="find", q="yass", text="Kept text")).content.decode()
    assert f'value="{number_of(person).pk}"' in page and "Kept text" in page and "Rehearsal moved" in page


def test_the_counter_measures_what_people_get(client_for):
    provider, person = make_provider(), make_contact(first_name="Marie-Emmanuelle")
    data = {"text": "Hello {contact.first_name}", "to": number_of(person).pk, "origin": f"{provider.pk}:36111", "readers": "numbers"}
    page = client_for("staff").post("/sms/count/", data).content.decode()
    assert "22 of 160 characters" in page and "Hello Marie-Emmanuelle" in page
    assert client_for("viewer").post("/sms/count/", data).status_code == 403
    assert Client().post("/sms/count/", data).status_code == 302
    assert client_for("staff").get("/sms/count/").status_code == 405


def test_a_search_that_finds_nobody_says_so(client_for):
    page = client_for("staff").get("/sms/send/numbers/", {"q": "<b>x"}).content.decode()
    assert "Nobody who can be texted matches" in page and "<b>x" not in page


# --- limits, keys, and who is seen ---


def test_everybody_is_measured_not_only_the_first_ones(client_for, monkeypatch):
    monkeypatch.setattr("campaigns.composing.choosing.RENDERED", 0)
    people = [make_contact(fictional(1), first_name="Al"), make_contact(fictional(2), first_name="Marie-Emmanuelle")]
    data = form(make_provider(), *(number_of(person) for person in people), text="a" * 150 + "{contact.first_name}")
    page = client_for("staff").post(URL, data).content.decode()
    assert "you may send 1" in page and people[1].name in page
    assert not Message.objects.exists()
    assert client_for("marketer").post(URL, data).status_code == 302


def test_the_counter_names_only_people_who_may_be_seen(client_for, now):
    provider, person = make_provider(), make_contact(first_name="Marie-Emmanuelle")
    Contact.objects.update(deleted_at=now)
    data = {"text": "Hello {contact.first_name}", "to": number_of(person).pk, "origin": f"{provider.pk}:36111", "readers": "numbers"}
    assert "Marie-Emmanuelle" not in client_for("staff").post("/sms/count/", data).content.decode()
