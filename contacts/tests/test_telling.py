"""Namesakes are called by what only they have."""

import pytest

from contacts.duplicates import telling
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("one", "two", "marks"),
    [
        ({"number": "+33639980001"}, {"number": None}, ["+33\u00a06\u00a039\u00a098\u00a000\u00a001", "no mobile"]),
        ({"email": "ann@example.org"}, {}, ["ann@example.org", "no e-mail"]),
        ({"email": "a@example.org", "external_id": "M1"}, {"email": "A@example.org", "external_id": "M2"}, ["M1", "M2"]),
    ],
)
def test_the_first_thing_that_differs_tells_them_apart(one, two, marks):
    people = [make_contact(**{"number": None, "first_name": "Ann", "last_name": "Martin"} | facts) for facts in (one, two)]
    other = make_contact(None, first_name="Ben", last_name="Martin")
    names = telling.names([*people, other])
    assert [names[person.pk] for person in people] == [f"Ann Martin ({mark})" for mark in marks]
    assert names[other.pk] == "Ben Martin"


def test_capitals_and_accents_tell_nobody_apart():
    people = [make_contact(None, first_name=first, last_name=last, email=f"{first}@example.org") for first, last in (("Zoé", "Martin"), ("Zoe", "MARTIN"))]
    assert telling.names(people) == {person.pk: f"{person.name} ({person.email.lower()})" for person in people}


def test_where_nothing_differs_the_page_does():
    people = [make_contact(None, first_name="Ann", last_name="Martin") for _n in range(2)]
    assert telling.names(people) == {person.pk: f"Ann Martin (contact {person.pk})" for person in people}
