"""A text of nothing but tokens is empty for people without a value: it is never promised, and never reaches a gateway."""

import pytest

from campaigns import decisions
from campaigns.models import Exclusion, Message
from campaigns.plans import Plan
from campaigns.services import test_send
from campaigns.services.errors import CampaignError
from campaigns.tests.factories import fictional, make_provider, make_ready
from campaigns.tests.test_views_one_off import form, number_of
from campaigns.tests.trying import NEW, ONE, draft
from campaigns.tests.trying import form as try_form
from campaigns.tests.writing import body
from contacts.tests.factories import make_contact, make_field, make_group

pytestmark = pytest.mark.django_db
ORGANISATION = "{contact.organisation}"


@pytest.fixture
def two():
    """One visited nine times, nobody knows how often the other one, who has blanks there."""
    make_field("visits")
    return make_contact(fictional(1), custom={"visits": "9"}), make_contact(fictional(2), last_name="Lefort", custom={"visits": " \u00a0"})


@pytest.fixture
def mailing(two):
    return make_ready(make_group(*two), text=" {contact.custom.visits}\n")


def test_who_would_read_nothing_is_left_out_with_a_reason(mailing, two):
    assert list(Message.objects.values_list("contact_id", flat=True)) == [two[0].pk]
    assert list(Exclusion.objects.values_list("contact_id", "reason")) == [(two[1].pk, "empty_text")]
    plan = Plan.read(mailing.plan)
    assert (plan.recipients, plan.by_segments.keys(), plan.excluded, plan.empty_text) == (1, {"1"}, {"empty_text": 1}, [two[1].pk])


def test_the_plan_names_them_the_token_and_the_cure(mailing, client_for):
    page = client_for("marketer").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
    assert "The text would be empty for 1 person" in page and "there is nothing for {contact.custom.visits}." in page and "Write behind a bar" in page
    assert "reason=empty_text" in page and "Empty for:" in page and "Lefort</a>" in page and "Send 1 text" in page


def test_list_and_why_say_it(mailing, two, client_for):
    client = client_for("author")
    assert "Lefort" in client.get(f"/sms/mailings/{mailing.pk}/left-out/?reason=empty_text").content.decode()
    found = decisions.decide(mailing, two[1])
    assert "The text would be empty" in str(found.title) and "consists of tokens" in str(found.meaning) and "behind a bar" in str(found.remedy)


def test_empty_for_everybody_keeps_it_from_being_sent(client_for):
    mailing = make_ready(make_group(make_contact(fictional(1))), text=ORGANISATION)
    assert "The text would be empty for everybody. Add words in step 2" in client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()


def test_a_fallback_or_a_word_is_enough():
    group = make_group(make_contact(fictional(1)))
    for text in ("{contact.organisation|friend}", "{contact.organisation}!"):
        assert Plan.read(make_ready(group, text=text).plan).recipients == 1


def test_a_one_off_is_refused_in_the_form(client_for):
    person, client, provider = make_contact(fictional(1), first_name="Zoë", last_name="Roux"), client_for("staff"), make_provider()
    page = body(client.post("/sms/send/", form(provider, number_of(person), text=ORGANISATION)))
    assert "For Zoë Roux the text would be empty: there is nothing for {contact.organisation}. Write behind a bar" in page
    assert not Message.objects.exists()


def test_a_test_is_refused_in_the_form(client_for):
    page = body(client_for("author").post(NEW, try_form(draft(text=ORGANISATION, translations={}), ONE)))
    assert "the text would be empty: there is nothing for {contact.organisation}. Write behind a bar" in page
    assert not Message.objects.exists()


def test_blanks_do_not_try_a_provider():
    with pytest.raises(CampaignError, match="Write the text first"):
        test_send.send(make_provider(), ONE, " \n ", None, key="k")
