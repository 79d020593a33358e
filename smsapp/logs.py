"""Lines of the log: time, level, logger, a constant message, the facts as key=value; no token, no row's values."""

import json
import logging
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from smsapp.common.absence import is_away

_HOOK = re.compile(r"(/hooks/[^/\s]*/|/workflows/\d+/signal/[^/\s]+/)[^/\s'\"?>]+")
# PostgreSQL (which may speak French) repeats the row (names, numbers, texts) below its first line, Celery the whole as a literal
_ROW = re.compile(r"(?:\n|\\n)(?:D[EÉ]TAIL|CONTEXTE?|LI(?:NE|GNE) \d+) ?: .*?(?=\n\n(?:The above exception|During handling)|\Z)", re.DOTALL)
_OWN = frozenset(logging.LogRecord("", 0, "", 0, "", None, None).__dict__) | {"message", "asctime", "taskName"}
QUIET_SECONDS = 30.0
_PLAIN = re.compile(r"[^\s\"=\\]+")


def mask(text: str) -> str:
    """Text without the tokens of addresses that programs post to: who knows one may knock at our door."""
    return _HOOK.sub(r"\1•••", text)


def facts(record: logging.LogRecord) -> Iterator[tuple[str, str | int | float | None]]:
    """What `extra` added; things (a request, a socket) stay out, their words may hold anything."""
    for name, value in record.__dict__.items():
        if name not in _OWN and (value is None or isinstance(value, str | int | float)):
            yield name, value


class HookTokens(logging.Filter):
    """Masks the tokens of programs' addresses before any handler writes them; Django logs the path of each refused request."""

    def filter(self, record: logging.LogRecord) -> bool:
        message = record.getMessage()
        if (masked := mask(message)) != message:
            record.msg, record.args = masked, None
        for name, value in list(facts(record)):
            if isinstance(value, str):
                setattr(record, name, mask(value))
        return True


class Ordinary(logging.Filter):
    """A refusal (403, 404, a form of another session) is an ordinary event: one line that names it, without the way through our code."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name == "django.request" and getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True


class Absence(logging.Filter):
    """A database that is away is one line, and in each process one in half a minute: every tick fails meanwhile, and none says more than the first."""

    def __init__(self) -> None:
        super().__init__()
        self._quiet_until = 0.0  # monotonic

    def filter(self, record: logging.LogRecord) -> bool:
        problem = record.exc_info[1] if record.exc_info else None
        if not is_away(problem):
            return True
        if time.monotonic() < self._quiet_until:
            return False
        self._quiet_until = time.monotonic() + QUIET_SECONDS
        record.msg, record.args = "database not reached, going on when it is back", None
        record.exc_info = record.exc_text = None
        record.problem = str(problem).partition("\n")[0][:200]
        return True


class Facts(logging.Formatter):
    """2026-11-23T12:00:00.000Z WARNING contacts.importing.jobs import cannot go on job=7 problem=OSError"""

    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = [time, record.levelname, record.name, _ROW.sub("", record.getMessage()), *(f"{name}={_quoted(value)}" for name, value in facts(record))]
        trace = self.formatException(record.exc_info) if record.exc_info else ""
        return " ".join(said) + (f"\n{trace}" if trace else "")

    def formatException(self, ei: Any) -> str:  # noqa: N802  (logging's name)
        return mask(_ROW.sub("", super().formatException(ei)))


def _quoted(value: str | float | None) -> str:
    text = "" if value is None else str(value)
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
