"""Each person reads the text of their language: mailings, one-off texts and tests."""

import uuid

import pytest

from campaigns.models import Exclusion, Message
from campaigns.pipeline.writing import Writer
from campaigns.services import mailings, quick_send
from campaigns.services.errors import CampaignError
from campaigns.tests.factories import fictional, make_mailing, make_provider, make_ready
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
FRENCH = {"fr": "Bonjour {contact.first_name|à vous}"}


def people(*languages):
    """One of each, called by their language."""
    return make_group(*[make_contact(fictional(index), first_name=f"P-{code}", language=code) for index, code in enumerate(languages)])


def texts_of(mailing):
    return dict(Message.objects.filter(mailing=mailing).order_by("contact_id").values_list("contact__language", "text"))


def test_a_preparation_writes_to_each_in_their_language():
    mailing = make_ready(people("fr", "en", ""), text="Hello {contact.first_name}", language="en", translations=FRENCH)
    assert texts_of(mailing) == {"fr": "Bonjour P-fr", "en": "Hello P-en", "": "Hello P-"}


def test_a_language_without_a_text_reads_the_first_one():
    mailing = make_ready(people("fr", "en"), text="Bonjour", language="fr", translations={})
    assert texts_of(mailing) == {"fr": "Bonjour", "en": "Bonjour"}


def test_an_empty_translation_is_none():
    mailing = make_ready(people("fr"), text="Hello", translations={"fr": "  "})
    assert texts_of(mailing) == {"fr": "Hello"}


def test_tokens_are_read_for_each_text():
    """The French text asks for what the English one does not."""
    mailing = make_ready(people("fr", "en"), text="Hello", translations={"fr": "Bonjour {contact.last_name} {contact.country}"})
    found = texts_of(mailing)
    assert found["en"] == "Hello" and found["fr"].startswith("Bonjour Aubert") and found["fr"].endswith("France")


def test_each_is_measured_in_their_own_text():
    mailing = make_ready(people("fr", "en"), text="Hello", translations={"fr": "ê" * 71}, max_segments=1)
    assert texts_of(mailing) == {"en": "Hello"}
    assert Exclusion.objects.get(mailing=mailing).reason == "too_long"
    mailing = make_ready(people_again(), text="Hello", translations={"fr": "ê" * 71}, max_segments=2)
    assert dict(Message.objects.filter(mailing=mailing).values_list("contact__language", "segments")) == {"fr": 2, "en": 1}


def people_again():
    return make_group(make_contact(fictional(8), language="fr"), make_contact(fictional(9), language="en"))


def test_the_language_is_read_only_where_there_is_a_choice():
    assert Writer.of(Texts("Hello {contact.first_name}", "en"), Occasion()).fields == ("first_name",)
    assert Writer.of(Texts("Hello", "en"), Occasion()).fields == ()
    assert Writer.of(Texts("Hello", "en", {"fr": "Bonjour {contact.first_name}"}), Occasion()).fields == ("language", "first_name")


def test_unknown_tokens_of_any_language_stop_a_preparation():
    mailing = make_mailing(people("fr"), text="Hello", translations={"fr": "Bonjour {contact.frist_name}"})
    with pytest.raises(CampaignError, match="frist_name"):
        mailings.prepare(mailing, None)


def send(texts, *contacts, **changes):
    facts = {"author": None, "provider": make_provider(), "sender": "36111", "subject": "Hi", "key": str(uuid.uuid4())}
    return quick_send.queue(texts=texts, recipients=[(each.pk, each.sms_number) for each in contacts], **{**facts, **changes})


def test_one_off_texts_speak_each_ones_language():
    camille, ben = make_contact(fictional(1), first_name="Camille", language="fr"), make_contact(fictional(2), first_name="Ben", language="de")
    rows = send(Texts("Hello {contact.first_name}", "en", FRENCH), camille, ben)
    assert [row.text for row in rows] == ["Bonjour Camille", "Hello Ben"]


def test_unknown_tokens_of_any_language_stop_a_one_off():
    with pytest.raises(CampaignError, match="frist_name"):
        send(Texts("Hello", "en", {"fr": "{contact.frist_name}"}), make_contact())
    with pytest.raises(CampaignError, match="Write the text"):
        send(Texts(" ", "en", {"fr": "Bonjour"}), make_contact())
