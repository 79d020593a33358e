"""What the database does for a page: each query is explained at the moment when it is asked, and those that go through a large table are told."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

LARGE = frozenset({"contacts_contact", "contacts_phonenumber", "contacts_membership", "contacts_activity", "campaigns_message", "campaigns_exclusion"})


@dataclass(slots=True)
class Watch:
    """How many statements there were, and which read a large table from one end to the other: (table, statement)."""

    statements: int = 0
    scans: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        self.statements += 1
        if not many and str(sql).lstrip(" (\n").upper().startswith(("SELECT", "WITH")):
            self.scans += [(table, " ".join(str(sql).split())) for table in _scanned(_plan(str(sql), params))]
        return execute(sql, params, many, context)


@contextmanager
def watched() -> Iterator[Watch]:
    """Look at everything that is asked in the block."""
    watch = Watch()
    with connection.execute_wrapper(watch):
        yield watch


def _plan(sql: str, params: Any) -> dict[str, Any]:
    """The plan as the planner makes it now, with the settings of this moment."""
    with connection.connection.cursor() as cursor:  # past Django, so that it is not watched itself
        cursor.execute("EXPLAIN (FORMAT JSON) " + sql, params)
        found = cursor.fetchone()[0]
    plan: dict[str, Any] = (json.loads(found) if isinstance(found, str) else found)[0]["Plan"]
    return plan


def _scanned(node: dict[str, Any]) -> Iterator[str]:
    if node["Node Type"] == "Seq Scan" and node["Relation Name"] in LARGE:
        yield node["Relation Name"]
    for child in node.get("Plans", ()):
        yield from _scanned(child)
