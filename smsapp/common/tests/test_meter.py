"""Counts of all processes add up in Redis, lose nothing while it is away, and stand in nobody's way."""

import threading

import pytest
from redis import Redis

from smsapp.common import meter as meters
from smsapp.common.meter import KEY, Meter, series
from smsapp.testing import processes


@pytest.fixture(autouse=True)
def empty(settings):
    with meters.connect() as client:
        client.delete(meters.key(KEY))


def sums():
    with meters.connect() as client:
        return {name: float(value) for name, value in client.hgetall(meters.key(KEY)).items()}


def test_counts_of_two_processes_add_up():
    for process in (Meter(), Meter()):
        process.add("texts", 2, provider=1)
        process.add("texts", 3, provider=1)
        process.flush()
    assert sums() == {'texts{provider="1"}': 10}


def test_nothing_is_counted_twice():
    meter = Meter()
    meter.add("texts")
    meter.flush()
    meter.flush()
    assert sums() == {"texts": 1}


def test_what_redis_could_not_take_comes_with_the_next_sum(settings):
    meter, url = Meter(), settings.REDIS_URL
    meter.add("texts", 2)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    meter.flush()
    meter.add("texts", 1)
    settings.REDIS_URL = url
    meter.flush()
    assert sums() == {"texts": 3}


def test_threads_lose_nothing():
    meter = Meter()

    def count():
        for _text in range(2000):
            meter.add("texts")

    threads = [threading.Thread(target=count) for _thread in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    meter.flush()
    assert sums() == {"texts": 8000}


def test_a_stage_is_timed():
    meter = Meter()
    with meter.timed("write"):
        pass
    meter.flush()
    assert sums()['sms_stage_runs_total{stage="write"}'] == 1
    assert sums()['sms_stage_seconds_total{stage="write"}'] >= 0


def test_a_process_that_answers_requests_brings_its_counts_by_itself(monkeypatch):
    monkeypatch.setattr(meters, "EVERY", 0.05)
    meter = Meter()
    for _request in range(3):
        meter.add("reports")
        meter.flush_soon()
    processes.wait_until(lambda: sums() == {"reports": 3}, "the sum", seconds=5)


def test_another_installation_on_the_same_redis_has_its_own(settings):
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {**settings.CELERY_BROKER_TRANSPORT_OPTIONS, "global_keyprefix": "other:"}
    meter = Meter()
    meter.add("texts")
    meter.flush()
    with Redis.from_url(settings.REDIS_URL, decode_responses=True) as client:
        assert client.hgetall(f"other:{KEY}") == {"texts": "1"}
        assert not client.exists(KEY)
        client.delete(f"other:{KEY}")


def test_labels_are_written_as_a_monitor_reads_them():
    assert series("texts", outcome='a "b"\n\\') == r'texts{outcome="a \"b\"\n\\"}'
