"""Custom fields in texts: composer, checks, plan, preview, one-off and preparation."""

import uuid

import pytest

from campaigns import vocabulary
from campaigns.composing import readers, showing
from campaigns.composing.showing import Place
from campaigns.models import Message
from campaigns.services import blockers, mailings
from campaigns.services.errors import CampaignError
from campaigns.tests.factories import fictional, make_mailing, make_provider, make_ready
from campaigns.texts import Texts
from contacts.models import CustomField
from contacts.tests.factories import make_contact, make_field, make_group
from smsapp.common.models import Organisation

pytestmark = pytest.mark.django_db
TEXT = "Level {contact.custom.level}, member {contact.custom.member|no}. STOP"


@pytest.fixture
def fields():
    return [make_field("level", "choice", choices=["Gold"]), make_field("member", "yes_no"), make_field("old", archived=True)]


def people():
    return [
        make_contact(fictional(1), language="fr", custom={"level": "Gold", "member": True}),
        make_contact(fictional(2), custom={"level": "Gold", "member": False}),
        make_contact(fictional(3), custom={}),
    ]


def test_a_mailing_renders_them_in_the_language_of_each_person(fields):
    Organisation.objects.update_or_create(id=1, defaults={"language": "fr"})
    mailing = make_ready(make_group(*people()), text=TEXT)
    texts = Message.objects.filter(mailing=mailing).order_by("contact_id").values_list("text", flat=True)
    assert list(texts) == ["Level Gold, member oui. STOP", "Level Gold, member non. STOP", "Level , member no. STOP"]


def test_a_value_that_looks_like_a_token_or_a_script_stays_text(fields):
    make_field("motto")
    person = make_contact(fictional(1), first_name="Ana", custom={"motto": "{contact.first_name} <script>alert(1)</script> %s {0}"})
    mailing = make_ready(make_group(person), text="{contact.custom.motto}")
    assert Message.objects.get(mailing=mailing).text == "{contact.first_name} <script>alert(1)</script> %s {0}"


def test_a_field_that_was_archived_after_the_text_was_checked_is_still_filled_in(fields):
    mailing = mailings.prepare(make_mailing(make_group(*people()), text=TEXT), None)
    CustomField.objects.update(archived=True)
    from campaigns.pipeline.prepare import prepare

    prepare(mailing.id)
    assert "Level Gold" in Message.objects.filter(mailing=mailing).earliest("contact_id").text


def test_texts_without_custom_tokens_cost_no_query(fields, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert vocabulary.Vocabulary.of("Hello {contact.first_name}").custom == ()
        assert vocabulary.check("Hello {contact.first_name}") == []
    with django_assert_num_queries(1):
        assert vocabulary.check(TEXT) == []


def test_unknown_and_archived_fields_block_with_a_suggestion(fields):
    mailing = make_mailing(make_group(*people()), text="{contact.custom.levl} {contact.custom.old}")
    sentences = [sentence for _code, sentence in blockers.missing(mailing)]
    assert "Did you mean {contact.custom.level}?" in sentences[0]
    assert "{contact.custom.old} is not a token." in sentences[1]
    with pytest.raises(CampaignError):
        mailings.prepare(mailing, None)


def test_the_plan_counts_those_who_have_nothing_and_leads_to_them(fields, client_for):
    mailing = make_ready(make_group(*people()), text=TEXT)
    page = client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
    assert "1 person has nothing for {contact.custom.level}" in page
    assert "nothing for {contact.custom.member}" not in page  # it has a fallback
    listed = client_for("author").get(f"/sms/mailings/{mailing.pk}/messages/?empty=contact.custom.level").content.decode()
    assert "+33 6 39 98 00 03" in listed.replace("\u00a0", " ").replace("\u202f", " ")
    assert "00 01" not in listed.replace("\u00a0", " ").replace("\u202f", " ")


def test_the_preview_fills_them_in_and_finds_the_longest(fields):
    make_field("city")
    short, long = make_contact(fictional(1), custom={"city": "Pau"}), make_contact(fictional(2), custom={"city": "Châteauroux"})
    mailing = make_mailing(make_group(short, long), text="{contact.custom.city}")

    def shown(text, show=""):
        return showing.show(readers.kept(mailing), Texts(text), Place(show))

    assert shown(mailing.text).text == "Pau"
    assert shown(mailing.text, "longest").contact == long
    assert shown("{contact.custom.level}").empty == ["contact.custom.level"]


def test_the_picker_offers_active_fields(fields, client_for):
    make_field("html", label="<b>Bold</b>")
    page = client_for("author").get(f"/sms/mailings/{make_mailing(make_group()).pk}/content/").content.decode()
    assert 'data-token="{contact.custom.level}"' in page
    assert "&lt;b&gt;Bold&lt;/b&gt;" in page
    assert "contact.custom.old" not in page


def test_a_one_off_text_renders_them(fields, client_for):
    provider, person = make_provider(), people()[0]
    data = {"key": str(uuid.uuid4()), "origin": f"{provider.pk}:36111", "subject": "Card", "text": TEXT, "to": [person.numbers.get().pk]}
    client_for("staff").post("/sms/send/", data)
    assert Message.objects.get().text == "Level Gold, member oui. STOP"
    data = {**data, "key": str(uuid.uuid4()), "text": "{contact.custom.lvl}"}
    assert "{contact.custom.lvl} is not a token" in client_for("staff").post("/sms/send/", data).content.decode()
    assert Message.objects.count() == 1


def test_the_counter_measures_with_them(fields, client_for):
    person = make_contact(custom={"level": "Gold" * 45})
    answer = client_for("staff").post("/sms/count/", {"readers": "numbers", "text": "{contact.custom.level}", "to": [person.numbers.get().pk]}).content.decode()
    assert "2 segments" in answer
    assert "not a token" in client_for("staff").post("/sms/count/", {"text": "{contact.custom.x}"}).content.decode()
