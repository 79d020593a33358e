"""A number that the chosen provider may not text says so as soon as both are chosen."""

import pytest

from campaigns.models import Message
from campaigns.tests.factories import make_provider
from campaigns.tests.test_views_one_off import form, number_of
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db
WORDS = "for its country is not among the allowed ones"


@pytest.fixture
def people():
    return make_contact("+33639980001", first_name="Léa"), make_contact("+447700900001", first_name="Imogen")


def html(response):
    return response.content.decode()


def test_the_page_says_it_before_anything_is_sent(client_for, people):
    provider, client = make_provider(allowed_countries=["FR"]), client_for("staff")
    page = html(client.get("/sms/send/", {"contact": [person.pk for person in people]}))
    assert WORDS in page and "Imogen" in page and "Choose another provider, or untick them." in page
    assert WORDS not in html(client.get("/sms/send/", {"contact": people[0].pk}))
    provider.allowed_countries = []
    provider.save()
    assert WORDS not in html(client.get("/sms/send/", {"contact": people[1].pk}))


def test_ticking_and_changing_the_provider_ask_anew(client_for, people):
    strict, free = make_provider(name="Strict", allowed_countries=["FR"]), make_provider(name="Free", is_default=False)
    client, to = client_for("staff"), [number_of(person).pk for person in people]
    counted = html(client.post("/sms/count/", {"readers": "numbers", "text": "Hello", "to": to, "origin": f"{strict.pk}:36111"}))
    assert WORDS in counted and 'id="to-refused"' in counted and "Strict may not text" in counted
    for origin in (f"{free.pk}:36111", "", "x:y", "9" * 40):
        counted = html(client.post("/sms/count/", {"readers": "numbers", "text": "Hello", "to": to, "origin": origin}))
        assert WORDS not in counted and 'id="to-refused"' in counted


def test_suggestions_offer_nothing_that_would_be_refused(client_for, people):
    provider, client = make_provider(allowed_countries=["FR"]), client_for("staff")
    found = html(client.get("/sms/send/numbers/", {"q": "Imogen", "origin": f"{provider.pk}:36111"}))
    assert "Imogen" in found and "Country not allowed" in found and 'type="checkbox"' not in found
    found = html(client.get("/sms/send/numbers/", {"q": "Imogen"}))
    assert 'type="checkbox"' in found
    without_script = form(provider, number_of(people[0]), do="find", q="Imogen")
    page = html(client.post("/sms/send/", without_script))
    assert "Country not allowed" in page and f'name="to" value="{number_of(people[1]).pk}"' not in page


def test_sending_all_the_same_is_refused_as_before(client_for, people):
    provider = make_provider(allowed_countries=["FR"])
    page = html(client_for("staff").post("/sms/send/", form(provider, *map(number_of, people))))
    assert "its country is not among the allowed ones. Choose another provider." in page and WORDS in page
    assert not Message.objects.exists()
