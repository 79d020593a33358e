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


def install() -> None:
    """From now on; the first time in each process is Django's, which tells what rights and roles are like."""
    flush: Callable[[Any], None] = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]
    known: list[Any] = []

    def teardown(test: Any) -> None:
        if not known or _rights() != known[0] or not _emptied():
            flush(test)
            known[:] = [_rights()]

    TransactionTestCase._fixture_teardown = teardown  # type: ignore[attr-defined]


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
