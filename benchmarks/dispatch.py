"""Sending: the bare client's ceiling, our pipeline with one and two workers, and the naive way, in one run."""

import asyncio
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

import uvloop
from django.db import connection
from django.db.models import Max
from redis import Redis

from benchmarks import memory, stage
from benchmarks.result import Result
from campaigns.models import Mailing, Message
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings
from campaigns.statuses import ChunkState, MessageStatus
from contacts.models import Group
from providers.backends.http import open_session
from providers.models import Provider
from smsapp.celery import app
from smsapp.common import garbage
from smsapp.common.meter import KEY
from smsapp.common.meter import key as meter_key

STAGE = re.compile(r'sms_stage_seconds_total\{stage="([a-z_]+)"\}')
SIZE = 50_000
NAIVE_SIZE = 1_500
WARM_SIZE = 2_000  # texts that a worker has sent before the clock runs
CONNECTIONS = 64
ROUNDS = 5
LATENCY = 0.05  # seconds that the slow gateway takes for a call
SLOW_SIZE = 20_000
TEXT = "Dear {contact.first_name}, the meeting in Paris is on Tuesday at 18:00 in the town hall. Reply STOP to end."


@dataclass(frozen=True, slots=True)
class Run:
    """What sending a mailing took: texts per second, bytes that the workers grew per text, and the share of the clock of each stage."""

    rate: float
    bytes_per_text: float
    stages: dict[str, float]


