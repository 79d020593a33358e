"""Templates keep every text that was saved; texts that were made from them keep pointing at theirs."""

import pytest

from campaigns.models import SmsTemplate
from campaigns.services import copies, mailings, templates
from campaigns.services.errors import CampaignError
from campaigns.tests.factories import make_mailing, make_people, make_template
from campaigns.texts import Texts

pytestmark = pytest.mark.django_db


def said(template: SmsTemplate) -> list[tuple[int, str]]:
    return list(template.versions.values_list("number", "text"))


def test_another_text_makes_another_version():
    template = make_template("One")
    template = templates.change(template, None, texts=Texts("Two"), version=1)
    assert (template.version, said(template)) == (2, [(2, "Two"), (1, "One")])


def test_other_settings_make_no_version():
    template = templates.change(make_template("One"), None, texts=Texts("One"), max_segments=3)
    assert (template.max_segments, said(template)) == (3, [(1, "One")])


def test_another_translation_makes_another_version():
    template = templates.change(make_template("One"), None, texts=Texts("One", "en", {"fr": "Un"}))
    assert template.versions.get(number=2).translations == {"fr": "Un"}


def test_two_editors_are_told_of_each_other():
    template = make_template("One")
    templates.change(template, None, texts=Texts("Two"), version=1)
    with pytest.raises(CampaignError, match="Somebody saved another text"):
        templates.change(template, None, texts=Texts("Three"), version=1)
    assert said(template) == [(2, "Two"), (1, "One")]


@pytest.mark.parametrize("name", ["Reminder", "  reminder ", "REMINDER"])
def test_a_name_is_taken_in_any_spelling(name):
    make_template(name="Reminder")
    with pytest.raises(CampaignError, match="already"):
        make_template(name=name)


def test_a_name_in_the_archive_is_taken_too():
    templates.archive(make_template(name="Reminder"), None)
    with pytest.raises(CampaignError, match="The archive has"):
        make_template(name="Reminder")


def test_a_template_keeps_its_own_name():
    template = make_template(name="Reminder")
    assert templates.change(template, None, name="reminder").name == "reminder"


def test_a_mailing_keeps_the_version_that_it_used():
    template, draft = make_template("One"), make_mailing(make_people(1))
    facts = {"provider": draft.provider, "sender": draft.sender, "template": template, "by": None}
    draft = mailings.save_content(draft, version=draft.version, texts=Texts("One"), **facts)
    templates.change(template, None, texts=Texts("Two"))
    draft = mailings.save_content(draft, version=draft.version, texts=Texts("One, more or less"), **facts)
    assert draft.template_version.number == 1
    assert copies.copy(draft, None).template_version.number == 1
    draft = mailings.save_content(draft, version=draft.version, texts=Texts("Two"), **facts)
    assert draft.template_version.number == 2
    draft = mailings.save_content(draft, version=draft.version, texts=Texts("Two"), **{**facts, "template": None})
    assert draft.template_version is None


def test_who_has_another_language_reads_the_fallback():
    texts = Texts("Hello", "en", {"fr": "Bonjour"})
    assert [texts.said_to(language) for language in ("en", "fr", "de", "")] == ["Hello", "Bonjour", "Hello", "Hello"]
