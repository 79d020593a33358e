"""Why a smart group was not refreshed, and why many people were not moved: each reader is told in their own language, whatever the worker's."""

import html

import pytest
from django.urls import reverse
from django.utils import translation

from contacts.models import CustomField, Group
from contacts.services import many, smart_groups
from contacts.smart import refresh
from contacts.smart.criteria import Catalogue
from contacts.smart.patience import TookTooLong
from contacts.tests.factories import make_group
from smsapp.common import sentences

pytestmark = pytest.mark.django_db


@pytest.fixture
def read(client_for, user_for):
    """`read(group, language)` → the group's page in it."""
    client = client_for("author")
    type(user_for("author")).objects.update(language="")

    def page(group, language):
        answer = client.get(reverse("contacts:group", args=[group.pk]), headers={"accept-language": language})
        return html.unescape(answer.content.decode()).replace("\xa0", " ").replace("\u202f", " ")

    return page


@pytest.mark.parametrize("worker", ["en", "fr"])
def test_a_refresh_that_failed(read, worker):
    group = smart_groups.save(None, name="Old", tree={"q": "age", "test": "is", "value": 30})
    Group.objects.update(rules={"q": "age", "test": "is", "value": 300})  # as an older version may have taken it
    with translation.override(worker):
        refresh.work_on_due()
    assert "Rule 1: Age: Write a number from 0 to 150." in read(group, "en")
    assert "Règle 1 : Âge : Écrivez un nombre de 0 à 150." in read(group, "fr")
    smart_groups.save(group, tree={"q": "age", "test": "is", "value": 30})
    refresh.work_on_due()
    group.refresh_from_db()
    assert (group.state, group.trouble) == (Group.State.FRESH, "")


@pytest.mark.parametrize(
    ("fault", "english", "french"),
    [(TookTooLong, "It took longer than 10 minutes.", "plus de 10 minutes"), (RuntimeError, "It met a fault of the console", "Une erreur de la console")],
)
def test_a_change_that_failed(read, monkeypatch, user_for, fault, english, french):
    group = make_group()
    change = many.start([("all", "1")], author=user_for("author"), adding=True, group=group)

    def broken(*args, **options):
        raise fault

    monkeypatch.setattr(many.groups, "add_members", broken)
    many.work(change.pk)
    assert english in read(group, "en") and french in read(group, "fr")


def test_what_was_kept_before_keeps_its_words(read):
    group = smart_groups.save(None, name="Old", tree={"q": "age", "test": "is", "value": 30})
    Group.objects.update(state="failed", problem="Trop long.")
    assert "Trop long." in read(group, "en")


def test_questions_are_named_in_every_language():
    """Their labels are kept in English and said anew: no reader of French meets an English one."""
    CustomField.objects.create(key="level", label="Niveau", type="text")
    for question in Catalogue():
        kept = sentences.as_json(sentences.of(question.label))
        with translation.override("en"):
            english = str(question.label)
        with translation.override("fr"):
            assert (sentences.retold(kept) == english) == (str(question.label) == english), english
