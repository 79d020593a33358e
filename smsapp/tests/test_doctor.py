"""What is wrong is said in words with its cure: each finding made true once, by the thing itself."""

import io
import json
import socket
import time
from contextlib import suppress
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import OperationalError, connection, connections
from django.utils import timezone
from redis.exceptions import RedisError

from campaigns.models import Chunk, LaneTally, Mailing, UnknownText
from campaigns.pipeline import prepare
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import make_mailing, make_message, make_people, make_provider, make_ready, make_sending
from campaigns.tests.working import settle
from contacts.tests.factories import make_contact, make_group
from providers.models import Provider, WebhookEvent
from smsapp.celery import app
from smsapp.common import meter
from smsapp.watch import database, doctor, listening, machine, processes, signs
from smsapp.watch.findings import Level

pytestmark = pytest.mark.django_db
S = MessageStatus
ALL = ("urgent", "bulk", "background")


@pytest.fixture(autouse=True)
def well(settings):
    """An installation where everything runs."""
    settings.PUBLIC_BASE_URL = "https://sms.example.org"
    forget_signs()
    for queue in ALL:
        signs.give(signs.WORKER, f"worker-{queue}@a 1", time.time(), queues=[queue], processes=2)
    signs.give(signs.BEAT, "a", time.time())
    signs.give(signs.TICK, "", time.time())
    doctor.recent.forget()
    yield
    doctor.recent.forget()
    with suppress(RedisError):  # of tests in which it does not answer
        forget_signs()


def forget_signs():
    with meter.connect() as client:
        client.delete(meter.key(signs.KEY))


def age(kind, name, seconds):
    """Let a sign be so old."""
    with meter.connect() as client:
        field = f"{kind} {name}"
        facts = json.loads(client.hget(meter.key(signs.KEY), field))
        client.hset(meter.key(signs.KEY), field, json.dumps({**facts, "at": facts["at"] - seconds}))


def found():
    return {finding.code: finding for finding in doctor.look()}


def test_nothing_is_wrong_where_everything_runs():
    make_ready(make_people(1))
    assert doctor.look() == []


@pytest.mark.parametrize("queue", ALL)
def test_a_queue_without_a_worker(queue):
    signs.take_back(signs.WORKER, f"worker-{queue}@a 1")
    finding = found()[f"no_worker_{queue}"]
    assert finding.level is Level.WRONG
    assert finding.cure.endswith(f"celery -A smsapp worker -Q {queue}")


def test_a_worker_that_was_not_heard_of_for_long_is_missed():
    age(signs.WORKER, "worker-bulk@a 1", 60)
    assert set(found()) == {"no_worker_bulk"}


def test_one_worker_of_another_machine_is_enough():
    age(signs.WORKER, "worker-bulk@a 1", 60)
    signs.give(signs.WORKER, "celery@b 7", time.time(), queues=["bulk", "urgent"], processes=1)
    assert doctor.look() == []


def test_beat_that_is_off_and_a_tick_that_nobody_carries_out():
    age(signs.TICK, "", 60)
    assert set(found()) == {"no_tick"}
    age(signs.BEAT, "a", 60)
    assert set(found()) == {"no_beat"}


def test_a_tick_that_has_no_worker_is_no_second_finding():
    age(signs.TICK, "", 60)
    signs.take_back(signs.WORKER, "worker-urgent@a 1")
    assert set(found()) == {"no_worker_urgent"}


def test_redis_that_does_not_answer_is_one_finding_not_five(settings):
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert set(found()) == {"redis_unreachable"}


def test_redis_that_swallows_calls_holds_the_page_up_for_a_second_at_most(settings):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.REDIS_URL = f"redis://127.0.0.1:{silent.getsockname()[1]}/0"
        begun = time.monotonic()
        assert set(found()) == {"redis_unreachable"}
        assert time.monotonic() - begun < 4


def test_a_database_that_does_not_answer(monkeypatch):
    def broken(*_args, **_options):
        raise OperationalError("no")

    monkeypatch.setattr(type(connections["default"]), "cursor", broken)
    assert set(found()) == {"database_unreachable"}


