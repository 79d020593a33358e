"""Counting up to a million people in one pass: what is asked of each person is worked out once, and all figures come from that."""

from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from contacts.smart.patience import very_many


def figures(people: QuerySet[Any, Any], *columns: str) -> tuple[int, ...]:
    """Aggregates (SQL of our own) over the values that `people` selects."""
    asked, parameters = people.order_by().query.sql_with_params()
    # OFFSET 0 keeps it from being worked out for each column
    statement = f"SELECT {', '.join(columns)} FROM ({asked} OFFSET 0) AS asked"  # noqa: S608 (columns of our own)
    with transaction.atomic(), very_many(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return tuple(cursor.fetchone())
