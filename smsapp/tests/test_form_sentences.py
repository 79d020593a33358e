"""All forms about contacts and texts speak the house's sentences."""

import pytest
from django.utils import translation

import campaigns.forms
import contacts.forms
from smsapp.common.forms import HouseForm
from smsapp.testing.form_sentences import answers, django_sentences, forms_of, silent

pytestmark = pytest.mark.django_db
FORMS = [kind for package in (contacts.forms, campaigns.forms) for kind in forms_of(package)]


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__qualname__)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_field_answers_with_a_sentence_of_django(kind, language):
    assert issubclass(kind, HouseForm)
    with translation.override(language):
        frameworks = tuple(django_sentences())
        assert not [answer for answer in answers(kind) if answer[1].startswith(frameworks)]


@pytest.mark.parametrize("kind", FORMS, ids=lambda kind: kind.__qualname__)
def test_every_text_that_must_be_written_says_what_to_write(kind):
    assert not silent(kind)
