"""Eligibility: ordered reasons, the same for persons and for numbers."""

import pytest
from django.utils import timezone

from contacts import eligibility
from contacts.models import Contact, PhoneNumber, Quarantine, Suppression
from contacts.tests.factories import add_number, make_contact

pytestmark = pytest.mark.django_db


def reason_of(contact, *, marketing=True):
    return eligibility.judge(Contact.objects.filter(id=contact.id), marketing=marketing).get().reason


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({}, None),
        ({"deleted_at": timezone.now()}, "deleted"),
        ({"deceased": True}, "deceased"),
        ({"number": None}, "no_number"),
        ({"number": "+33142685300", "kind": "landline"}, "not_mobile"),
        ({"do_not_sms": True}, "do_not_sms"),
        ({"opted_out": True}, "opted_out"),
        ({"opted_out": True, "do_not_sms": True, "deceased": True}, "deceased"),  # the first that applies is kept
        ({"do_not_sms": True, "number": None}, "no_number"),
    ],
)
def test_reason_of_a_person(changes, reason):
    assert reason_of(make_contact(**changes)) == reason


def test_opted_out_people_get_texts_that_are_not_marketing():
    contact = make_contact(opted_out=True)
    assert reason_of(contact, marketing=False) is None
    assert reason_of(contact, marketing=True) == "opted_out"


@pytest.mark.parametrize(("model", "reason"), [(Suppression, "suppressed"), (Quarantine, "quarantined")])
def test_a_blocked_number_holds_for_everybody_who_has_it_until_it_ends(model, reason):
    first, second = make_contact("+33639980001"), make_contact("+33639980001")
    block = model.objects.create(number="+33639980001", reason="stop")
    assert {reason_of(first), reason_of(second)} == {reason}
    block.ended_at = timezone.now()
    block.save()
    assert reason_of(first) is None


def test_a_suppressed_number_outlives_a_deleted_contact():
    Suppression.objects.create(number="+33639980001", reason="stop")
    make_contact("+33639980001").delete()
    assert reason_of(make_contact("+33639980001")) == "suppressed"


def test_numbers_are_judged_by_the_number_itself():
    contact = make_contact("+33639980001")
    add_number(contact, "+33142685300", kind="landline")
    reasons = {row.number: row.reason for row in eligibility.judge_numbers(PhoneNumber.objects.all(), marketing=False)}
    assert reasons == {"+33639980001": None, "+33142685300": "not_mobile"}


def test_a_merged_contact_itself_stays_deleted_while_its_numbers_follow_the_winner():
    loser, winner = make_contact("+33639980001"), make_contact("+33639980001", do_not_sms=True)
    Contact.objects.filter(id=loser.id).update(merged_into=winner, deleted_at=timezone.now())
    assert reason_of(loser) == "deleted"
    assert eligibility.judge_numbers(loser.numbers.all(), marketing=False).get().reason == "do_not_sms"


def test_every_reason_has_words():
    assert all(str(label) for label in eligibility.LABELS.values())
