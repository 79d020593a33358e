"""Incremental query: each person the first time only, whatever is asked again, and in whatever order."""

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as some

from contacts.models import Contact
from contacts.tests.factories import make_contact
from workflows.models import Returned
from workflows.tests.crowds import crowd
from workflows.tests.factories import make_workflow
from workflows.tests.working import performed

pytestmark = pytest.mark.django_db
RULES = {"q": "organisation", "test": "is", "value": "Choir"}


@settings(max_examples=25)
@given(some.lists(some.sets(some.integers(0, 7)), min_size=1, max_size=5))
def test_whoever_was_returned_is_not_returned_again(rounds):
    people, workflow, before = crowd([{}] * 8), make_workflow(), set()
    Contact.objects.filter(organisation="Choir").update(organisation="")
    for fitting in rounds:
        mine = {people[place].pk for place in fitting}
        Contact.objects.filter(pk__in=[one.pk for one in people]).update(organisation="")
        Contact.objects.filter(pk__in=mine).update(organisation="Choir")
        assert performed("incremental_query", workflow=workflow, rules=RULES)["out"] == mine - before
        before |= mine


def test_another_workflow_has_its_own_memory():
    ana = make_contact(None, organisation="Choir")
    for workflow in (make_workflow(), make_workflow()):
        assert performed("incremental_query", workflow=workflow, rules=RULES)["out"] == {ana.pk}


def test_who_was_returned_and_became_somebody_else_is_nobody_new():
    workflow, loser, winner = make_workflow(), make_contact(None, organisation="Choir"), make_contact(None)
    assert performed("incremental_query", workflow=workflow, rules=RULES)["out"] == {loser.pk}
    Contact.objects.filter(pk=loser.pk).update(merged_into=winner, deleted_at=loser.created_at)
    Contact.objects.filter(pk=winner.pk).update(organisation="Choir")
    assert performed("incremental_query", workflow=workflow, rules=RULES)["out"] == set()


def test_what_is_taken_back_was_not_returned():
    workflow, ana = make_workflow(), make_contact(None, organisation="Choir")
    with pytest.raises(RuntimeError), transaction.atomic():
        performed("incremental_query", workflow=workflow, rules=RULES)
        raise RuntimeError
    assert not Returned.objects.exists()
    assert performed("incremental_query", workflow=workflow, rules=RULES)["out"] == {ana.pk}
