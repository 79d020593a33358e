"""Whatever people, numbers and choices there are: the claim's SQL decides as the plain rules do."""

from dataclasses import replace

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.models import Message
from campaigns.pipeline import dispatch
from campaigns.pipeline.number_rules import NumberRules
from contacts import eligibility
from contacts.eligibility_rules import reasons, reasons_for_number
from contacts.models import Contact
from contacts.tests.generated import POOL, number_of, possibly_merged, stored, worlds

pytestmark = pytest.mark.django_db

CHUNK = 4_711


def judged(messages, *, marketing, rules):
    """{message id: reason} as the claim reads them."""
    Message.objects.bulk_create(messages)
    sql, parameters = dispatch.reading(marketing=marketing, rules=rules)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*parameters, CHUNK, 0, len(messages)])
        rows = [dispatch._decided(dispatch.Text._make(row), rules) for row in cursor.fetchall()]
    return [text.why_not for text in rows]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    world=worlds, person=possibly_merged(), marketing=st.booleans(), real_only=st.booleans(), countries=st.sampled_from([(), ("FR",), ("GB", "US")]),
)  # fmt: skip
def test_the_claim_and_the_preparation_decide_as_the_rules_do(world, person, marketing, real_only, countries):
    world, rules = replace(world, countries=countries, real_only=real_only), NumberRules(frozenset(countries), real_only)
    waiting = [next((each for each in person.numbers if each.number == number), number_of(number)) for number in POOL]  # some are not theirs any more
    with stored(world, person) as (one,):
        messages = [Message(chunk_id=CHUNK, position=place, contact=one.contact, number=each.number, text="Hi") for place, each in enumerate(waiting)]
        expected = [next(iter(reasons_for_number(person, each, world, marketing=marketing)), None) for each in waiting]
        assert judged(messages, marketing=marketing, rules=rules) == expected
        prepared = eligibility.judge(Contact.objects.filter(id=one.contact.id), marketing=marketing, extra=rules.reasons()).get().reason
        assert prepared == next(iter(reasons(person, world, marketing=marketing)), None)
