"""All forms about contacts speak the house's sentences, and no name in them turns the text around it."""

import importlib
import pkgutil
from typing import Any

import pytest
from django import forms
from django.core import validators
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import QueryDict
from django.urls import reverse
from django.utils import translation

import contacts.forms
from contacts import custom_values
from contacts.forms.custom import ValueField
from contacts.importing import cells
from contacts.models import Activity, Contact, Group
from contacts.services import consent
from contacts.tests.factories import make_contact
from smsapp.common.forms import HouseForm

pytestmark = pytest.mark.django_db
for _found in pkgutil.iter_modules(contacts.forms.__path__):
    importlib.import_module(f"contacts.forms.{_found.name}")


def kinds_of(kind: type) -> set[type]:
    return {kind, *(deeper for sub in kind.__subclasses__() for deeper in kinds_of(sub))}


FORMS = sorted((kind for kind in kinds_of(forms.BaseForm) if kind.__module__.startswith("contacts.forms")), key=lambda kind: kind.__qualname__)
BAD = ["", "\0", "x" * 6_000, "2026-02-31", "-7", "99999999999999999999", "1.5"]


def django_sentences() -> set[str]:
    own: list[Any] = [
        sentence for kind in kinds_of(forms.Field) if kind.__module__.startswith("django.") for sentence in getattr(kind, "default_error_messages", {}).values()
    ]
    checks = [kind for kind in vars(validators).values() if isinstance(kind, type) and isinstance(getattr(kind, "message", None), object)]
    return {str(sentence).partition("%")[0] for sentence in [*own, *(getattr(kind, "message", "") for kind in checks)] if len(str(sentence)) > 3} - {""}


def made(kind: type) -> type[forms.BaseForm]:
    """The form's fields without what its own __init__ asks for."""
    return type("Walked", (kind,), {"__init__": lambda self, data: forms.BaseForm.__init__(self, data) if issubclass(kind, forms.Form) else
                                    forms.models.BaseModelForm.__init__(self, data)})  # fmt: skip


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__qualname__)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_field_answers_with_a_sentence_of_django(kind, language):
    assert issubclass(kind, HouseForm)
    with translation.override(language):
        frameworks = django_sentences()
        for bad in BAD:
            names = list(kind.base_fields)
            form = made(kind)(dict.fromkeys(names, bad))
            for name, field in form.fields.items():
                assert not isinstance(field, ValueField)
                HouseForm.teach(form)
                try:
                    field.clean(bad)
                except forms.ValidationError as problem:
                    for sentence in problem.messages:
                        assert not any(sentence.startswith(theirs) for theirs in frameworks), (name, sentence)


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__qualname__)
def test_every_text_that_must_be_written_says_what_to_write(kind):
    for name, field in kind.base_fields.items():
        if field.required and isinstance(field, (forms.CharField, forms.DateField)) and not field.widget.is_hidden:
            form = made(kind)({})
            HouseForm.teach(form)
            assert str(form.fields[name].error_messages["required"]) not in {"Fill this in.", "This field is required."}, name


def test_a_group_without_a_name_is_told_to_have_one(client_for):
    page = client_for("author").post(reverse("contacts:group_create"), {"name": " "}).content.decode()
    assert "Write the name of the group." in page and "This field is required" not in page


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
