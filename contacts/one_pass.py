"""Counting up to a million people in one pass: what is asked of each person is worked out once, and all figures come from that."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

# A million numbers are sorted in memory, and people met along their index in the order of their ids: hashing them in any order is twice as slow.
PLAN = "SET LOCAL work_mem = '64MB'; SET LOCAL enable_hashjoin = off; SET LOCAL enable_seqscan = off"
AS_EVER = "SET LOCAL work_mem = DEFAULT; SET LOCAL enable_hashjoin = DEFAULT; SET LOCAL enable_seqscan = DEFAULT"


@contextmanager
def plan() -> Iterator[None]:
    """The database's way of going through very many people, for the length of a block inside a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(PLAN)
        yield
        cursor.execute(AS_EVER)


def figures(people: QuerySet[Any, Any], *columns: str) -> tuple[int, ...]:
    """Aggregates (SQL of our own) over the values that `people` selects."""
    asked, parameters = people.order_by().query.sql_with_params()
    # OFFSET 0 keeps it from being worked out for each column
    statement = f"SELECT {', '.join(columns)} FROM ({asked} OFFSET 0) AS asked"  # noqa: S608 (columns of our own)
    with transaction.atomic(), plan(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return tuple(cursor.fetchone())
