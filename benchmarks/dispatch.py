"""Sending: the bare client's ceiling, our pipeline with one and two workers, and the naive way, in one run."""

import asyncio
import time
from collections.abc import Iterable

import uvloop
from django.db import connection
from django.db.models import Max

from benchmarks import stage
from benchmarks.result import Result
from campaigns.models import Mailing, Message
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings
from campaigns.statuses import MessageStatus
from contacts.models import Group
from providers.backends.http import open_session
from providers.models import Provider
from smsapp.celery import app

SIZE = 20_000
NAIVE_SIZE = 1_500
CONNECTIONS = 64
TEXT = "Dear {contact.first_name}, the meeting in Paris is on Tuesday at 18:00 in the town hall. Reply STOP to end."


def run(size: int = SIZE) -> Result:
    """Measure all four; texts per second, and their ratios."""
    result = Result("dispatch", notes=[f"{size:,} texts, {NAIVE_SIZE:,} for the naive way; gateway on loopback answers at once; {CONNECTIONS} connections"])
    with stage.scratch_database(), stage.simulator() as url:
        more = {"SIMULATOR_URL": url, "PUBLIC_BASE_URL": "http://127.0.0.1:9", "SEND_CONNECTIONS": str(CONNECTIONS)}
        group = _people(size)
        result.figures["ceiling_texts_per_s"] = ceiling = max(uvloop.run(_bare(url, size)) for _try in range(2))
        result.figures["one_worker_texts_per_s"] = one = _ours(group, size, workers=1, **more)
        result.figures["two_workers_texts_per_s"] = two = _ours(group, size, workers=2, **more)
        result.figures["naive_texts_per_s"] = naive = _naive(group, min(size, NAIVE_SIZE), **more)
    result.ratios = {"one_worker_vs_ceiling": one / ceiling, "two_workers_vs_ceiling": two / ceiling, "two_workers_vs_naive": two / naive}
    return result


def _people(size: int) -> Group:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (first_name, last_name, organisation, email, language, external_id, do_not_sms, opted_out, deceased,"
            " sms_number, reach, created_at, updated_at)"
            " SELECT 'Anna' || i, 'Martin', '', '', '', '', false, false, false, '+336' || (70000000 + i), 3, now(), now() FROM generate_series(1, %s) i",
            [size],
        )
        group = Group.objects.create(name="Everybody")
        cursor.execute("INSERT INTO contacts_membership (group_id, contact_id, added_at) SELECT %s, id, now() FROM contacts_contact", [group.id])
    return group


async def _bare(url: str, size: int) -> float:
    """The same client and payloads, and nothing else."""
    numbers = iter(range(size))
    address = f"{url}/2010-04-01/Accounts/AC{0:032d}/Messages.json"
    headers = {"authorization": "Basic QUMwOnNlY3JldA=="}
    text = TEXT.replace("{contact.first_name}", "Anna12345")

    async with open_session(connections=CONNECTIONS, deadline=10) as session:

        async def lane() -> None:
            for number in numbers:
                callback = f"http://127.0.0.1:9/hooks/simulator/abcdefghijklmnopqrstuvwx/status/?ref={number:x}-0123456789ab"
                fields = [("To", f"+336{70000000 + number}"), ("From", "36111"), ("Body", text), ("StatusCallback", callback)]
                await session.post_form(address, headers, fields)

        began = time.perf_counter()
        await asyncio.gather(*[lane() for _lane in range(CONNECTIONS)])
        return size / (time.perf_counter() - began)


def _mailing(group: Group, name: str) -> Mailing:
    provider = Provider.objects.get_or_create(name="Benchmark", defaults={"kind": "simulator", "senders": ["36111"], "rate": 100_000})[0]
    mailing = Mailing.objects.create(name=name, provider=provider, sender="36111", text=TEXT)
    mailing.include_groups.set([group])
    mailings.prepare(mailing, None)
    prepare(mailing.id)
    mailing.refresh_from_db()
    return mailing


def _ours(group: Group, size: int, *, workers: int, **more: str) -> float:
    """Texts per second between the confirmation and the last outcome, with ready workers."""
    mailing = _mailing(group, f"{workers} workers")
    stage.quiet_start()
    with stage.celery_worker("bulk", "-c", str(workers), **more):
        confirmed = mailings.confirm(mailing, None).confirmed_at
        _send("campaigns.tasks.dispatch_bulk", "bulk", [mailing.provider_id] * workers)
        open_rows = Message.objects.filter(mailing=mailing, status=MessageStatus.OPEN)
        stage.wait_until(lambda: not open_rows.exists(), "the last text", 600)
    last = Message.objects.filter(mailing=mailing, status=MessageStatus.SENT).aggregate(last=Max("sent_at"))["last"]
    sent = Message.objects.filter(mailing=mailing, status=MessageStatus.SENT).count()
    assert sent == size, f"{sent} of {size} were sent"
    return size / (last - confirmed).total_seconds()


def _send(task: str, queue: str, arguments: Iterable[int | None]) -> None:
    """Put tasks on the broker of the stage, where the workers listen."""
    with app.connection_for_write(stage.broker()) as connection_:
        for argument in arguments:
            app.send_task(task, args=[argument], queue=queue, connection=connection_)


def _naive(group: Group, size: int, **more: str) -> float:
    mailing = _mailing(group, "Naive")
    ids = list(Message.objects.filter(mailing=mailing).order_by("id").values_list("id", flat=True)[:size])
    with stage.celery_worker("naive", "-c", "2", "-I", "benchmarks.naive", **more):
        began = time.perf_counter()
        _send("benchmarks.naive.send_one", "naive", ids)
        sent = Message.objects.filter(id__in=ids, status=MessageStatus.SENT)
        stage.wait_until(lambda: sent.count() == len(ids), "the last naive text", 300)
        return size / (time.perf_counter() - began)