def run(size: int = SIZE) -> Result:
    """Measure all; texts per second, and their ratios."""
    garbage.look_seldom()  # as workers do: the bare client has the same advantage
    result = Result("dispatch", notes=[f"{size:,} texts, {NAIVE_SIZE:,} for the naive way; gateway on loopback answers at once; {CONNECTIONS} connections"])
    with stage.scratch_database():
        group, few, some = (people(count, first) for count, first in ((size, 0), (WARM_SIZE, size), (SLOW_SIZE, size + WARM_SIZE)))
        with stage.simulator() as url:
            more = environment(url)
            ceilings, ones = _in_turn(url, size, group, few, more)
            two = _ours(group, few, workers=2, **more)
            naive = _naive(group, min(size, NAIVE_SIZE), **more)
        with stage.simulator("--latency", str(round(LATENCY * 1000))) as url:
            slow_ceiling = uvloop.run(_bare(url, SLOW_SIZE))
            slow = _ours(some, few, workers=1, **environment(url))
    by_arithmetic = CONNECTIONS / LATENCY
    ceiling, one = median(ceilings), sorted(ones, key=lambda run: run.rate)[len(ones) // 2]
    result.figures = {
        "ceiling_texts_per_s": ceiling, "one_worker_texts_per_s": one.rate, "two_workers_texts_per_s": two.rate, "naive_texts_per_s": naive,
        "slow_gateway_texts_per_s": slow.rate, "slow_gateway_allows_texts_per_s": slow_ceiling,
        "slow_gateway_by_arithmetic_texts_per_s": by_arithmetic, "memory_bytes_per_text": one.bytes_per_text,
        **{f"one_worker_{name}_share_of_time": share for name, share in one.stages.items()},
    }  # fmt: skip
    result.ratios = {
        "one_worker_vs_ceiling": median(_ratios(ceilings, ones)), "two_workers_vs_ceiling": two.rate / ceiling, "two_workers_vs_naive": two.rate / naive,
        "slow_gateway_vs_allowed": slow.rate / slow_ceiling, "slow_gateway_vs_arithmetic": slow.rate / by_arithmetic,
    }  # fmt: skip
    result.notes.append(f"one worker, of the ceilings before and after each round: {', '.join(f'{each:.2f}' for each in _ratios(ceilings, ones))}")
    return result


def _in_turn(url: str, size: int, group: Group, few: Group, more: dict[str, str]) -> tuple[list[float], list[Run]]:
    """Ceilings, and between each two of them one worker: the machine's speed drifts within a minute."""
    ceilings, ones = [uvloop.run(_bare(url, size))], list[Run]()
    for _round in range(ROUNDS):
        ones.append(_ours(group, few, workers=1, **more))
        ceilings.append(uvloop.run(_bare(url, size)))
    return ceilings, ones


def _ratios(ceilings: list[float], ones: list[Run]) -> list[float]:
    """Of each round to the mean of the ceilings around it."""
    return [2 * one.rate / (before + after) for one, before, after in zip(ones, ceilings, ceilings[1:], strict=False)]


def environment(url: str) -> dict[str, str]:
    """What workers are told besides their servers."""
    return {"SIMULATOR_URL": url, "PUBLIC_BASE_URL": "http://127.0.0.1:9", "SEND_CONNECTIONS": str(CONNECTIONS)}


def people(size: int, first: int = 0) -> Group:
    """A group of so many people, numbered from `first` on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (first_name, last_name, organisation, email, language, external_id, do_not_sms, opted_out, deceased,"
            " sms_number, reach, created_at, updated_at)"
            " SELECT 'Anna' || i, 'Martin', '', '', '', '', false, false, false, '+336' || (70000000 + i), 3, now(), now()"
            " FROM generate_series(%s + 1, %s + %s) i RETURNING id",
            [first, first, size],
        )
        ids = [row[0] for row in cursor.fetchall()]
        group = Group.objects.create(name=f"Everybody behind {first}")
        cursor.execute("INSERT INTO contacts_membership (group_id, contact_id, added_at) SELECT %s, id, now() FROM unnest(%s) AS id", [group.id, ids])
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


def mailing_to(group: Group, name: str, rate: int = 100_000, provider: Provider | None = None) -> Mailing:
    """A prepared mailing, through the simulated gateway unless a provider is given."""
    provider = provider or Provider.objects.get_or_create(name="Benchmark", defaults={"kind": "simulator", "senders": ["36111"], "rate": rate})[0]
    mailing = Mailing.objects.create(name=name, provider=provider, sender="36111", text=TEXT)
    mailing.include_groups.set([group])
    mailings.prepare(mailing, None)
    prepare(mailing.id)
    mailing.refresh_from_db()
    return mailing


def _ours(group: Group, few: Group, *, workers: int, **more: str) -> Run:
    """Between the confirmation and the last outcome, by workers that have sent a few texts before."""
    warm, mailing = mailing_to(few, "Warm"), mailing_to(group, f"{workers} workers")
    stage.quiet_start()
    with stage.celery_worker("bulk", "-c", str(workers), **more) as process:
        launch(warm, workers)
        before, begun = memory.of_group(process.group), _stages()
        texts, seconds = launch(mailing, workers)
        grown = memory.of_group(process.group) - before
        stages = {name: (spent - begun.get(name, 0.0)) / seconds / workers for name, spent in _stages().items()}
    return Run(texts / seconds, max(0.0, grown / texts), stages)


def launch(mailing: Mailing, workers: int) -> tuple[int, float]:
    """Send it to the last text, by `workers` that wait for a task (others look for themselves); how many, and seconds."""
    confirmed = mailings.confirm(mailing, None).confirmed_at
    send("campaigns.tasks.dispatch_bulk", "bulk", [mailing.provider_id] * workers)
    under_way = mailing.chunks.filter(state__in=[ChunkState.READY, ChunkState.CLAIMED])  # a hundred rows: looking costs the workers nothing
    stage.wait_until(lambda: not under_way.exists(), "the last text", 600)
    texts = Message.objects.filter(mailing=mailing)
    last, sent, count = (
        texts.filter(status=MessageStatus.SENT).aggregate(last=Max("sent_at"))["last"],
        texts.filter(status=MessageStatus.SENT).count(),
        texts.count(),
    )
    assert sent == count, f"{sent} of {count} were sent"
    return count, (last - confirmed).total_seconds()


def _stages() -> dict[str, float]:
    """Seconds of each stage that workers have told so far."""
    with Redis.from_url(stage.broker(), decode_responses=True) as client:
        found: dict[str, str] = client.hgetall(meter_key(KEY))  # type: ignore[assignment] # of a synchronous client
    return {match[1]: float(value) for name, value in found.items() if (match := STAGE.fullmatch(name))}


def send(task: str, queue: str, arguments: Iterable[int | None]) -> None:
    """Put tasks on the broker of the stage, where the workers listen."""
    with app.connection_for_write(stage.broker()) as connection_:
        for argument in arguments:
            app.send_task(task, args=[argument], queue=queue, connection=connection_)


def _naive(group: Group, size: int, **more: str) -> float:
    mailing = mailing_to(group, "Naive")
    ids = list(Message.objects.filter(mailing=mailing).order_by("id").values_list("id", flat=True)[:size])
    with stage.celery_worker("naive", "-c", "2", "-I", "benchmarks.naive", **more):
        began = time.perf_counter()
        send("benchmarks.naive.send_one", "naive", ids)
        sent = Message.objects.filter(id__in=ids, status=MessageStatus.SENT)
        stage.wait_until(lambda: sent.count() == len(ids), "the last naive text", 300)
        return size / (time.perf_counter() - began)