def test_a_database_that_may_forget(monkeypatch):
    assert {each.code for each in database._settings(130_000, "off", "off", "off")} == {"database_old", "fsync_off", "full_page_writes_off", "synchronous_commit_off"}
    assert [each.code for each in database._crowd(95, 100)] == ["database_crowded"]
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")
    assert found() == {}  # a preparation may, within its transaction
    forgetful = connection.copy()
    forgetful.settings_dict["OPTIONS"] |= {"options": "-c synchronous_commit=off"}
    monkeypatch.setattr(database, "connection", forgetful)
    assert "synchronous_commit_off" in found()
    forgetful.close()


def test_missing_migrations():
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'campaigns'")
    assert "manage.py migrate" in found()["migrations_missing"].cure


def test_clocks_that_differ():
    assert [each.code for each in processes._clock("PostgreSQL", 3.0)] == ["clock_postgresql"]
    assert processes._clock("PostgreSQL", -0.5) == processes._clock("Redis", None) == []
    assert processes._clock("Redis", -30.0)[0].level is Level.WRONG
    signs.give(signs.WORKER, "celery@b 7", time.time() + 20, queues=["bulk"], processes=1)
    assert "20.0" in found()["clock_worker"].what


def test_a_full_disk(monkeypatch):
    monkeypatch.setattr(machine.shutil, "disk_usage", lambda _path: (100 * 1024**3, 0, 1024**3))
    assert found()["disk_full"].level is Level.WRONG


def test_no_public_address_only_where_somebody_would_report(settings):
    settings.PUBLIC_BASE_URL = ""
    assert doctor.look() == []
    provider = make_provider()
    assert found()["no_public_address"].level is Level.MIND  # nobody waits for what a simulator tells
    Provider.objects.filter(pk=provider.pk).update(kind="smpp")
    assert "no_public_address" not in found()  # it reports over its own connection
    Provider.objects.filter(pk=provider.pk).update(kind="twilio")
    assert found()["no_public_address"].level is Level.WRONG


def test_due_texts_that_nobody_sends():
    mailing = make_sending(make_people(1))
    long_ago = timezone.now() - timedelta(minutes=5, seconds=30)
    Chunk.objects.update(due_at=long_ago)
    assert "5 min" in found()["queue_stuck"].what
    Chunk.objects.create(mailing=mailing, provider=mailing.provider, priority=1, state=ChunkState.CLAIMED, due_at=long_ago, size=1, lease_until=timezone.now() + timedelta(minutes=1))
    assert doctor.look() == []  # somebody is at it: the rate decides
    make_message(mailing.provider)
    Chunk.objects.filter(state=ChunkState.CLAIMED).delete()
    Chunk.objects.filter(priority=0).update(due_at=timezone.now() - timedelta(seconds=20))
    assert [each.code for each in doctor.look()] == ["queue_stuck", "queue_stuck"]


def test_a_provider_without_a_session_is_told_as_that_and_no_worker_is_blamed():
    provider = make_provider(kind="smpp")
    make_message(provider)
    Chunk.objects.update(due_at=timezone.now() - timedelta(minutes=5))
    assert set(found()) == {"no_sender"}


def test_what_is_paused_by_a_person_is_not_stuck():
    mailing = make_sending(make_people(1))
    Chunk.objects.update(due_at=timezone.now() - timedelta(hours=1), state=ChunkState.HELD)
    Mailing.objects.filter(id=mailing.pk).update(status=MailingStatus.PAUSED)
    assert doctor.look() == []


def test_leases_that_are_over():
    make_sending(make_people(1))
    Chunk.objects.update(state=ChunkState.CLAIMED, lease_until=timezone.now() - timedelta(minutes=2))
    assert set(found()) == {"leases_over"}


def test_lanes():
    paused, slowed = make_provider(lane="paused", lane_reason="The gateway refuses our account."), make_provider(lane="slowed", slowed_until=timezone.now() + timedelta(minutes=1))
    assert found()["lane_paused"].what == f"{paused} is paused: The gateway refuses our account."
    assert found()["lane_slowed"].level is Level.MIND
    Provider.objects.update(active=False)
    assert doctor.look() == []
    assert slowed.pk


