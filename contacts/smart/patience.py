"""Queries that may take long get so much time and no more: a page says so instead of hanging."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta

from django.db import OperationalError, connection, transaction
from psycopg.errors import QueryCanceled

ROOMY = "'64MB'"  # for one sort or hash


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


def alone() -> AbstractContextManager[None]:
    """Without helpers, whose start takes longer than what is asked for here. Inside a transaction."""
    return _planning(max_parallel_workers_per_gather="0")


def large_sets() -> AbstractContextManager[None]:
    """Join by hashing: of a group that was just filled the planner knows nothing, takes it for empty, and would look for each member
    through everybody. Inside a transaction."""
    return _without("enable_nestloop")


def in_order() -> AbstractContextManager[None]:
    """Read along the index of the list, also where the planner expects fewer people than a page holds. Inside a transaction."""
    return _without("enable_sort")


def very_many() -> AbstractContextManager[None]:
    """Sort a million numbers in memory, and meet people along their index in the order of their ids: hashing them in any order is twice as slow.
    Inside a transaction."""
    return _planning(work_mem=ROOMY, enable_hashjoin="off", enable_seqscan="off")


def roomy() -> AbstractContextManager[None]:
    """Sort a million numbers in memory. Inside a transaction."""
    return _planning(work_mem=ROOMY)


def _without(plan: str) -> AbstractContextManager[None]:
    return _planning(**{plan: "off"})


@contextmanager
def _planning(**settings: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {name} = {value}" for name, value in settings.items()))
        yield
        cursor.execute("; ".join(f"SET LOCAL {name} = DEFAULT" for name in settings))
