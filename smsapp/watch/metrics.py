"""Figures for a monitor in the text format of Prometheus: what was counted by all processes, and how things stand now."""

from collections.abc import Iterable, Iterator
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, F, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from redis.exceptions import RedisError

from campaigns.models import Chunk, Mailing, UnknownText
from campaigns.services import lane_figures
from campaigns.statuses import ChunkState, MailingStatus
from providers.models import Provider
from providers.services import slowness
from smsapp.common import meter
from smsapp.watch import sending, signs

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
HELP = {  # what is counted; each is a counter
    "sms_chunks_claimed_total": "Chunks of texts that workers took.",
    "sms_strides_total": "Strides: texts that were marked as started together.",
    "sms_texts_started_total": "Texts that were marked as started and judged once more.",
    "sms_texts_total": "What became of each start: sent, refused, unknown, skipped, retry, not_started.",
    "sms_stage_seconds_total": "Seconds on the wall per stage, of all workers together.",
    "sms_stage_runs_total": "How often each stage ran.",
    "sms_reports_stored_total": "Delivery reports that gateways posted, repeats left out.",
    "sms_reports_total": "Stored reports by what became of them.",
    "sms_tasks_total": "Tasks that ended, by outcome.",
    "sms_task_seconds_total": "Seconds of tasks on the wall.",
}

Sample = tuple[str, float]  # a series with its labels, and its value
Family = tuple[str, str, str, Iterable[Sample]]  # name, kind, help, samples


