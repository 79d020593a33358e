"""Whether something broke because the database is away, which is no defect of ours. Pure."""

from collections.abc import Iterator

import psycopg
from django.db import InterfaceError, OperationalError

_GOES_OR_COMES = ("57P01", "57P02", "57P03")  # shut down, crashed, starting up (PostgreSQL, appendix A)
_CONNECTION = "08"  # the class of connection exceptions


def is_away(problem: BaseException | None) -> bool:
    """Of an exception and what it came from. A deadlock, a timeout or a full disk is an answer: somebody is there."""
    return any(_says_so(each) for each in _chain(problem))


def _chain(problem: BaseException | None) -> Iterator[BaseException]:
    seen = set[int]()
    while problem is not None and id(problem) not in seen:
        seen.add(id(problem))
        yield problem
        problem = problem.__cause__ or (None if problem.__suppress_context__ else problem.__context__)


def _says_so(problem: BaseException) -> bool:
    if isinstance(problem, psycopg.OperationalError):
        state = problem.sqlstate or ""
        return not state or state in _GOES_OR_COMES or state.startswith(_CONNECTION)
    wrapped = isinstance(problem.__cause__, psycopg.Error)  # Django's own say what the driver's said, which is looked at next
    return isinstance(problem, OperationalError | InterfaceError) and not wrapped
