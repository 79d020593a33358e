"""Delivery reports: applying stored ones, beside COPY of the same events into the same table."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any

from django.db import connection

from benchmarks import stage
from benchmarks.result import Result
from campaigns.models import Mailing, Message
from campaigns.statuses import MessageStatus
from providers.models import Provider, WebhookEvent
from providers.services import inbox
from smsapp.common.secrets import sign_reference

SIZE = 50_000
ROUNDS = 5

MESSAGES = """
    INSERT INTO campaigns_message (id, mailing_id, contact_id, provider_id, position, kind, status, number, sender, subject, text, encoding, segments,
                                   attempts, gateway_id, reason, detail, created_at, sent_at)
    SELECT i, %s, i, %s, 0, 0, 10, '+336' || (70000000 + i), '36111', '', 'The meeting is on Tuesday at 18:00.', 0, 1,
           1, 'SM' || lpad(i::text, 32, '0'), '', '', now(), now() FROM generate_series(1, %s) i"""
EVENTS = "COPY providers_webhookevent (provider_id, event, query, body, content_type, digest, state, problem, tries, received_at) FROM STDIN"


def run(size: int = SIZE) -> Result:
    """Reports per second of each, alternating. Every report is the first of its text and moves it from sent to delivered."""
    result = Result("reports", notes=[f"{size:,} reports, {ROUNDS} rounds, medians; one process and one connection, each by the clock"])
    ours, limits, busy = list[float](), list[float](), list[float]()
    with stage.scratch_database():
        provider = Provider.objects.create(name="Benchmark", kind="simulator", senders=["36111"])
        with connection.cursor() as cursor:
            cursor.execute(MESSAGES, [Mailing.objects.create(name="Benchmark").pk, provider.pk, size])
        rows = "".join(map(partial(_row, provider.pk), range(1, size + 1)))
        for _round in range(ROUNDS):
            Message.objects.update(status=MessageStatus.SENT, reported_at=None)
            _empty()
            limits.append(size / _timed(partial(_copy, rows)))
            stage.quiet_start()
            began = time.process_time() + stage.processor_time()
            ours.append(size / _timed(_apply))
            busy.append(size / (time.process_time() + stage.processor_time() - began))
            delivered = Message.objects.filter(status=MessageStatus.DELIVERED).count()
            assert delivered == size, f"{delivered} of {size} were applied"
    result.figures = {"ours_reports_per_s": median(ours), "ours_reports_per_core_second": median(busy), "limit_events_per_s": median(limits)}
    result.ratios = {"ours_vs_limit": median(mine / limit for mine, limit in zip(ours, limits, strict=True))}
    return result


def _timed(work: Callable[[], Any]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _row(provider_id: int, number: int) -> str:
    """What the gateway posts for a text, as COPY reads it."""
    sid = f"SM{number:032d}"
    body = f"SmsSid={sid}&SmsStatus=delivered&MessageStatus=delivered&To=%2B336{70000000 + number}&MessageSid={sid}&AccountSid=AC0&From=36111"
    query, digest = f"ref={sign_reference(number)}", number.to_bytes(16).hex()
    return f"{provider_id}\tstatus\t{query}\t\\\\x{body.encode().hex()}\tapplication/x-www-form-urlencoded\t\\\\x{digest}\tnew\t\t0\t2026-01-01\n"


def _empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE providers_webhookevent")
    stage.quiet_start()


def _copy(rows: str) -> None:
    with connection.cursor() as cursor, cursor.copy(EVENTS) as copy:
        copy.write(rows)


def _apply() -> None:
    while WebhookEvent.objects.filter(state="new").exists():
        inbox.process(seconds=60)
