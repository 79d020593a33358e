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
    assert Contact.objects.values_list("sort_name", flat=True).get() == fold(f"{text} ")


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
