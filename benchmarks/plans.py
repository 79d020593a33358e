"""What the database does for a page: each query is explained at the moment when it is asked, and those that go through a large table are told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import connection

from contacts.filters import CHEAP_WORDS

LARGE = frozenset({"contacts_contact", "contacts_phonenumber", "contacts_membership", "contacts_activity", "campaigns_message", "campaigns_exclusion"})

ALL_ROWS_FIRST = frozenset({"Sort", "Aggregate", "Hash", "SetOp"})  # they give nothing before they have everything
INDEXED = frozenset({"Index Scan", "Index Only Scan", "Bitmap Index Scan"})
INDEXES = """
    SELECT of.relname, held.relname FROM pg_index JOIN pg_class AS of ON of.oid = indexrelid JOIN pg_class AS held ON held.oid = indrelid
     WHERE held.relname = ANY(%s) AND (indpred IS NULL OR of.reltuples > held.reltuples / 2)"""


@dataclass(frozen=True, slots=True)
class Scan:
    """A large table that a statement reads from one end to the other, row by row or along an index."""

    table: str
    index: str = ""
    sql: str = ""

    @property
    def how(self) -> str:
        """In words."""
        return f"{self.table} along {self.index}" if self.index else self.table


@dataclass(slots=True)
class Watch:
    """How many statements there were, and what they read from one end to the other."""

    cheap: float  # effort at which it does not matter that an index is read from end to end, for there are not so many rows
    statements: int = 0
    scans: list[Scan] = field(default_factory=list)
    whole: dict[str, str] = field(default_factory=lambda: _whole_indexes())

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.statements += 1
        if not many and str(sql).lstrip(" (\n").upper().startswith(("SELECT", "WITH")):
            plan = _plan(str(sql), params)
            found = [scan for scan in _scanned(plan, self.whole) if not scan.index or plan["Total Cost"] > self.cheap]
            self.scans += [replace(scan, sql=" ".join(str(sql).split())) for scan in found]
        return execute(sql, params, many, context)


@contextmanager
def watched(cheap: float = CHEAP_WORDS) -> Iterator[Watch]:
    """Look at everything that is asked in the block."""
    watch = Watch(cheap)
    with connection.execute_wrapper(watch):
        yield watch


def _plan(sql: str, params: Any) -> dict[str, Any]:
    """The plan as the planner makes it now, with the settings of this moment."""
    with connection.connection.cursor() as cursor:  # past Django, so that it is not watched itself
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql, params)
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def _scanned(node: dict[str, Any], whole: dict[str, str], *, stops: bool = False) -> Iterator[Scan]:
    """Large tables that are read row by row, or along an index without a place to begin and nobody who `stops` it."""
    kind, index = node["Node Type"], node.get("Index Name", "")
    if kind == "Seq Scan" and node["Relation Name"] in LARGE:
        yield Scan(node["Relation Name"])
    if kind in INDEXED and index in whole and "Index Cond" not in node and not stops:
        yield Scan(whole[index], index)
    stops = kind == "Limit" or (stops and kind not in ALL_ROWS_FIRST)
    for child in node.get("Plans", ()):
        yield from _scanned(child, whole, stops=stops)


def _whole_indexes() -> dict[str, str]:
    """Indexes that hold most of a large table, with its name: those of few rows may well be read from end to end."""
    with connection.cursor() as cursor:
        cursor.execute(INDEXES, [sorted(LARGE)])
        return dict(cursor.fetchall())
