"""The shared bucket, on a real server."""

import asyncio
import time
from uuid import uuid4

import pytest
from django.conf import settings
from redis import Redis

from providers.throttle import Throttle


@pytest.fixture
def prefix():
    found = f"test:{uuid4().hex}:"
    yield found
    server = Redis.from_url(settings.REDIS_URL)
    for key in server.scan_iter(f"{found}*"):
        server.delete(key)
    server.close()


def run(prefix, story, url=None):
    async def go():
        throttle = Throttle(url or settings.REDIS_URL, prefix)
        try:
            return await story(throttle)
        finally:
            await throttle.close()

    return asyncio.run(go())


def test_a_full_bucket_gives_one_second_of_the_rate(prefix):
    async def story(throttle):
        return [await throttle.take(1, 10, segments, urgent=True) for segments in (1, 9, 10)]

    waits = run(prefix, story)
    assert waits[:2] == [0.0, 0.0]
    assert 0 < waits[2] <= 1.0


def test_bulk_leaves_a_reserve_to_urgent(prefix):
    async def story(throttle):
        bulk = [await throttle.take(1, 100, 10, urgent=False) for _ in range(10)]
        return bulk, [await throttle.take(1, 100, 1, urgent=True) for _ in range(9)]

    bulk, urgent = run(prefix, story)
    assert bulk[:9] == [0.0] * 9
    assert bulk[9] > 0
    assert urgent == [0.0] * 9


def test_waiting_so_long_is_enough(prefix):
    async def story(throttle):
        while not await throttle.take(1, 50, 5, urgent=False):
            pass
        wait = await throttle.take(1, 50, 5, urgent=False)
        await asyncio.sleep(wait + 0.01)
        return await throttle.take(1, 50, 5, urgent=False)

    assert run(prefix, story) == 0.0


def test_rate_is_kept_over_time_by_several_takers(prefix):
    async def story(throttle):
        taken, end = 0, time.monotonic() + 1.5

        async def taker():
            nonlocal taken
            while time.monotonic() < end:
                wait = await throttle.take(1, 100, 5, urgent=False)
                if wait == 0.0:
                    taken += 5
                else:
                    await asyncio.sleep(min(wait, max(end - time.monotonic(), 0)))

        await asyncio.gather(*[taker() for _ in range(4)])
        return taken

    assert 190 <= run(prefix, story) <= 245  # the bucket of 90, then 100 a second


def test_more_than_a_second_of_the_rate_at_once_goes_through_in_time(prefix):
    async def story(throttle):
        first = await throttle.take(1, 10, 30, urgent=False)
        return first, await throttle.take(1, 10, 30, urgent=False)

    first, second = run(prefix, story)
    assert first == 0.0
    assert 2.5 < second <= 3.1


def test_a_rate_of_one_still_moves(prefix):
    async def story(throttle):
        return [await throttle.take(1, 1, 1, urgent=urgent) for urgent in (False, False, True)]

    waits = run(prefix, story)
    assert waits[0] == 0.0
    assert 0 < waits[1] <= 1
    assert 0 < waits[2] <= 1


def test_providers_have_their_own_buckets(prefix):
    async def story(throttle):
        while not await throttle.take(1, 2, 1, urgent=True):
            pass
        return await throttle.take(2, 2, 1, urgent=True)

    assert run(prefix, story) == 0.0


def test_slowed_lane_gives_nothing_to_anybody(prefix):
    async def story(throttle):
        await throttle.slow_down(1, 30)
        await throttle.slow_down(1, 1)  # a shorter wish does not shorten it
        return [await throttle.take(1, 100, 1, urgent=urgent) for urgent in (True, False)]

    for wait in run(prefix, story):
        assert 29 < wait <= 30


def test_slow_time_ends_with_an_empty_bucket_and_half_the_rate(prefix):
    async def story(throttle):
        await throttle.slow_down(1, 0.1)
        await asyncio.sleep(0.12)
        return await throttle.take(1, 100, 50, urgent=False)

    assert 0.9 < run(prefix, story) <= 1.1


def test_calls_that_are_refused_together_slow_the_lane_once(prefix):
    async def story(throttle):
        for _call in range(20):
            await throttle.slow_down(1, 0.2)
        await asyncio.sleep(0.22)
        return await throttle.take(1, 100, 50, urgent=True)

    assert 0.8 < run(prefix, story) <= 1.0


def test_each_pause_that_the_gateway_asks_for_halves_the_rate_again(prefix):
    async def story(throttle):
        for _pause in range(2):
            await throttle.slow_down(1, 0.05)
            await asyncio.sleep(0.07)
        return await throttle.take(1, 100, 25, urgent=True)

    assert 0.7 < run(prefix, story) <= 1.0


def test_a_sender_has_a_bucket_of_its_own(prefix):
    async def story(throttle):
        while not await throttle.take(1, 2, 1, urgent=True, sender="36111"):
            pass
        return [await throttle.take(1, 2, 1, urgent=True, sender="36222"), await throttle.take(1, 2, 1, urgent=True)]

    assert run(prefix, story) == [0.0, 0.0]


def test_what_is_owed_is_paid_by_those_who_come_next(prefix):
    async def story(throttle):
        await throttle.take(1, 10, 5, urgent=True)
        await throttle.owe(1, 10, 15)
        return await throttle.take(1, 10, 1, urgent=True)

    assert 0.9 < run(prefix, story) <= 1.1


def test_two_throttles_share_a_bucket(prefix):
    async def empty(throttle):
        return [await throttle.take(1, 5, 1, urgent=True) for _ in range(5)]

    async def one(throttle):
        return await throttle.take(1, 5, 1, urgent=True)

    assert run(prefix, empty) == [0.0] * 5
    assert run(prefix, one) > 0


def test_without_redis_the_answer_is_wait_never_send(prefix):
    async def story(throttle):
        await throttle.slow_down(1, 5)
        return await throttle.take(1, 100, 1, urgent=True)

    assert run(prefix, story, "redis://127.0.0.1:1/0") == 1.0