def test_unknown_texts_lead_to_their_page_once_they_are_old():
    settle(make_sending(make_people(2)), S.UNKNOWN, S.UNKNOWN)
    Mailing.objects.update(status=MailingStatus.FINISHED)
    assert doctor.look() == []
    UnknownText.objects.update(since=timezone.now() - timedelta(hours=1))
    assert found()["unknown_texts"].url == "/sms/unknown/"


def test_mailings_that_do_not_go_on():
    late, open_, left = make_ready(make_people(1)), make_sending(make_group(make_contact())), make_mailing()
    old = timezone.now() - timedelta(minutes=5)
    Mailing.objects.filter(id=late.pk).update(status=MailingStatus.SCHEDULED, scheduled_at=old)
    Mailing.objects.filter(id=open_.pk).update(started_at=old)
    Chunk.objects.filter(mailing=open_).update(state=ChunkState.DONE)
    Mailing.objects.filter(id=left.pk).update(status=MailingStatus.PREPARING, updated_at=old)
    codes = found()
    assert set(codes) == {"mailing_late", "mailing_not_closed", "preparation_left"}
    assert codes["preparation_left"].url == f"/sms/mailings/{left.pk}/"
    with prepare._alone(left.pk):
        assert "preparation_left" not in found()


def test_reports_that_wait_and_reports_that_never_come(settings):
    provider = make_provider()
    event = WebhookEvent.objects.create(provider=provider, event="status", body=b"", digest=b"1")
    WebhookEvent.objects.filter(id=event.pk).update(received_at=timezone.now() - timedelta(minutes=3))
    assert set(found()) == {"reports_unread"}
    WebhookEvent.objects.all().delete()
    mailing = make_sending(make_people(10), provider=provider)
    settle(mailing, *[S.SENT] * 10)
    LaneTally.objects.update(slot=timezone.now() - timedelta(minutes=30))
    told = found()["reports_silent"]
    assert "has taken 10 texts and reported on none" in told.what
    assert "https://sms.example.org" in told.cure


def test_a_look_is_a_few_queries_whatever_there_is(django_assert_max_num_queries):
    for _mailing in range(3):
        make_sending(make_people(2))
    with django_assert_max_num_queries(25):
        doctor.look()


def run(*options):
    out = io.StringIO()
    try:
        call_command("doctor", *options, stdout=out)
    except SystemExit as end:
        return out.getvalue(), end.code
    return out.getvalue(), 0


def test_the_command_says_it_and_ends_with_1():
    assert run() == ("Nothing is wrong.\n", 0)
    signs.take_back(signs.BEAT, "a")
    words, code = run()
    assert code == 1
    assert words.startswith("WRONG  Beat is not running")
    assert "Start it: celery -A smsapp beat" in words
    told = json.loads(run("--json")[0])
    assert (told["well"], told["findings"][0]["code"]) == (False, "no_beat")


def test_what_is_only_worth_knowing_ends_with_0():
    make_provider(lane="slowed", slowed_until=timezone.now() + timedelta(minutes=1))
    words, code = run()
    assert (words.startswith("note   "), code) == (True, 0)


def test_administrators_see_it_at_home_in_their_language_and_others_do_not(client_for):
    signs.take_back(signs.BEAT, "a")
    assert "Beat is not running" in client_for("administrator").get("/").content.decode()
    assert "Beat ne tourne pas" in client_for("administrator").get("/", headers={"accept-language": "fr"}).content.decode()
    for role in ("viewer", "staff", "author", "marketer"):
        assert "Beat is not running" not in client_for(role).get("/").content.decode()


def test_nothing_stands_at_home_where_nothing_is_wrong(client_for):
    assert "What needs a look" not in client_for("administrator").get("/").content.decode()


def test_every_queue_has_words_for_what_waits():
    assert sorted(processes.queues()) == sorted(ALL)
    assert all(processes._meaning(queue) != processes._meaning("?") for queue in ALL)


def test_the_tick_of_the_worker_is_the_one_that_beat_rings():
    assert listening.TICK_TASK in {entry["task"] for entry in app.conf.beat_schedule.values()}
