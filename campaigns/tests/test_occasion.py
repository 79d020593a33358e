"""Tokens of the occasion (organisation, mailing, sender) and of the number, in every text that leaves."""

import uuid
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from campaigns import vocabulary
from campaigns.composing import readers, showing
from campaigns.composing.showing import Place
from campaigns.models import Campaign, Message
from campaigns.pipeline import planning, writing
from campaigns.pipeline.prepare import prepare
from campaigns.plans import Plan
from campaigns.services import mailings, test_send
from campaigns.services.errors import CampaignError
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion, Vocabulary
from contacts.services import numbers
from contacts.tests.factories import make_contact, make_group
from providers.segments import price
from smsapp.common.models import Organisation

pytestmark = pytest.mark.django_db
TEXT = "{organisation.name} {organisation.phone|-} {mailing.name} {mailing.campaign|none} {sender.name} {sender.number}"
NIGHT = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)  # the 25th in Paris


@pytest.fixture
def us(db):
    return Organisation.objects.update_or_create(id=1, defaults={"name": "Red Cross", "phone": "", "time_zone": "Europe/Paris", "language": "fr"})[0]


def texts(mailing):
    return set(Message.objects.filter(mailing=mailing).values_list("text", flat=True))


def test_a_mailing_fills_them_in(us, user_for):
    mailing = make_ready(make_people(2), text=TEXT, name="Gala", author=user_for("author", last_name="Moe"), campaign=Campaign.objects.create(name="Winter"))
    assert texts(mailing) == {"Red Cross - Gala Winter Author Moe 36111"}
    draft = make_mailing(make_people(1), text=TEXT, name="Gala", author=mailing.author, campaign=mailing.campaign)
    assert {showing.show(readers.kept(row), Texts.of(row), Place()).text for row in (mailing, draft)} == texts(mailing)


def test_what_is_the_same_for_all_is_rendered_and_measured_once(us, monkeypatch):
    measured = []
    monkeypatch.setattr(writing, "price", lambda text: measured.append(text) or price(text))
    make_ready(make_people(5), text="{organisation.name} {mailing.date}")
    assert len(measured) == 1


def test_values_of_the_occasion_that_look_like_tokens_stay_text(us):
    Organisation.objects.update(name="{contact.first_name} %s {0}")
    mailing = make_ready(make_people(1, first_name="Ana"), text="{organisation.name} {contact.first_name|x}")
    assert texts(mailing) == {"{contact.first_name} %s {0} Ana"}


def test_a_mailing_without_author_and_campaign_leaves_them_empty(us):
    mailing = make_ready(make_people(1), text="[{sender.name|us}{mailing.campaign}]", author=None)
    assert texts(mailing) == {"[us]"}


def test_number_and_country_of_each_person(us):
    people = make_contact(fictional(1), language="en"), make_contact("+447700900143")  # the other one reads the organisation's language
    mailing = make_ready(make_group(*people), text="{contact.number} {contact.country}")
    assert texts(mailing) == {"+33639980001 France", "+447700900143 Royaume-Uni"}


def test_blank_names_get_the_fallback_and_the_plan_counts_them(us):
    people = make_contact(fictional(1), first_name="Ana"), make_contact(fictional(2), first_name=" \n"), make_contact(fictional(3), first_name="")
    mailing = make_ready(make_group(*people), text="Hi {contact.first_name|you}. STOP")
    assert texts(mailing) == {"Hi Ana. STOP", "Hi you. STOP"}
    assert planning.without(mailing, "contact.first_name").count() == 0
    bare = make_ready(make_group(*people), text="Hi {contact.first_name}. STOP")
    assert planning.without(bare, "contact.first_name").count() == Plan.read(bare.plan).empty["contact.first_name"] == 2


@pytest.mark.parametrize(("name", "people"), [("organisation.phone", 2), ("organisation.name", 0), ("sender.name", 2), ("contact.number", 0), ("contact.country", 0), ("contact.x", 0)])
def test_the_plan_says_what_nobody_has(us, name, people):
    mailing = make_ready(make_people(2), text="Hi {organisation.phone}{sender.name}")
    assert planning.without(mailing, name).count() == people


