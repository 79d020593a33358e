"""The words of the search box: what the console shows of somebody finds that person, and signs alone find nobody."""

import pytest
from django.urls import reverse

from contacts.filters import search
from contacts.models import Contact
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db
URL = reverse("contacts:list")


@pytest.fixture(autouse=True)
def others():
    make_contact("+33639980099", first_name="Somebody", last_name="Else", organisation="Elsewhere")


def found(q: str) -> list[Contact]:
    return list(search(Contact.objects.all(), q))


@pytest.mark.parametrize("typed", ["Boulangerie", "dupont", "évry boulang", "BOULANGERIE Dupont, Evry"])
def test_who_has_an_organisation_only_is_found_by_it(client_for, typed):
    baker = make_contact(first_name="", last_name="", organisation="Boulangerie Dupont, Évry")
    page = client_for("viewer").get(URL, {"q": typed})
    assert list(page.context["page"]) == [baker]
    assert baker.name in client_for("viewer").get(reverse("search"), {"q": typed}).content.decode()


def test_people_are_found_by_their_organisation_and_the_search_of_the_console_says_why(client_for):
    make_contact(first_name="Ann", last_name="Roy", organisation="Fanfare 50%")
    assert [contact.first_name for contact in found("fanfare")] == ["Ann"] == [contact.first_name for contact in found("50%")]
    assert not found("5_%")
    assert "Fanfare 50%" in client_for("viewer").get(reverse("search"), {"q": "fanfare"}).content.decode()


@pytest.mark.parametrize(("first", "last"), [("Amelia", "Ashworth"), ("Sara", "Smith, Jr."), ("שרה", "לוי"), ("ليلى", "حداد")])
def test_a_name_is_found_as_the_list_writes_it(first, last):
    contact = make_contact(first_name=first, last_name=last)
    assert found(contact.list_name) == [contact] == found(contact.name)


@pytest.mark.parametrize("typed", ["\u202a+33 6 39 98 00 01\u202c", "06\u202f39\u202f98\u202f00\u202f01", "M\u200b10"])
def test_signs_that_nobody_sees_hide_nobody(typed):
    contact = make_contact("+33639980001", external_id="M10")
    assert found(typed) == [contact]


@pytest.mark.parametrize("typed", [",", ", ,", "\u200b", "\u202e ,"])
def test_signs_alone_find_nobody(client_for, typed):
    assert not found(typed)
    assert not client_for("viewer").get(URL, {"q": typed}).context["page"]
