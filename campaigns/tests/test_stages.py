"""The figures of a mailing and its lists call the same texts by one word."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Message
from campaigns.services import figures, mailings
from campaigns.tests.factories import make_people, make_ready

pytestmark = pytest.mark.django_db


@pytest.fixture
def scheduled():
    return mailings.confirm(make_ready(make_people(2)), None, at=timezone.now() + timedelta(days=3))


@pytest.mark.parametrize("steps", [(), ("pause",), ("pause", "resume"), ("pause", "cancel")])
def test_figures_and_lists_call_the_texts_of_a_scheduled_mailing_alike(scheduled, steps):
    for step in steps:
        getattr(mailings, step)(scheduled, None)
    scheduled.refresh_from_db()
    found = figures.of(scheduled)
    stages = Message.objects.filter(mailing=scheduled).with_stage().values_list("stage", flat=True)
    assert set(stages) == {"cancelled" if "cancel" in steps else "prepared"}
    assert getattr(found, stages[0]) == 2 and found.queued == 0
