"""What single forms about contacts say, and that no name in them turns the text around it."""

import pytest
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.urls import reverse

import contacts.forms
from contacts import custom_values
from contacts.forms.custom import ValueField
from contacts.importing import cells
from contacts.models import Activity, Contact, Group
from contacts.services import consent
from contacts.tests.factories import make_contact
from smsapp.common.forms import HouseForm
from smsapp.testing.form_sentences import forms_of

pytestmark = pytest.mark.django_db


def test_a_group_without_a_name_is_told_to_have_one(client_for):
    page = client_for("author").post(reverse("contacts:group_create"), {"name": " "}).content.decode()
    assert "Write the name of the group." in page and "This field is required" not in page


def test_a_field_of_a_custom_value_comes_with_its_form_only():
    assert not any(isinstance(field, ValueField) for kind in forms_of(contacts.forms) for field in kind.base_fields.values())


HOSTILE = "Ann\u202egnirts\u202c \u2066iso\u2069"


def test_signs_that_turn_the_text_are_taken_out_of_what_is_typed(client_for):
    client, contact = client_for("marketer"), make_contact()
    client.post(reverse("contacts:create"), {"first_name": HOSTILE, "tags": HOSTILE, "numbers-TOTAL_FORMS": "0", "numbers-INITIAL_FORMS": "0"})
    client.post(reverse("contacts:group_create"), {"name": HOSTILE, "description": HOSTILE})
    client.post(reverse("contacts:note", args=[contact.pk]), {"subject": HOSTILE, "details": HOSTILE})
    new = Contact.objects.order_by("-id")[0]
    assert (new.first_name, new.tags) == ("Anngnirts iso", ["Anngnirts iso"])
    assert Group.objects.get().name == Group.objects.get().description == "Anngnirts iso"
    told = {"direction": "out", "outcome": "reached", "day": "2026-03-01", "hour": "10:00", "subject": HOSTILE, "details": HOSTILE}
    client.post(reverse("contacts:call", args=[contact.pk]), told)
    call = Activity.objects.get(kind="call")
    assert call.subject == call.details == "Anngnirts iso"
    note = Activity.objects.get(kind="note")
    assert note.subject == note.details == "Anngnirts iso"


def test_they_are_taken_out_of_what_is_imported_and_of_custom_values():
    assert cells.told(HOSTILE) == custom_values.clean("text", HOSTILE, choices=[], region="FR") == "Anngnirts iso"


def test_many_values_of_one_name_are_all_kept():
    class Many(HouseForm, forms.Form):
        words = forms.MultipleChoiceField(choices=[("a", "a"), ("b", "b")])

    assert Many(QueryDict("words=a%E2%80%AE&words=b")).is_valid()
    form = Many(QueryDict("words=a&words=c"))
    assert form.errors["words"] == ["This is not among the choices, or not any more. Choose another one."] and NON_FIELD_ERRORS not in form.errors


def test_a_period_of_the_ledger_that_ends_before_it_begins_says_so(client_for):
    consent.record(make_contact(), event="opt_out", source="staff")
    client, url = client_for("marketer"), reverse("contacts:ledger")
    assert "so the period ends before it begins" in client.get(url, {"since": "2026-05-02", "until": "2026-05-01"}).content.decode()
    assert "so the period ends" not in client.get(url, {"since": "2026-05-02", "until": "2026-05-02"}).content.decode()
