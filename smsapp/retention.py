"""Removes what has been kept for the days that administrators chose; one purge at a time, whoever asks."""

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from smsapp.common import audit
from smsapp.common.locks import alone
from smsapp.common.models import Organisation
from smsapp.common.retention import Kind, Round, kinds

LOCK_SPACE = 7_214  # advisory: one purge at a time
NIGHT = range(1, 6)  # hours at the organisation's place
SECONDS = 45.0  # of one tick, so that a worker who is asked to leave is not held up; the next tick goes on


@dataclass(frozen=True, slots=True)
class Purged:
    """What went of one kind, or would go."""

    name: str
    label: Any
    before: datetime
    rows: dict[str, int]
    kept: list[str]


def purge(*, dry_run: bool = False, seconds: float = float("inf")) -> list[Purged] | None:
    """All kinds in turn; those without days are kept. None when another purge is under way. Broken off anywhere, the next one goes on."""
    with alone(LOCK_SPACE) as held:
        return _all(dry_run=dry_run, ends=time.monotonic() + seconds) if held else None


def _all(*, dry_run: bool, ends: float) -> list[Purged]:
    organisation, now, found = Organisation.current(), timezone.now(), []
    for name in kinds.names():
        kind = kinds.get(name)
        if kind is None or (days := _days(organisation, kind)) is None:
            continue
        before, this = now - timedelta(days=days), Round(dry_run, ends)
        try:
            kind.purge(before, this)
        finally:
            if this.rows.total() and not dry_run:
                audit.note(organisation, f"purged: {name}", before=before.date(), **this.rows)
        if kind.days or this.rows.total():
            found.append(Purged(name, kind.label, before, dict(this.rows), this.kept))
    return found


def _days(organisation: Organisation, kind: Kind) -> int | None:
    """None: for ever."""
    return (getattr(organisation, kind.days) or None) if kind.days else 0


def tick() -> None:
    """At night, for a while; the ticks of one night go on where the one before stopped."""
    if timezone.now().astimezone(ZoneInfo(Organisation.current().time_zone)).hour in NIGHT:
        purge(seconds=SECONDS)
