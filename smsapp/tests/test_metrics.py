"""/metrics: who may read it, what stands there, and that the figures of workers arrive."""

import asyncio
import re
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from redis.exceptions import RedisError

from campaigns import tasks
from campaigns.models import Chunk, Message
from campaigns.pipeline import deliver
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_people, make_provider, make_sending
from campaigns.tests.working import settle
from providers.throttle import Throttle
from smsapp.common import meter as meters
from smsapp.common.meter import meter
from smsapp.common.ring import ring
from smsapp.testing import processes
from smsapp.testing.source import sources
from smsapp.watch import metrics, signs

pytestmark = pytest.mark.django_db
TOKEN = "a-long-token-4711"


@pytest.fixture(autouse=True)
def empty():
    def forget():
        with meters.connect() as client:
            client.delete(meters.key(meters.KEY), meters.key(signs.KEY))

    meter.flush()
    forget()
    yield
    with suppress(RedisError):  # of a test in which it does not answer
        forget()


def read(client=None, **options):
    response = (client or Client()).get("/metrics", **options)
    assert response.status_code == 200, response.content
    return response.content.decode()


def value(text, series):
    found = re.search(rf"^{re.escape(series)} (\S+)$", text, re.M)
    assert found, f"{series} is not in\n{text}"
    return float(found[1])


# --- who may ---


def test_this_machine_may_ask_without_a_token():
    assert "sms_database_up 1" in read()


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip"])
def test_a_proxy_on_this_machine_is_not_this_machine(header):
    assert Client().get("/metrics", headers={header: "203.0.113.7"}).status_code == 403


def test_behind_a_proxy_nobody_may_ask_without_a_token(settings):
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    assert Client().get("/metrics").status_code == 403


@pytest.mark.parametrize("address", ["203.0.113.7", "10.0.0.5", "", "nonsense"])
def test_other_machines_may_not(address):
    response = Client().get("/metrics", REMOTE_ADDR=address)
    assert (response.status_code, b"METRICS_TOKEN" in response.content) == (403, True)


def test_being_signed_in_opens_nothing(client_for):
    assert client_for("administrator").get("/metrics", REMOTE_ADDR="203.0.113.7").status_code == 403


def test_whoever_has_the_token_may_and_then_nobody_without_it(settings):
    settings.METRICS_TOKEN = TOKEN
    elsewhere = {"REMOTE_ADDR": "203.0.113.7"}
    assert "sms_database_up 1" in read(headers={"Authorization": f"Bearer {TOKEN}"}, **elsewhere)
    for wrong in ("", "Bearer", f"Bearer {TOKEN}x", f"Basic {TOKEN}", "Bearer é"):
        assert Client().get("/metrics", headers={"Authorization": wrong}, **elsewhere).status_code == 403
    assert Client().get("/metrics").status_code == 403


# --- what stands there ---


def test_it_is_the_format_that_monitors_read():
    make_sending(make_people(1), provider=make_provider(name='A "strange"\\name'))
    meter.add("sms_texts_total", 3, provider=1, outcome="sent")
    meter.flush()
    response = Client().get("/metrics")
    assert response["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    line = re.compile(r'^(# (HELP|TYPE) sms_\w+ .+|sms_\w+(\{\w+="(\\.|[^"\\])*"(,\w+="(\\.|[^"\\])*")*\})? -?[\d.e+-]+)$')
    assert [each for each in response.content.decode().splitlines() if not line.match(each)] == []


def test_queue_lane_and_unknown_texts():
    mailing = make_sending(make_people(5))
    settle(mailing, MessageStatus.UNKNOWN, MessageStatus.UNKNOWN)
    Chunk.objects.update(due_at=timezone.now() - timedelta(minutes=2))
    text, provider = read(), mailing.provider_id
    assert value(text, f'sms_queue_texts{{provider="{provider}",priority="bulk"}}') == 5
    assert value(text, f'sms_queue_age_seconds{{provider="{provider}",priority="bulk"}}') > 100
    assert value(text, f'sms_lane_state{{provider="{provider}",state="running"}}') == 1
    assert value(text, f'sms_lane_state{{provider="{provider}",state="paused"}}') == 0
    assert value(text, f'sms_unknown_texts{{provider="{provider}"}}') == 2
    assert value(text, 'sms_mailings{status="sending"}') == 1


def test_a_lane_whose_gateway_asked_for_a_slower_pace_shows_the_rate_that_holds():
    slow, quick = make_provider(rate=100), make_provider(rate=40)
    asyncio.run(slowed_down(slow.pk, 30.0))
    text = read()
    assert value(text, f'sms_provider_rate{{provider="{slow.pk}"}}') == 100
    assert value(text, f'sms_provider_rate_now{{provider="{slow.pk}"}}') == 0
    assert 25 < value(text, f'sms_lane_pause_seconds{{provider="{slow.pk}"}}') <= 30
    assert value(text, f'sms_provider_rate_now{{provider="{quick.pk}"}}') == 40
    assert value(text, f'sms_lane_pause_seconds{{provider="{quick.pk}"}}') == 0
    asyncio.run(slowed_down(quick.pk, 0.0))
    assert 20 <= value(read(), f'sms_provider_rate_now{{provider="{quick.pk}"}}') < 24


async def slowed_down(provider_id, seconds):
    throttle = Throttle(settings.REDIS_URL)
    await throttle.slow_down(provider_id, seconds)
    await throttle.close()


def test_workers_beat_and_tick():
    for name in ("a", "b"):
        signs.give(signs.WORKER, f"{name} 1", time.time(), queues=["bulk"], processes=2)
    signs.give(signs.BEAT, "a", time.time())
    text = read()
    assert value(text, 'sms_workers{queue="bulk"}') == 2
    assert value(text, "sms_beat_age_seconds") < 5
    assert not re.search(r"^sms_tick_age_seconds \d", text, re.M)


def test_without_redis_the_rest_is_still_told(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    text = read()
    assert value(text, "sms_redis_up") == 0
    assert value(text, "sms_database_up") == 1


def test_every_counter_has_its_help():
    """What is counted somewhere in the code is told here."""
    counted = {name for source in sources() for name in re.findall(r'"(sms_\w+_total)"', source.path.read_text())}
    assert counted == set(metrics.HELP)


@pytest.mark.django_db(transaction=True)
def test_a_slice_of_sending_counts_what_became_of_each_text(gateway, short_slices):
    mailing = make_sending(make_people(7))
    deliver.run_slice(mailing.provider_id, urgent_only=False)
    meter.flush()
    text, provider = read(), mailing.provider_id
    assert value(text, f'sms_texts_total{{provider="{provider}",outcome="sent"}}') == Message.objects.filter(status=MessageStatus.SENT).count() == 7
    assert value(text, f'sms_texts_started_total{{provider="{provider}"}}') == 7
    assert value(text, 'sms_stage_seconds_total{stage="write"}') > 0


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_real_worker_gives_signs_and_brings_its_figures(settings):
    environment = {"DATABASE_URL": processes.database_url(), "REDIS_URL": settings.REDIS_URL, "SECRET_KEY": settings.SECRET_KEY}
    with processes.celery_worker("urgent", "-c", "1", "--without-heartbeat", **environment):
        processes.wait_until(lambda: 'sms_workers{queue="urgent"} 1' in read(), "the worker's sign")
        ring(tasks.tick)
        processes.wait_until(lambda: 'sms_tasks_total{task="campaigns.tasks.tick",outcome="success"} 1' in read(), "the worker's figures")
        assert value(read(), "sms_tick_age_seconds") < 30
    assert 'sms_workers{queue="urgent"}' not in read()  # it said good-bye
