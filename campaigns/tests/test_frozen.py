"""A worker that was frozen in the middle of its writing holds rows: others go on, and it loses them when its lease is over."""

import asyncio
from datetime import timedelta

import psycopg
import pytest
from django.utils import timezone

from campaigns.models import Chunk, Message
from campaigns.pipeline import sweep
from campaigns.pipeline.database import Database
from campaigns.services import figures
from campaigns.statuses import ChunkState
from campaigns.tests.factories import make_people, make_provider, make_sending
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
