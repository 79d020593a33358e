"""Whether figures are true: counters, what pages show, and the list of unknown texts, against the rows of the messages themselves.

All from one snapshot each, so that texts which move meanwhile are no difference. Goes through all messages that it is asked about: for a
command and for tests, not for a page.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection, transaction
from django.db.models import Sum

from campaigns.models import Mailing, Message, PurgedCount
from campaigns.services import figures
from campaigns.services.again import ONCE_MORE
from campaigns.statuses import DRAFTS, MessageStatus

Which = Sequence[int] | None  # ids of mailings; None: everything


class What(StrEnum):
    """What is not as it should be."""

    COUNTER = "counter"  # the counters of a mailing and its rows
    PAGE = "page"  # what the mailing's page shows and its rows
    LIST = "list"  # unknown texts that wait for an answer and their rows
    STRANDED = "stranded"  # texts to be sent that stand in no chunk from which anybody would


@dataclass(frozen=True, slots=True)
class Difference:
    """Two figures that should be the same: `rows` is the truth."""

    what: What
    mailing: int | None
    status: str
    counted: int
    rows: int
    counted_segments: int = 0
    row_segments: int = 0

    def __str__(self) -> str:
        where = f"mailing {self.mailing}" if self.mailing else "texts without a mailing"
        if self.what is What.STRANDED:
            return f"{where}: {self.rows} texts wait to be sent, and stand in no chunk that anybody sends"
        said = {What.COUNTER: "the counters say", What.PAGE: "the page shows", What.LIST: "the list of unknown texts has"}[self.what]
        segments = f" ({self.counted_segments} and {self.row_segments} segments)" if self.counted_segments != self.row_segments else ""
        return f"{where}, {self.status}: {said} {self.counted}, the rows are {self.rows}{segments}"


def differences(mailings: Which = None) -> list[Difference]:
    """Everything that is not as its rows are; empty when all is true."""
    return [*_counters(mailings), *_pages(mailings), *_list(mailings), *_stranded(mailings)]


def mend(mailings: Which = None) -> int:
    """Bring counters and list to what the rows are, while texts may be moving; how many lines it took. Rows are never touched."""
    facts = {"mailings": _ids(mailings)}
    with transaction.atomic(), connection.cursor() as cursor:
        changed = 0
        for statement in (MEND_COUNTERS, JOIN_THE_LIST, LEAVE_THE_LIST):
            cursor.execute(statement, facts)
            changed += cursor.rowcount
    return changed


def _ids(mailings: Which) -> list[int] | None:
    return None if mailings is None else list(mailings)


# Each half is summed from the same snapshot; a text and its count are written in one transaction.
COMPARED = """
    WITH stored AS (SELECT mailing_id, status, 1 AS messages, segments FROM campaigns_message WHERE mailing_id IS NOT NULL
                     UNION ALL SELECT mailing_id, status, messages, segments FROM campaigns_purgedcount WHERE status >= 0),
         rows AS (SELECT mailing_id, status, sum(messages) AS messages, sum(segments) AS segments FROM stored
                   WHERE %(mailings)s::bigint[] IS NULL OR mailing_id = ANY(%(mailings)s) GROUP BY 1, 2),
         counted AS (SELECT mailing_id, status, sum(messages) AS messages, sum(segments) AS segments FROM campaigns_mailingtally
                      WHERE %(mailings)s::bigint[] IS NULL OR mailing_id = ANY(%(mailings)s) GROUP BY 1, 2),
         compared AS (SELECT mailing_id, status, coalesce(c.messages, 0) AS counted, coalesce(r.messages, 0) AS rows,
                             coalesce(c.segments, 0) AS counted_segments, coalesce(r.segments, 0) AS row_segments
                        FROM rows AS r FULL JOIN counted AS c USING (mailing_id, status)),
         wrong AS (SELECT * FROM compared WHERE counted <> rows OR counted_segments <> row_segments)"""
SHOW_COUNTERS = f"{COMPARED} SELECT mailing_id, status, counted, rows, counted_segments, row_segments FROM wrong ORDER BY 1, 2"  # noqa: S608 (the words above)
MEND_COUNTERS = f"""{COMPARED}
    INSERT INTO campaigns_mailingtally (mailing_id, status, messages, segments)
    SELECT w.mailing_id, w.status, w.rows - w.counted, w.row_segments - w.counted_segments FROM wrong AS w
      JOIN campaigns_mailing AS g ON g.id = w.mailing_id"""  # noqa: S608


def _counters(mailings: Which) -> list[Difference]:
    found = _ask(SHOW_COUNTERS, mailings)
    return [Difference(What.COUNTER, mailing, MessageStatus(status).name.lower(), *map(int, numbers)) for mailing, status, *numbers in found]


# Who waits: unknown, and not sent again yet.
WAITS = f"m.status = 30 AND NOT EXISTS (SELECT 1 FROM campaigns_message AS a WHERE a.idempotency_key = '{ONCE_MORE}' || m.id)"  # noqa: S608 (our own word)
MISSING = f"""
    SELECT m.mailing_id, m.id FROM campaigns_message AS m
     WHERE {WAITS} AND NOT EXISTS (SELECT 1 FROM campaigns_unknowntext AS u WHERE u.message_id = m.id)
       AND (%(mailings)s::bigint[] IS NULL OR m.mailing_id = ANY(%(mailings)s))"""  # noqa: S608 (the condition above)
SURPLUS = f"""
    SELECT u.mailing_id, u.message_id FROM campaigns_unknowntext AS u
     WHERE NOT EXISTS (SELECT 1 FROM campaigns_message AS m WHERE m.id = u.message_id AND {WAITS})
       AND (%(mailings)s::bigint[] IS NULL OR u.mailing_id = ANY(%(mailings)s))"""  # noqa: S608
JOIN_THE_LIST = f"""
    INSERT INTO campaigns_unknowntext (message_id, mailing_id, provider_id, reason, since, look_at, looks)
    SELECT m.id, m.mailing_id, m.provider_id, m.reason, coalesce(m.sent_at, m.created_at), NULL, 0
      FROM campaigns_message AS m JOIN ({MISSING}) AS missing ON missing.id = m.id
    ON CONFLICT DO NOTHING"""  # noqa: S608
LEAVE_THE_LIST = f"DELETE FROM campaigns_unknowntext WHERE message_id IN (SELECT message_id FROM ({SURPLUS}) AS surplus)"  # noqa: S608


def _list(mailings: Which) -> list[Difference]:
    missing, surplus = (Counter(mailing for mailing, _id in _ask(sql, mailings)) for sql in (MISSING, SURPLUS))
    return [
        *(Difference(What.LIST, mailing, "not listed", 0, count) for mailing, count in missing.items()),
        *(Difference(What.LIST, mailing, "listed for nothing", count, 0) for mailing, count in surplus.items()),
    ]


# Of launched mailings and of one-off texts. Chunks that were cancelled are settled by the next tick.
STRANDED = """
    SELECT m.mailing_id, count(*) FROM campaigns_message AS m
      LEFT JOIN campaigns_chunk AS c ON c.id = m.chunk_id
     WHERE m.status = 0 AND (c.id IS NULL OR c.state = 3) AND (%(mailings)s::bigint[] IS NULL OR m.mailing_id = ANY(%(mailings)s))
     GROUP BY 1 ORDER BY 1"""


def _stranded(mailings: Which) -> list[Difference]:
    return [Difference(What.STRANDED, mailing, "queued", 0, count) for mailing, count in _ask(STRANDED, mailings)]


def _ask(sql: str, mailings: Which) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"mailings": _ids(mailings)})
        return cursor.fetchall()


def _pages(mailings: Which) -> list[Difference]:
    """What the page of each mailing shows, in a transaction that sees one moment."""
    chosen = Mailing.objects.exclude(status__in=DRAFTS).order_by("id")
    ids = chosen.values_list("id", flat=True) if mailings is None else chosen.filter(id__in=mailings).values_list("id", flat=True)
    return [difference for mailing_id in ids for difference in _page(mailing_id)]


def _page(mailing_id: int) -> list[Difference]:
    with transaction.atomic():
        _see_one_moment()
        mailing = Mailing.objects.get(id=mailing_id)
        shown, rows, repeated = figures.of(mailing), _by_status(mailing), _repeated(mailing)
    true = {status.name.lower(): rows[status] for status in MessageStatus if status not in (MessageStatus.OPEN, MessageStatus.CANCELLED)}
    true["total"] = sum(rows.values())
    true["people"] = true["total"] - repeated
    return [Difference(What.PAGE, mailing_id, name, getattr(shown, name), count) for name, count in true.items() if getattr(shown, name) != count]


def _by_status(mailing: Mailing) -> Counter[int]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT status, count(*) FROM {Message._meta.db_table} WHERE mailing_id = %s GROUP BY 1", [mailing.pk])  # noqa: S608
        stored = Counter[int](dict(cursor.fetchall()))
    purged = PurgedCount.objects.filter(mailing=mailing, status__gte=0).values_list("status").annotate(Sum("messages"))
    return stored + Counter(dict(purged))


def _repeated(mailing: Mailing) -> int:
    purged = PurgedCount.objects.filter(mailing=mailing, status=PurgedCount.AGAIN).aggregate(texts=Sum("messages"))["texts"] or 0
    return Message.objects.filter(mailing=mailing).exclude(again_of=None).count() + int(purged)


def _see_one_moment() -> None:
    """Of the transaction that has just begun; one inside another cannot any more."""
    if len(connection.savepoint_ids) == 0:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
