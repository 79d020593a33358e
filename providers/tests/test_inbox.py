"""Stored reports are applied: once, in batches, and kept while their message is unknown."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.utils import timezone

from providers.models import WebhookEvent
from providers.services import inbox
from providers.signals import reports_received
from providers.tests.factories import make_provider
from providers.types import ReportStatus

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard(monkeypatch):
    """Collects reports; `heard.unmatched` are sids that no message has; nobody else listens."""

    class Heard(list):
        unmatched: set[str] = set()
        poison: set[str] = set()

    found = Heard()

    def listen(reports, **kwargs):
        if any(report.gateway_id in found.poison for report in reports):
            raise ValueError("poison")
        found.append(list(reports))
        return {report.event_id for report in reports if report.gateway_id in found.unmatched}

    monkeypatch.setattr(reports_received, "receivers", [])
    monkeypatch.setattr(reports_received, "sender_receivers_cache", {}, raising=False)
    reports_received.connect(listen, weak=False)
    return found


def store(provider, sid: str = "SM1", word: str = "delivered", **changes) -> WebhookEvent:
    body = urlencode({"MessageSid": sid, "MessageStatus": word}).encode()
    values = {"event": "status", "query": "ref=1f-9ab", "body": body, "digest": f"{sid}{word}".encode().ljust(16)[:16]} | changes
    return WebhookEvent.objects.create(provider=provider, **values)


def sids(heard) -> list[str]:
    return [report.gateway_id for batch in heard for report in batch]


def test_reports_are_applied_once(heard):
    event = store(make_provider())
    assert inbox.process() == 1
    report = heard[0][0]
    assert (report.event_id, report.reference, report.status) == (event.pk, "1f-9ab", ReportStatus.DELIVERED)
    event.refresh_from_db()
    assert (event.state, event.tries) == ("applied", 1)
    assert inbox.process() == 0
    assert len(heard) == 1


def test_many_are_applied_in_batches(heard, monkeypatch):
    monkeypatch.setattr(inbox, "BATCH", 10)
    provider = make_provider()
    for number in range(25):
        store(provider, f"SM{number}")
    assert inbox.process() == 25
    assert [len(batch) for batch in heard] == [10, 10, 5]
    assert sids(heard) == [f"SM{number}" for number in range(25)]


def test_one_that_is_not_understood_does_not_hold_up_the_others(heard):
    provider = make_provider()
    broken = store(provider, body=b"what", digest=b"b" * 16)
    store(provider, "SM2")
    inbox.process()
    broken.refresh_from_db()
    assert (broken.state, broken.problem) == ("broken", "MessageSid or MessageStatus is missing")
    assert sids(heard) == ["SM2"]


def test_early_report_is_tried_again_and_matched(heard):
    event = store(make_provider())
    heard.unmatched = {"SM1"}
    inbox.process()
    event.refresh_from_db()
    assert (event.state, event.tries) == ("unmatched", 1)
    assert inbox.process() == 0  # not yet due
    heard.unmatched = set()
    WebhookEvent.objects.update(due_at=timezone.now())
    assert inbox.process() == 1
    event.refresh_from_db()
    assert (event.state, event.due_at) == ("applied", None)


def test_unmatched_ones_wait_longer_each_time_and_end_after_three_days(heard):
    event = store(make_provider())
    heard.unmatched = {"SM1"}
    waits = []
    for _ in range(9):
        WebhookEvent.objects.update(due_at=timezone.now())
        inbox.process()
        event.refresh_from_db()
        waits.append(round((event.due_at - timezone.now()).total_seconds()))
    assert waits == sorted(waits)
    assert waits[0] < 3
    assert waits[-1] == 7200
    WebhookEvent.objects.update(due_at=timezone.now(), received_at=timezone.now() - timedelta(hours=73))
    inbox.process()
    event.refresh_from_db()
    assert (event.state, event.due_at) == ("unmatched", None)
    assert inbox.process() == 0


def test_a_poison_report_does_not_hold_up_its_neighbours(heard):
    provider = make_provider()
    events = [store(provider, f"SM{number}") for number in range(3)]
    heard.poison = {"SM1"}
    inbox.process()
    assert sids(heard) == ["SM0", "SM2"]
    for event in events:
        event.refresh_from_db()
    assert [event.state for event in events] == ["applied", "unmatched", "applied"]


def test_order_of_arrival_is_kept(heard):
    provider = make_provider()
    for word in ("delivered", "sent", "queued"):
        store(provider, word=word)
    inbox.process()
    assert [report.raw_status for report in heard[0]] == ["delivered", "sent", "queued"]


@pytest.mark.django_db(transaction=True)
def test_what_another_worker_holds_is_left_to_it(heard):
    import threading

    provider = make_provider()
    store(provider, "SM1")
    store(provider, "SM2")
    held, go = threading.Event(), threading.Event()

    def other() -> None:
        from django.db import transaction

        with transaction.atomic():
            list(WebhookEvent.objects.select_for_update().order_by("id")[:1])
            held.set()
            go.wait(5)
        connection.close()

    thread = threading.Thread(target=other)
    thread.start()
    held.wait(5)
    assert inbox.process() == 1
    go.set()
    thread.join()
    assert sids(heard) == ["SM2"]
    assert inbox.process() == 1


def test_the_doorbell_rings_after_the_commit(client, settings, django_capture_on_commit_callbacks, monkeypatch):
    from twilio.request_validator import RequestValidator

    from providers import tasks
    from providers.services.providers import webhook_url
    from providers.tests.factories import make_twilio

    settings.PUBLIC_BASE_URL = "https://sms.example.org"
    rung = []
    monkeypatch.setattr(inbox, "_last_ring", 0.0)
    monkeypatch.setattr(tasks.process_webhooks, "apply_async", lambda **options: rung.append(options))
    url = webhook_url(make_twilio(), "status")
    fields = {"MessageSid": "SM1", "MessageStatus": "sent"}
    with django_capture_on_commit_callbacks(execute=True):
        signature = RequestValidator("token-4711").compute_signature(url, fields)
        path = url.removeprefix("https://sms.example.org")
        client.post(path, urlencode(fields), content_type="application/x-www-form-urlencoded", HTTP_X_TWILIO_SIGNATURE=signature)
        client.post(
            path,
            urlencode(fields | {"X": "1"}),
            content_type="application/x-www-form-urlencoded",
            HTTP_X_TWILIO_SIGNATURE=RequestValidator("token-4711").compute_signature(url, fields | {"X": "1"}),
        )
        assert not rung
    assert WebhookEvent.objects.count() == 2
    assert len(rung) == 1  # one ring for a crowd
