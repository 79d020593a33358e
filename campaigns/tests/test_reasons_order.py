"""Reasons why people are left out stand in one order on all pages: most people first, as many in the order in which the reasons are asked."""

import re
from functools import partial

import pytest
from django.urls import reverse

from campaigns import wording
from campaigns.services import quick_send
from campaigns.tests.factories import fictional, make_ready
from campaigns.views.recipients import _worded
from contacts import eligibility
from contacts.models import Contact
from contacts.tests.factories import make_contact, make_group
from smsapp.common import listing

pytestmark = pytest.mark.django_db
ORDER = ["do_not_sms", "deceased", "no_number", "opted_out", "duplicate_number"]  # the first has two people


@pytest.fixture
def group():
    people = [make_contact(fictional(0)), make_contact(fictional(0)), make_contact(fictional(1), opted_out=True), make_contact(None)]
    people += [make_contact(fictional(number), do_not_sms=True) for number in (2, 3)]
    return make_group(*people, make_contact(fictional(4), deceased=True))


def test_most_first_then_as_they_are_asked():
    assert list(eligibility.by_volume({"zebra": 1, "opted_out": 1, "deceased": 1, "apple": 1, "quarantined": 7})) == [
        "quarantined", "deceased", "opted_out", "apple", "zebra",
    ]  # fmt: skip


def test_step_1_the_plan_and_both_pages_of_people_agree(client_for, group):
    mailing, client = make_ready(group), client_for("marketer")
    addresses = [
        reverse("campaigns:audience_count") + f"?include={group.pk}", reverse("campaigns:plan", args=[mailing.pk]),
        reverse("campaigns:left_out", args=[mailing.pk]),
    ]  # fmt: skip
    for address in addresses:
        page = client.get(address).content.decode()
        assert [code for code in re.findall(r"(?:reason=|left-out/)(\w+)", page) if code in ORDER][: len(ORDER)] == ORDER, address


def test_all_who_are_left_out_stand_in_the_order_of_their_reasons(client_for, group, monkeypatch):
    monkeypatch.setattr(listing, "paginate", partial(listing.paginate, size=2))
    mailing, client, told = make_ready(group), client_for("marketer"), []
    address = here = reverse("campaigns:left_out", args=[mailing.pk])
    while address:
        page = client.get(address).context["page"]
        told += [row.reason for row in page]
        address = page.next_url and here + page.next_url
    assert told == ["do_not_sms", *ORDER]


def test_a_one_off_text_agrees(group):
    plan = quick_send.plan(Contact.objects.filter(memberships__group=group))
    assert [code for code, _words, _people in _worded(plan.left_out)] == [code for code in ORDER if code != "opted_out"]
    assert all(str(wording.reason(code)) for code in ORDER)
