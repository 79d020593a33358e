"""Empties the database after tests of real transactions, in milliseconds: Django's own flush makes every table anew, then all rights and roles.

What migrations and roles have written stays, unless a test changed it; then Django's way is taken, and wherever the user may not skip triggers.
"""

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.test import TransactionTestCase

KEPT = ("django_migrations", "django_content_type", "auth_permission", "auth_group", "auth_group_permissions")
# Rows are deleted, not truncated: that takes no lock for which a process of a test would be waited for.
EMPTY = f"""
    DO $$
    DECLARE named text;
    BEGIN
        SET LOCAL session_replication_role = replica;
        FOR named IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname NOT IN {KEPT} LOOP
            EXECUTE format('DELETE FROM %I', named);
        END LOOP;
    END $$"""  # noqa: S608 (our own names)
RIGHTS = """
    SELECT (SELECT count(*) FROM django_content_type), (SELECT count(*) FROM auth_permission), (SELECT string_agg(name, ',' ORDER BY id) FROM auth_group),
           (SELECT coalesce(sum(hashint8extended(group_id * 100000 + permission_id, 0)), 0) FROM auth_group_permissions)"""


_known: list[Any] = []


def install() -> None:
    """From now on."""
    flush: Callable[[Any], None] = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]

    def teardown(test: Any) -> None:
        if _rights() not in _known or not _emptied():
            flush(test)
            remember()

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]


def remember() -> None:
    """What rights and roles are like now, is what every test finds."""
    _known[:] = [_rights()]


def _rights() -> Any:
    with connection.cursor() as cursor:
        cursor.execute(RIGHTS)
        return cursor.fetchone()


def _emptied() -> bool:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(EMPTY)
    except DatabaseError:
        return False
    return True
