"""Mailings on one provider take turns, and a sender's limit holds up nobody else."""

import asyncio
from collections import Counter

import pytest

from campaigns.models import Message
from campaigns.pipeline import deliver, dispatch
from campaigns.pipeline.database import Database
from campaigns.services import mailings
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_provider, make_sending
from contacts.tests.factories import make_crowd, make_group

pytestmark = pytest.mark.django_db(transaction=True)


def claimed(provider, count):
    """The mailings of the next chunks that workers take."""

    async def take():
        async with Database() as database:
            return [await dispatch.claim(database.connection, provider.pk, urgent_only=False) for _chunk in range(count)]

    return [claim.mailing for claim in asyncio.run(take()) if claim]


def sending(provider, chunks, start, **changes):
    """A mailing that is being sent, of so many chunks of two texts."""
    people = make_crowd(map(fictional, range(start, start + 2 * chunks)))
    return make_sending(make_group(*people), provider=provider, **changes)


def test_a_mailing_that_comes_later_does_not_wait_for_the_end_of_an_earlier_one():
    provider = make_provider(rate=1)
    long = sending(provider, 6, start=0)
    assert claimed(provider, 2) == [long.pk] * 2
    late = sending(provider, 2, start=100)
    assert Counter(claimed(provider, 4)) == {long.pk: 2, late.pk: 2}
    assert claimed(provider, 9) == [long.pk] * 2


def test_a_mailing_that_goes_on_after_a_pause_does_not_catch_up_at_the_cost_of_others():
    provider = make_provider(rate=1)
    first, second = sending(provider, 5, start=0), sending(provider, 5, start=100)
    mailings.pause(second, None)
    assert claimed(provider, 3) == [first.pk] * 3
    mailings.resume(second, None)
    assert Counter(claimed(provider, 4)) == {first.pk: 2, second.pk: 2}


def sent(mailing):
    return Message.objects.filter(mailing=mailing, status=MessageStatus.SENT).count()


def test_a_sender_that_must_wait_holds_up_no_other_sender(gateway, short_slices):
    provider = make_provider(rate=1_000, sender_rate=4, senders=["36111", "36222"])
    slow, other = sending(provider, 20, start=0), sending(provider, 1, start=100, sender="36222")
    deliver.run_slice(provider.pk, urgent_only=False)
    assert sent(other) == 2
    assert 3 <= sent(slow) <= 10  # a second's worth at once, and a second of sending


def test_long_texts_of_a_sender_count_by_their_segments(gateway, short_slices):
    provider = make_provider(rate=1_000, sender_rate=8, max_segments=3)
    mailing = sending(provider, 20, start=0, text="a" * 400, max_segments=3)
    deliver.run_slice(provider.pk, urgent_only=False)
    assert sent(mailing) <= 8  # the first two of three segments each are already on credit
