"""Redis, workers, beat and the clocks of the machines."""

import time
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from redis.exceptions import RedisError

from smsapp.common import meter
from smsapp.watch import signs
from smsapp.watch.findings import Finding, mind, wrong
from smsapp.watch.signs import Sign

SKEW, WIDE_SKEW = 2.0, 10.0  # seconds


def queues() -> list[str]:
    """Every queue that some task goes to."""
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    return sorted({settings.CELERY_TASK_DEFAULT_QUEUE, *routed})


def _meaning(queue: str) -> str:
    meanings = {
        "urgent": _("one-off texts do not leave, reports are not applied, nothing starts by itself"),
        "bulk": _("mailings are neither prepared nor sent"),
        "background": _("imports, exports, smart groups and duplicates wait"),
    }
    return meanings.get(queue, _("its work waits"))


def look(ahead_of_database: float | None) -> list[Finding]:
    """Everything that Redis tells; `ahead_of_database`: seconds that this machine's clock is ahead, None when unknown."""
    try:
        with meter.connect() as client:
            begun = time.time()
            seconds, micro = client.time()
            ahead = (begun + time.time()) / 2 - seconds - micro / 1e6
            known = signs.read(client)
    except (RedisError, OSError):
        cure = _("Check REDIS_URL and that the server runs. Pages work; texts wait and go out by themselves as soon as it is back.")
        return [wrong("redis_unreachable", _("Redis does not answer: no worker hears that there is work."), cure), *_clock("PostgreSQL", ahead_of_database)]
    return [*_workers(known), *_beat(known), *_clock("Redis", ahead), *_clock("PostgreSQL", ahead_of_database), *_clocks_of_workers(known)]


def _served(known: list[Sign]) -> set[str]:
    return {queue for sign in known if sign.kind == signs.WORKER and sign.is_alive for queue in sign.queues}


def _workers(known: list[Sign]) -> list[Finding]:
    served, found = _served(known), list[Finding]()
    for queue in queues():
        if queue not in served:
            what = _("No worker listens to the queue “%(queue)s”: %(meaning)s.") % {"queue": queue, "meaning": _meaning(queue)}
            cure = _("Start one: %(command)s") % {"command": f"celery -A smsapp worker -Q {queue}"}
            found.append(wrong(f"no_worker_{queue}", what, cure))
    return found


def _beat(known: list[Sign]) -> list[Finding]:
    if not any(sign.kind == signs.BEAT and sign.is_alive for sign in known):
        what = _("Beat is not running: scheduled mailings do not start, and what a lost worker held is not freed.")
        return [wrong("no_beat", what, _("Start it: %(command)s") % {"command": "celery -A smsapp beat"})]
    ticks = [sign.age for sign in known if sign.kind == signs.TICK]
    if (ticks and min(ticks) < signs.GONE) or settings.CELERY_TASK_DEFAULT_QUEUE not in _served(known):
        return []  # without a worker of its queue that one is missed, which is said already
    what = _("Beat runs, but its tick is not carried out: scheduled mailings do not start.")
    return [wrong("no_tick", what, _("Look whether the workers of the queue “urgent” are busy or stuck; restart them."))]


def _clock(other: str, ahead: float | None) -> list[Finding]:
    if ahead is None or abs(ahead) < SKEW:
        return []
    facts = {"seconds": f"{abs(ahead):.1f}", "other": other}
    what = _("The clocks of this machine and of the %(other)s server are %(seconds)s s apart.") % facts
    say = wrong if abs(ahead) >= WIDE_SKEW else mind
    return [say(f"clock_{other.lower()}", what, _("Let all machines set their clocks by one time server (chrony, systemd-timesyncd)."))]


def _clocks_of_workers(known: list[Sign]) -> list[Finding]:
    apart = [sign for sign in known if sign.kind == signs.WORKER and sign.is_alive and abs(sign.skew) >= SKEW]
    if not apart:
        return []
    facts: dict[str, Any] = {"worker": apart[0].name.split(" ")[0], "seconds": f"{abs(apart[0].skew):.1f}"}
    what = _("The clocks of the worker %(worker)s and of the Redis server are %(seconds)s s apart.") % facts
    return [mind("clock_worker", what, _("Let all machines set their clocks by one time server (chrony, systemd-timesyncd)."))]
