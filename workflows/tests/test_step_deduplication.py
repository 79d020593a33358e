"""Deduplication against a dictionary: of those with one number, address or name one stays; who lacks it is like nobody."""

from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as some

from contacts.models import Contact
from contacts.tests.factories import make_contact
from workflows.tests.crowds import crowd
from workflows.tests.working import performed

pytestmark = pytest.mark.django_db
PERSON = some.fixed_dictionaries({
    "last_name": some.sampled_from(["", "", "Aubert", "aubert", "Bénard"]),
    "email": some.sampled_from(["", "", "ana@example.org", "ANA@example.org", "ben@example.org"]),
    "sms_number": some.sampled_from([None, None, "+33639980001", "+33639980002"]),
})  # fmt: skip
KEYS = {"number": lambda one: one.sms_number, "email": lambda one: one.email.lower(), "name": lambda one: one.sort_name}
BETTER = {"oldest": lambda one: one.pk, "newest": lambda one: -one.pk, "changed": lambda one: (-one.updated_at.timestamp(), one.pk)}


@settings(max_examples=40)
@given(some.lists(PERSON, max_size=12), some.sampled_from(sorted(KEYS)), some.sampled_from(sorted(BETTER)), some.integers(2, 5))
def test_one_of_several_that_are_alike_stays(facts, by, keep, spread):
    people = crowd(facts)
    mine = Contact.objects.filter(pk__in=[one.pk for one in people])
    for one in mine:  # some were changed at one moment
        mine.filter(pk=one.pk).update(updated_at=timezone.now() - timedelta(minutes=one.pk % spread))
    people, kept = [*mine.all()], {}
    for one in sorted(people, key=BETTER[keep]):
        kept.setdefault(KEYS[by](one) or one.pk, one.pk)
    outs = performed("deduplication", [one.pk for one in people], by=by, keep=keep)
    assert outs == {"out": set(kept.values()), "doubles": {one.pk for one in people} - set(kept.values())}


def test_a_name_of_digits_is_no_double_of_the_contact_with_that_number():
    nameless = make_contact(None, first_name="", last_name="")
    digits = make_contact(None, first_name="", last_name="", organisation=str(nameless.pk))
    assert digits.pk and performed("deduplication", [nameless.pk, digits.pk], by="name")["doubles"] == set()
