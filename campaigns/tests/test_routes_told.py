"""What pages say of the way that texts take, and what it costs."""

from decimal import Decimal

import pytest

from campaigns.models import Message
from campaigns.services import prepared
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_people, make_ready, make_sending
from campaigns.tests.routed import BRITISH, FRENCH, rule, send, two_countries
from contacts.tests.factories import make_contact, make_group
from providers.errors import Refused
from providers.models import Provider

pytestmark = pytest.mark.django_db(transaction=True)
S = MessageStatus


def test_a_message_says_why_it_went_that_way(gateways, gateway, short_slices, client_for):
    home, abroad = gateways
    viewer = client_for("viewer")
    plain = make_sending(make_people(1), provider=home)
    page = viewer.get(f"/sms/messages/{Message.objects.get(mailing=plain).pk}/").content.decode()
    assert "As chosen with the text." in page
    rule(home)
    rule(abroad, countries=["FR", "GB"], kinds=["mailing"])
    gateway.errors = {fictional(9): Refused("No.", reason="no_route")}
    mailing = make_sending(make_group(make_contact(fictional(9))), provider=home)
    send(home, abroad)
    page = viewer.get(f"/sms/messages/{Message.objects.get(mailing=mailing).pk}/").content.decode()
    assert "First tried through Home, which did not send it: No route from this sender to this number." in page
    assert "Because of rule 2 (Mailings, France, United Kingdom)." in page


def test_the_plan_says_through_whom_and_what_each_costs(gateways, client_for):
    home, abroad = gateways
    Provider.objects.filter(pk=home.pk).update(price_per_segment="0.05")
    Provider.objects.filter(pk=abroad.pk).update(price_per_segment="0.11", rate=1)
    home.refresh_from_db()
    rule(abroad, countries=["GB"])
    mailing = make_ready(make_group(make_contact(FRENCH), make_contact(fictional(2)), make_contact(BRITISH)), provider=home)
    plan = prepared.plan_of(mailing)
    assert [(lane.name, lane.texts, str(lane.cost)) for lane in plan.lanes] == [("Home", 2, "0.10000"), ("Abroad", 1, "0.11000")]
    assert round(plan.cost, 5) == Decimal("0.21")
    assert (plan.cost_in("GB", 1), plan.cost_in("FR", 2), plan.seconds) == (Decimal("0.11"), Decimal("0.10"), 1)
    page = client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
    assert "Through whom" in page
    assert page.count("€0.11") == 2  # the lane, and the country


def test_prices_in_two_currencies_have_no_sum(gateways, client_for):
    home, abroad = gateways
    Provider.objects.filter(pk=home.pk).update(price_per_segment="0.05")
    Provider.objects.filter(pk=abroad.pk).update(price_per_segment="0.11", currency="GBP")
    home.refresh_from_db()
    rule(abroad, countries=["GB"])
    mailing = make_ready(two_countries(), provider=home)
    assert prepared.plan_of(mailing).cost is None
    assert "£0.11" in client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
