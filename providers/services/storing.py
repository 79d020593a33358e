"""Writes raw webhooks: those that come in a crowd together, each answered once it is committed.

Whoever comes while another thread writes waits for it, and the first of those then writes all that wait: the fuller the crowd, the fewer the commits.
"""

import hashlib
from collections.abc import Sequence
from threading import Lock
from typing import NamedTuple

from django.db import DatabaseError, OperationalError, connection

from providers.backends.base import Webhook

MOST = 200  # rows of a statement


class Row(NamedTuple):
    """What is kept of a webhook. The digest says whether it was here before."""

    provider_id: int
    event: str
    query: str
    body: bytes
    content_type: str
    digest: bytes


def row_of(provider_id: int, webhook: Webhook) -> Row:
    """The row of a webhook, without what the database cannot hold."""
    digest = hashlib.sha256(b"\0".join((webhook.event.encode(), webhook.query.encode("utf-8", "replace"), webhook.body))).digest()[:16]
    return Row(provider_id, webhook.event, _storable(webhook.query, 500), webhook.body, _storable(webhook.content_type, 120), digest)


def _storable(text: str, length: int) -> str:
    return text.replace("\0", "")[:length].encode("utf-8", "replace").decode()


_INSERT = """
    INSERT INTO providers_webhookevent (provider_id, event, query, body, content_type, digest, state, problem, tries, received_at)
    VALUES {} ON CONFLICT (provider_id, digest) DO NOTHING RETURNING id, provider_id, digest"""
_VALUES = "(%s, %s, %s, %s, %s, %s, 'new', '', 0, now())"


def store(rows: Sequence[Row]) -> list[int | None]:
    """Write rows in one statement; the id of each, None for one that was stored before."""
    with connection.cursor() as cursor:
        cursor.execute(_INSERT.format(", ".join([_VALUES] * len(rows))), [value for row in rows for value in row])
        new = {(provider_id, bytes(digest)): id_ for id_, provider_id, digest in cursor.fetchall()}
    return [new.pop((row.provider_id, row.digest), None) for row in rows]


class _Waiting:
    """A row of a thread that waits for its commit."""

    __slots__ = ("done", "fault", "id", "row")

    def __init__(self, row: Row) -> None:
        self.row = row
        self.done = False
        self.id: int | None = None
        self.fault: Exception | None = None


_queue: list[_Waiting] = []
_writing = Lock()


def store_in_a_crowd(row: Row) -> int | None:
    """Write a row, together with those of other threads; returns once it is committed. Not for use inside a transaction."""
    mine = _Waiting(row)
    _queue.append(mine)
    while not mine.done:
        with _writing:
            if not mine.done:
                batch = _queue[:MOST]
                del _queue[: len(batch)]
                _write(batch)
    if mine.fault is not None:
        raise mine.fault
    return mine.id


def _write(batch: list[_Waiting]) -> None:
    """Write them all; where that fails, each by itself, so that one bad row harms no other. Nobody waits for ever."""
    try:
        for waiting, id_ in zip(batch, store([waiting.row for waiting in batch]), strict=True):
            waiting.id, waiting.done = id_, True
    except DatabaseError as fault:
        if len(batch) > 1 and connection.is_usable():
            for waiting in batch:
                _write([waiting])
        for waiting in batch:
            waiting.fault = waiting.fault if waiting.done else fault
    except Exception as fault:
        for waiting in batch:
            waiting.fault = fault
    finally:
        for waiting in batch:
            if not waiting.done:
                waiting.fault, waiting.done = waiting.fault or OperationalError("the report could not be written"), True
