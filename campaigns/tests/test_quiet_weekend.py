"""10,000 texts confirmed on a Saturday at 19:58 in Paris: over a Sunday on which clocks are changed, and Easter Monday, nothing leaves at a quiet hour."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Message
from campaigns.pipeline import deliver
from campaigns.services import figures, mailings, proof, quiet_hours, rounds, standstill
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import make_hours
from campaigns.tests.test_quiet import paris
from providers.services import sending
from tests.faults.people import prepared

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]
CONFIRMED, CLOSES, OPENS = paris(2027, 3, 27, 19, 58), paris(2027, 3, 27, 20), paris(2027, 3, 30, 8)
QUIET = [paris(2027, 3, 27, 20, 0, 3), paris(2027, 3, 28, 2, 30), paris(2027, 3, 28, 12), paris(2027, 3, 29, 8), paris(2027, 3, 29, 19), OPENS - timedelta(seconds=3)]
TEXTS = 10_000


@pytest.fixture
def left(gateway, monkeypatch):
    """When each call began."""
    moments = []

    async def noted(session, provider, sms):
        moments.append(timezone.now())
        return await gateway.send(session, provider, sms)

    monkeypatch.setattr(sending, "send", noted)
    return moments


def slices(mailing, most):
    """What workers and the tick do, until there is nothing to do."""
    for _slice in range(most):
        rounds.look_around()
        if not deliver.run_slice(mailing.provider_id, urgent_only=False):
            return


def test_a_large_mailing_goes_on_the_next_working_day(clock, gateway, left):
    clock.set(CONFIRMED)
    make_hours("FR")
    mailing = prepared(TEXTS, rate=2000)
    clock.set(CONFIRMED)
    mailing = mailings.confirm(mailing, None)

    slices(mailing, 1)
    clock.set(CLOSES - timedelta(seconds=1))
    slices(mailing, 3)
    before = len(left)
    assert 1_000 < before < TEXTS and min(left) >= CONFIRMED and max(left) < CLOSES

    for moment in QUIET:
        clock.set(moment)
        slices(mailing, 2)
        assert len(left) == before, f"a text left at {moment}"
        (wait,) = quiet_hours.waiting(mailing.pk)
        assert (wait.country, wait.until, wait.texts) == ("FR", OPENS, TEXTS - before)
        assert standstill.since(mailing, clock.now()) is None
    assert figures.of(mailing).queued == TEXTS - before

    clock.set(OPENS)
    slices(mailing, 30)
    rounds.look_around()
    mailing.refresh_from_db()
    assert min(left[before:]) >= OPENS
    assert len(left) == TEXTS and set(gateway.calls.values()) == {1} and len(gateway.calls) == TEXTS
    assert Counter(Message.objects.filter(mailing=mailing).values_list("status", flat=True)) == {MessageStatus.SENT: TEXTS}
    assert mailing.status == MailingStatus.FINISHED and not proof.differences()