def may_read(request: HttpRequest) -> bool:
    """With the token; without one configured, from this machine itself, as long as no proxy stands in between."""
    if settings.METRICS_TOKEN:
        scheme, _space, token = request.headers.get("Authorization", "").partition(" ")
        return scheme.lower() == "bearer" and constant_time_compare(token, settings.METRICS_TOKEN)
    through_proxy = settings.SECURE_PROXY_SSL_HEADER or any(name in request.headers for name in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-Ip"))
    return not through_proxy and _is_this_machine(request.META.get("REMOTE_ADDR", ""))


def _is_this_machine(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def text() -> str:
    """Everything there is to say; a part that does not answer is left out and said to be down."""
    return "".join(f"{line}\n" for family in (*_from_redis(), *_from_database()) for line in _lines(family))


def _lines(family: Family) -> Iterator[str]:
    name, kind, words, samples = family
    yield f"# HELP {name} {words}"
    yield f"# TYPE {name} {kind}"
    for series, value in samples:
        yield f"{series} {value:.10g}"


def _gauge(name: str, words: str, samples: Iterable[Sample]) -> Family:
    return name, "gauge", words, samples


def _from_redis() -> Iterator[Family]:
    try:
        with meter.connect() as client:
            counts = {series: float(value) for series, value in client.hgetall(meter.key(meter.KEY)).items()}
            known = signs.read(client)
    except (RedisError, OSError):
        yield _gauge("sms_redis_up", "Whether Redis answers.", [("sms_redis_up", 0)])
        return
    yield _gauge("sms_redis_up", "Whether Redis answers.", [("sms_redis_up", 1)])
    for name, words in HELP.items():
        yield name, "counter", words, sorted((series, value) for series, value in counts.items() if series.partition("{")[0] == name)
    workers = [sign for sign in known if sign.kind == signs.WORKER and sign.is_alive]
    served = sorted({queue for sign in workers for queue in sign.queues})
    yield _gauge("sms_workers", "Workers that were heard of within half a minute, by queue.", [
        (meter.series("sms_workers", queue=queue), sum(queue in sign.queues for sign in workers)) for queue in served])  # fmt: skip
    for kind, words in ((signs.BEAT, "Seconds since beat last rang."), (signs.TICK, "Seconds since the tick was last carried out.")):
        ages = [sign.age for sign in known if sign.kind == kind]
        yield _gauge(f"sms_{kind}_age_seconds", words, [(f"sms_{kind}_age_seconds", min(ages))] if ages else [])


def _from_database() -> Iterator[Family]:
    try:
        families = [*_queues(), *_lanes(), *_reports(), *_rest()]
    except DatabaseError:
        yield _gauge("sms_database_up", "Whether PostgreSQL answers.", [("sms_database_up", 0)])
        return
    yield _gauge("sms_database_up", "Whether PostgreSQL answers.", [("sms_database_up", 1)])
    yield from families


def _labels(provider: Any, priority: int) -> dict[str, Any]:
    return {"provider": provider, "priority": Chunk.Priority(priority).name.lower()}


def _queues() -> list[Family]:
    ready = Chunk.objects.filter(state=ChunkState.READY).order_by("provider", "priority")
    depths = ready.values_list("provider", "priority").annotate(texts=Sum(F("size") - F("started_up_to")))
    ages = [(meter.series("sms_queue_age_seconds", **_labels(queue.provider, queue.priority)), queue.age) for queue in sending.queues()]
    claimed = Chunk.objects.filter(state=ChunkState.CLAIMED).order_by("provider").values_list("provider").annotate(n=Count("id"))
    return [
        _gauge("sms_queue_texts", "Texts that wait to be sent, those for a later time too.",
               [(meter.series("sms_queue_texts", **_labels(provider, priority)), texts) for provider, priority, texts in depths]),
        _gauge("sms_queue_age_seconds", "How long the chunk that is next has been due.", ages),
        _gauge("sms_chunks_under_lease", "Chunks that a worker holds.",
               [(meter.series("sms_chunks_under_lease", provider=provider), n) for provider, n in claimed]),
    ]  # fmt: skip


def _lanes() -> list[Family]:
    rows = list(Provider.objects.filter(active=True).order_by("id").values_list("id", "name", "lane", "rate"))
    names = [(meter.series("sms_provider_info", provider=pk, name=name), 1) for pk, name, _lane, _rate in rows]
    rates = [(meter.series("sms_provider_rate", provider=pk), rate) for pk, _name, _lane, rate in rows]
    states = [(meter.series("sms_lane_state", provider=row[0], state=state), int(row[2] == state)) for row in rows for state in Provider.Lane.values]
    return [
        _gauge("sms_provider_info", "Names of the active providers.", names),
        _gauge("sms_provider_rate", "Segments a second that a provider may take.", rates),
        *_slowed({row[0]: row[3] for row in rows}),
        _gauge("sms_lane_state", "1 for the state in which a lane is.", states),
    ]


def _slowed(rates: dict[int, int]) -> list[Family]:
    """What holds of the rates at this moment; nothing is said of it without Redis, where all workers wait."""
    try:
        slowed = slowness.read(list(rates))
    except (RedisError, OSError):
        return []
    shares = {pk: slowed[pk].share_now if pk in slowed else 1.0 for pk in rates}
    pauses = {pk: slowed[pk].pause if pk in slowed else 0.0 for pk in rates}
    return [
        _gauge("sms_provider_rate_now", "Segments a second that hold now: less after a gateway asked for a slower pace, none in its pause.",
               [(meter.series("sms_provider_rate_now", provider=pk), rate * shares[pk]) for pk, rate in rates.items()]),
        _gauge("sms_lane_pause_seconds", "Seconds until a gateway that asked for a pause gets texts again.",
               [(meter.series("sms_lane_pause_seconds", provider=pk), pause) for pk, pause in pauses.items()]),
    ]  # fmt: skip


def _reports() -> list[Family]:
    told, silent, now = lane_figures.last_reports(), {silence.provider.pk for silence in lane_figures.silences()}, timezone.now()
    active = list(Provider.objects.filter(active=True).order_by("id").values_list("id", flat=True))
    return [
        _gauge("sms_reports_silent", "1 for a provider that takes texts and has stopped to report on them.",
               [(meter.series("sms_reports_silent", provider=pk), int(pk in silent)) for pk in active]),
        _gauge("sms_last_report_age_seconds", "Seconds since a report of the provider was applied, to five minutes.",
               [(meter.series("sms_last_report_age_seconds", provider=pk), (now - told[pk]).total_seconds()) for pk in active if pk in told]),
    ]  # fmt: skip


def _rest() -> list[Family]:
    unknown = UnknownText.objects.order_by("provider").values_list("provider").annotate(n=Count("message"))
    moving = (MailingStatus.PREPARING, MailingStatus.SCHEDULED, MailingStatus.SENDING, MailingStatus.PAUSED)
    mailings = dict(Mailing.objects.filter(status__in=moving).order_by("status").values_list("status").annotate(n=Count("id")))
    return [
        _gauge("sms_unknown_texts", "Texts of which nobody knows whether they were sent.",
               [(meter.series("sms_unknown_texts", provider=provider or ""), n) for provider, n in unknown]),
        _gauge("sms_mailings", "Mailings under way.",
               [(meter.series("sms_mailings", status=status.value), mailings.get(status.value, 0)) for status in moving]),
    ]  # fmt: skip
