"""Queries that may take long get so much time and no more: a page says so instead of hanging."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled


class TookTooLong(Exception):
    """The database was stopped after the time it had."""


@contextmanager
def by_index() -> Iterator[None]:
    """Read along indexes: for a page of many rows, where going through the table may mean all of it before the last of them is found."""
    with transaction.atomic(), _without("enable_seqscan"):
        yield


@contextmanager
def patience(most: timedelta) -> Iterator[None]:
    """Stop the database's statements after so much time. Raises TookTooLong."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {most // timedelta(milliseconds=1)}; SET LOCAL jit = off")  # compiling takes longer than these
            yield
            cursor.execute("SET LOCAL statement_timeout = DEFAULT; SET LOCAL jit = DEFAULT")
    except OperationalError as problem:
        if isinstance(problem.__cause__, QueryCanceled):
            raise TookTooLong from problem
        raise


def large_sets() -> AbstractContextManager[None]:
    """Join by hashing: of a group that was just filled the planner knows nothing, takes it for empty, and would look for each member
    through everybody. Inside a transaction."""
    return _without("enable_nestloop")


def in_order() -> AbstractContextManager[None]:
    """Read along the index of the list, also where the planner expects fewer people than a page holds. Inside a transaction."""
    return _without("enable_sort")


@contextmanager
def _without(plan: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL {plan} = off")
        yield
        cursor.execute(f"SET LOCAL {plan} = DEFAULT")
