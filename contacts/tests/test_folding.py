"""Names without accents and case: the database and Python agree, and people are found however they are typed."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.filters import search
from contacts.models import Contact, PhoneNumber
from contacts.models.folding import ACCENTED, PLAIN, fold
from contacts.tests.factories import add_number, make_contact

pytestmark = pytest.mark.django_db

LETTERS = st.text(alphabet=st.sampled_from([*ACCENTED, *ACCENTED.lower(), *"œŒæÆßabzABZ '-’"]), max_size=30)


def test_each_letter_has_its_plain_one():
    assert len(ACCENTED) == len(PLAIN)
    assert PLAIN.isascii()


@given(LETTERS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_folds_as_python_does(text):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contacts_contact")
    Contact.objects.create(last_name=text, first_name="")
    assert Contact.objects.values_list("sort_name", flat=True).get() == (fold(f"{text} ") if text else "")


@pytest.mark.parametrize(("name", "typed"), [("Inès", "ines"), ("Zoë Müller", "MULLER zoe"), ("Cœur", "coeur"), ("O’Neill", "o'neill"), ("Łukasz", "lukasz")])
def test_people_are_found_without_accents(name, typed):
    make_contact(first_name=name, last_name="")
    make_contact("+33639980002", first_name="Somebody", last_name="Else")
    assert [contact.first_name for contact in search(Contact.objects.all(), typed)] == [name]


def test_the_list_sorts_accents_among_their_letters():
    for name in ("Zola", "Élodie", "Dupont", "Faure"):
        make_contact(None, last_name=name, first_name="")
    assert list(Contact.objects.order_by("sort_name").values_list("last_name", flat=True)) == ["Dupont", "Élodie", "Faure", "Zola"]


def test_the_migration_tells_the_lines_of_numbers_that_were_there():
    contact = make_contact("+33639980001")
    add_number(contact, "+881612345678", kind="mobile")
    make_contact("+33142685300", kind="landline")
    PhoneNumber.objects.update(line="unknown", country="", textable=False)
    Contact.objects.update(sms_number=None, sms_country="", reach=0)
    import_module("contacts.migrations.0004_tell_lines_of_numbers").tell(apps, connection.schema_editor())
    told = PhoneNumber.objects.order_by("number").values_list("number", "line", "country", "textable")
    assert list(told) == [
        ("+33142685300", "fixed", "FR", False),
        ("+33639980001", "mobile", "FR", True),
        ("+881612345678", "satellite", "", False),
    ]
    assert list(Contact.objects.order_by("id").values_list("sms_number", "sms_country", "reach")) == [("+33639980001", "FR", 3), (None, "", 1)]


@pytest.mark.parametrize(
    ("facts", "sorted_as"),
    [
        ({"last_name": "Éluard", "first_name": "Paul", "organisation": "Zoo"}, "ELUARD PAUL"), ({"first_name": "Zoë"}, "ZOE"),
        ({"last_name": "Aubert"}, "AUBERT "), ({"organisation": "Œuvre & Cie", "email": "a@example.org"}, "OEUVRE & CIE"),
        ({"email": "mia@example.org"}, "MIA@EXAMPLE.ORG"), ({}, "+33639980001"),
    ],
)  # fmt: skip
def test_people_stand_where_what_the_list_calls_them_belongs(facts, sorted_as):
    make_contact("+33639980001", **{"first_name": "", "last_name": ""} | facts)
    assert Contact.objects.get().sort_name == sorted_as


def test_somebody_without_a_last_name_is_not_first_in_the_list(client_for):
    for facts in ({"last_name": "Martin", "first_name": "Léa"}, {"first_name": "Noé"}, {"organisation": "Atelier"}, {"email": "karim@example.org"}, {"last_name": "Zola"}):
        make_contact(None, **{"first_name": "", "last_name": ""} | facts)
    page = client_for("viewer").get("/contacts/").context["page"]
    assert [contact.list_name for contact in page] == ["Atelier", "karim@example.org", "Martin, Léa", "Noé", "Zola"]


@pytest.mark.parametrize("q", ["Martin, Léa", "lea martin", "Martin"])
def test_a_name_as_the_list_writes_it_is_found(q):
    make_contact(first_name="Léa", last_name="Martin")
    assert search(Contact.objects.all(), q).count() == 1


@pytest.mark.parametrize("changed", [{"organisation": "Later"}, {"email": "later@example.org"}, {"last_name": "Later"}])
def test_the_place_in_the_list_follows_what_is_changed(changed):
    contact = make_contact("+33639980001", first_name="", last_name="")
    Contact.objects.filter(pk=contact.pk).update(**changed)
    assert Contact.objects.get().sort_name.startswith("LATER")


def test_the_longest_names_and_addresses_have_room():
    make_contact(None, first_name="œ" * 100, last_name="ß" * 100)
    make_contact(None, first_name="", last_name="", organisation="æ" * 150)
    make_contact(None, first_name="", last_name="", email="a@" + "ß" * 252)
    assert Contact.objects.count() == 3
