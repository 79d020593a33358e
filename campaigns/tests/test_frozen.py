"""A worker is frozen in the middle of its writing, or loses the database: others go on, and nothing is called unknown that was not started."""

import asyncio
from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from campaigns.models import Chunk, Message
from campaigns.pipeline import deliver, dispatch, sweep
from campaigns.pipeline.database import Database
from campaigns.services import figures
from campaigns.statuses import ChunkState
from campaigns.tests.factories import make_people, make_provider, make_sending
from campaigns.tests.working import send_all
from smsapp.testing import processes

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_chunk_whose_rows_are_held_keeps_nobody_waiting():
    mailing = make_sending(make_people(4), provider=make_provider(rate=1))
    held, free = Chunk.objects.order_by("id")
    Chunk.objects.update(state=ChunkState.CLAIMED, started_up_to=1, lease_until=timezone.now() - timedelta(seconds=1))
    with psycopg.connect(processes.database_url()) as frozen:
        frozen.execute("UPDATE campaigns_message SET detail = 'x' WHERE chunk_id = %s", [held.pk])
        assert sweep.sweep() == 1
        assert list(Chunk.objects.order_by("id").values_list("state", flat=True)) == [ChunkState.CLAIMED, ChunkState.READY]
        frozen.rollback()
    assert sweep.sweep() == 1
    assert figures.of(mailing).unknown == 2
    assert not Chunk.objects.filter(state=ChunkState.CLAIMED).exists() and free


def test_a_transaction_that_stands_still_ends_with_the_lease_and_is_done_again(settings):
    settings.LEASE_SECONDS = 1
    make_sending(make_people(1))
    tries = []

    async def write(connection):
        async with connection.transaction():
            await connection.execute("UPDATE campaigns_message SET detail = 'written'")
            tries.append(1)
            if len(tries) == 1:
                await asyncio.sleep(2)  # frozen
            await connection.execute("SELECT 1")

    async def work():
        async with Database() as database:
            await database.surely(write)

    asyncio.run(work())
    assert (len(tries), Message.objects.get().detail) == (2, "written")


def test_a_database_that_is_lost_between_mark_and_read_leaves_nothing_unknown(gateway, monkeypatch):
    mailing = make_sending(make_people(12), provider=make_provider(rate=24))
    real, reads = dispatch.reading, []

    def lost(**options):
        reads.append(1)
        if len(reads) == 2:
            raise psycopg.OperationalError
        return real(**options)

    monkeypatch.setattr(dispatch, "reading", lost)
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    chunk = Chunk.objects.get()
    assert (chunk.state, chunk.started_up_to, len(gateway.calls)) == (ChunkState.READY, 6, 6)
    send_all(mailing, slices=1)
    assert (set(gateway.calls.values()), figures.of(mailing).sent) == ({1}, 12)
