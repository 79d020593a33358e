"""What a text leaves behind: bytes of table and index, and of write-ahead log, from its preparation to its last report."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from benchmarks import reports, stage
from benchmarks.result import Result
from campaigns.models import Mailing, Message
from campaigns.pipeline.record import RECORD
from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from contacts.models import Activity
from providers.models import Provider, WebhookEvent

SIZE = 50_000
STRIDE = 250
PREPARED = reports.MESSAGES.replace("0, 0, 10, '+336'", "0, 0, 0, '+336'").replace("now(), now() FROM", "now(), NULL FROM")  # not sent yet
WORDS = ("queued", "sent", "delivered")  # the three reports of a text


def run(size: int = SIZE) -> Result:
    """Bytes per text, each stage in transactions as large as the console's own."""
    result = Result("sizes", notes=[f"{size:,} texts of 34 characters, strides of {STRIDE}, three reports each; write-ahead log after a checkpoint"])
    with stage.scratch_database():
        provider = Provider.objects.create(name="Benchmark", kind="simulator", senders=["36111"])
        mailing = Mailing.objects.create(name="Benchmark")
        with _logged(result, "prepare", size), connection.cursor() as cursor:
            cursor.execute(PREPARED, [mailing.pk, provider.pk, size])
        with _logged(result, "outcomes", size):
            for first in range(1, size + 1, STRIDE):
                ids = range(first, min(first + STRIDE, size + 1))
                transitions.move_messages([Outcome(pk, MessageStatus.SENT, f"SM{pk:032d}", attempts=1) for pk in ids])
                with connection.cursor() as cursor:
                    cursor.execute(RECORD, [list(ids)])
        with _logged(result, "reports", size):
            for word in WORDS:
                reports._copy("".join(_report(provider.pk, pk, word) for pk in range(1, size + 1)))
            reports._apply()
        assert Message.objects.filter(status=MessageStatus.DELIVERED).count() == size
        for name, model in (("message", Message), ("activity", Activity), ("events", WebhookEvent)):
            result.figures[f"{name}_rows"] = _size(model._meta.db_table) / size
    log = sum(bytes_ for name, bytes_ in result.figures.items() if name.endswith("_log"))
    result.ratios = {"log_vs_tables": log / (sum(result.figures.values()) - log)}
    return result


def _report(provider_id: int, pk: int, word: str) -> str:
    row = reports._row(provider_id, pk).replace(b"delivered".hex(), word.encode().hex())
    return row.replace(pk.to_bytes(16).hex(), (pk + WORDS.index(word) * 10**9).to_bytes(16).hex())


@contextmanager
def _logged(result: Result, name: str, size: int) -> Iterator[None]:
    """Write-ahead log of a block, per text."""
    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        cursor.execute("SELECT pg_current_wal_insert_lsn()")
        began = cursor.fetchone()[0]
        yield
        cursor.execute("SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), %s)", [began])
        result.figures[f"{name}_log"] = float(cursor.fetchone()[0]) / size


def _size(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_total_relation_size(%s)", [table])
        return int(cursor.fetchone()[0])
