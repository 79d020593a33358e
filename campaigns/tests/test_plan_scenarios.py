"""From the plan to the last text: its numbers are the rows, the people behind them, and what is sent."""

from collections import Counter
from decimal import Decimal
from random import Random

import pytest

from campaigns.models import Exclusion, Message
from campaigns.plans import Plan
from campaigns.services import figures, mailings
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_people, make_provider, make_ready
from campaigns.tests.working import send_all
from campaigns.views import narrowing
from contacts.models import Activity
from contacts.tests.factories import make_contact, make_group
from providers import segments

SHARES = ("by_segments", "by_encoding", "by_country", "by_language")
NAMES = ("Ana", "Zoê", "B" * 60, "Ж" * 40, "", " ", "L" * 100, "{contact.last_name}")
TRAITS = ({}, {}, {}, {"opted_out": True}, {"deceased": True}, {"language": "fr"}, {"language": "fr", "last_name": ""}, {"language": "de"})
TEXT = "Hello {contact.first_name} {contact.last_name|friend}, see you on Thursday at 18:00. STOP 36111"


def make_crowd(seed, size=40):
    """People of all sorts: abroad, without a number, with somebody else's, who want nothing, with long and dear names."""
    chance = Random(seed)
    numbers = [*map(fictional, range(size)), *(f"+4477009000{n:02d}" for n in range(10)), *[None] * 6]
    return [make_contact(chance.choice(numbers), first_name=chance.choice(NAMES), **chance.choice(TRAITS)) for _person in range(size)]


def people_behind(mailing, **asked):
    texts, _words = narrowing.narrow(Message.objects.filter(mailing=mailing), mailing, asked)
    return texts.count()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(8))
def test_whoever_there_is_the_plan_says_what_the_rows_say(seed):
    crowd = make_crowd(seed)
    provider = make_provider(allowed_countries=["FR"] if seed % 2 else [])
    mailing = make_ready(make_group(*crowd), provider=provider, max_segments=1 + seed % 3, text=TEXT, translations={"fr": "Salut {contact.first_name}, à jeudi. STOP 36111"})
    plan, texts = Plan.read(mailing.plan), list(Message.objects.filter(mailing=mailing))
    left_out = dict(Exclusion.objects.filter(mailing=mailing).values_list("contact_id", "reason"))

    assert {text.contact_id for text in texts} | set(left_out) == {person.pk for person in crowd}
    assert not {text.contact_id for text in texts} & set(left_out)
    assert (plan.recipients, plan.segments, plan.chosen) == (len(texts), sum(text.segments for text in texts), len(crowd))
    assert plan.excluded == Counter(left_out.values())
    assert all(text.segments == segments.measure(text.text).segments <= mailing.max_segments for text in texts)
    for kind in SHARES:
        shares = getattr(plan, kind)
        assert (sum(each.texts for each in shares.values()), sum(each.segments for each in shares.values())) == (plan.recipients, plan.segments)
        for name, share in shares.items():
            assert people_behind(mailing, **{kind.removeprefix("by_"): name or "none"}) == share.texts
    for token, people in plan.empty.items():
        assert people_behind(mailing, empty=token) == people
    by_size = sorted((len(text.text), segments.measure(text.text).units) for text in texts)
    assert plan.longest.length in {units for size, units in by_size if size == by_size[-1][0]}
    assert plan.shortest.length in {units for size, units in by_size if size == by_size[0][0]}
    assert plan.dearest.segments == max(text.segments for text in texts)


@pytest.mark.django_db
def test_the_tables_of_a_plan_lead_to_lists_of_as_many_people(client_for):
    mailing, client = make_ready(make_group(*make_crowd(3)), max_segments=3, text=TEXT), client_for("viewer")
    for reason, people in Plan.read(mailing.plan).excluded.items():
        page = client.get(f"/sms/mailings/{mailing.pk}/left-out/?reason={reason}").content.decode()
        assert page.count('<th scope="row">') == people


@pytest.mark.long
@pytest.mark.django_db(transaction=True)
def test_a_text_too_long_for_3_of_1000_goes_to_the_other_997_as_planned(gateway, client_for):
    text = "Hello {contact.first_name|friend}, see you on Thursday at our open evening, from 18:00 on. STOP 36111"
    assert segments.measure(text).segments == 1
    crowd = make_people(997, first_name="Al")
    long = [make_contact(fictional(2000 + n), first_name="L" * 99, last_name=f"Lefort{n}") for n in range(3)]
    mailing = make_ready(crowd, make_group(*long), text=text, max_segments=1, provider=make_provider(price_per_segment="0.05", rate=1000))

    page = client_for("marketer").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
    assert "The text is too long for 3 people" in page and "Send 997 texts" in page
    assert all(f"Lefort{n}</a>" in page for n in range(3))

    send_all(mailings.confirm(mailing, None))
    mailing.refresh_from_db()
    planned, actual = Plan.read(mailing.planned), figures.of(mailing)
    assert mailing.status == MailingStatus.FINISHED
    assert (planned.recipients, planned.segments) == (actual.sent, actual.charged_segments) == (997, 997)
    assert figures.cost_of(mailing, actual.charged_segments) == (planned.cost, "EUR") == (Decimal("49.85"), "EUR")
    assert planned.excluded == actual.excluded == {"too_long": 3}
    assert sum(gateway.calls.values()) == len(gateway.calls) == 997
    assert not gateway.calls.keys() & {fictional(2000 + n) for n in range(3)}
    assert Activity.objects.filter(kind=Activity.Kind.SMS_SENT, contact__in=long).count() == 0
    why = client_for("marketer").get(f"/sms/mailings/{mailing.pk}/why/?contact={long[0].pk}").content.decode()
    assert "too long" in why.lower()


@pytest.mark.django_db(transaction=True)
def test_what_was_confirmed_stays_whatever_comes_of_it(gateway):
    crowd = [make_contact(fictional(n)) for n in range(4)]
    mailing = mailings.confirm(make_ready(make_group(*crowd)), None)
    crowd[0].opted_out = True
    crowd[0].save()
    send_all(mailing)
    planned, actual = Plan.read(mailing.planned), figures.of(mailing)
    assert (planned.recipients, actual.sent, actual.skipped) == (4, 3, 1)
    assert Message.objects.get(mailing=mailing, contact=crowd[0]).status == MessageStatus.SKIPPED