def test_a_one_off_names_the_number_that_is_texted(us, client_for):
    person = make_contact(fictional(1))
    numbers.replace(person, [(fictional(1), "mobile", True), (fictional(2), "mobile", False)])
    rows = list(person.numbers.order_by("number"))
    origin = f"{make_provider().pk}:36111"
    data = {"key": str(uuid.uuid4()), "origin": origin, "subject": "Card", "text": f"{TEXT} {{contact.number}}", "to": [row.pk for row in rows]}
    client_for("staff", last_name="Moe").post("/sms/send/", data)
    assert set(Message.objects.values_list("number", "text")) == {
        (fictional(1), f"Red Cross - Card none Staff Moe 36111 {fictional(1)}"),
        (fictional(2), f"Red Cross - Card none Staff Moe 36111 {fictional(2)}"),
    }


def test_the_counter_fills_in_what_is_known_before_anybody_is_chosen(us, client_for):
    Organisation.objects.update(name="x" * 100)
    answer = client_for("staff").post("/sms/count/", {"text": "{organisation.name}{organisation.name}"}).content.decode()
    assert "2 segments" in answer


def test_a_test_text_is_filled_in_like_the_mailing_it_tries(us):
    mailing = make_mailing(make_people(1), text=TEXT, name="Gala")
    trial = test_send.Trial(Texts.of(mailing), mailing.provider, "36111", 1, mailing)
    assert trial.shown_to(None).text == "Red Cross - Gala none  36111"


def test_a_test_of_a_template_names_who_tries_it(us, user_for):
    trial = test_send.Trial(Texts("{sender.first_name} {sender.number} {organisation.name}"), make_provider(), "36111", 1, author=user_for("author"))
    assert trial.shown_to(make_contact()).text == "Author 36111 Red Cross"


def test_the_picker_offers_them(us, client_for):
    page = client_for("author").get(f"/sms/mailings/{make_mailing(make_group()).pk}/content/").content.decode()
    for name in ("organisation.website", "mailing.date", "sender.first_name", "contact.country"):
        assert f'data-token="{{{name}}}"' in page


def test_tokens_of_the_person_only_cost_no_query(us, django_assert_num_queries):
    mailing = make_mailing(make_people(1))
    with django_assert_num_queries(0):
        Vocabulary.of("{contact.first_name} {contact.number} {mailing.name}", Occasion.of(mailing))
        assert vocabulary.check("{mailing.name} {sender.name}") == []


# --- the day of sending ---


def test_the_day_is_that_of_the_organisation(us):
    assert Occasion(at=NIGHT).day.isoformat() == "2026-11-25"
    Organisation.objects.update(time_zone="America/New_York")
    assert Occasion(at=NIGHT).day.isoformat() == "2026-11-24"


def test_a_text_that_names_its_day_goes_on_that_day_only(us):
    with time_machine.travel(NIGHT, tick=False):
        mailing = make_ready(make_people(1), text="Today, {mailing.date}")
        assert texts(mailing) == {"Today, 25/11/2026"}
        with pytest.raises(CampaignError) as problem:
            mailings.confirm(mailing, None, NIGHT + timedelta(days=1))
        assert problem.value.code == "other_day"
        assert "The texts say 25/11/2026 for {mailing.date}, but would go on 26/11/2026." in problem.value.message
        assert mailings.confirm(mailing, None, NIGHT + timedelta(hours=10)).status == "scheduled"


def test_a_plan_of_yesterday_is_not_sent_with_its_day(us):
    with time_machine.travel(NIGHT, tick=False):
        mailing, other = make_ready(make_people(1), text="{mailing.date}"), make_ready(make_group(make_contact(fictional(5))), text="No day")
    with time_machine.travel(NIGHT + timedelta(days=1), tick=False):
        with pytest.raises(CampaignError, match="would go on 26/11/2026"):
            mailings.confirm(mailing, None)
        assert mailings.confirm(other, None).status == "sending"
        mailings.take_back(mailing, None)
        prepare(mailings.prepare(mailing, None).id)
        mailing.refresh_from_db()
        assert texts(mailing) == {"26/11/2026"}
        assert mailings.confirm(mailing, None).status == "sending"
