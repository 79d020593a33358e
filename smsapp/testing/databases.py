"""Each database of tests is a copy of a pattern that was migrated once: workers and later runs need not migrate, until a migration changes."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.postgresql.creation import DatabaseCreation

from smsapp.testing import emptying
from smsapp.testing.source import shape

PATTERN = "test_pattern_"
UNFINISHED = "test_unfinished_pattern"
LOCK = 7_351_016  # one process at a time makes patterns

Create = Callable[..., str]


def install() -> None:
    """From now on. What is copied is migrated all the same, which finds nothing to do, unless a library has been changed."""
    create: Create = DatabaseCreation.create_test_db

    def copied(creation: Any, *args: Any, **options: Any) -> str:
        creation.connection.settings_dict["TEST"]["TEMPLATE"] = pattern(creation, create)
        name = create(creation, *args, **options)
        _hurry(creation.connection, name)
        emptying.remember()
        return name

    DatabaseCreation.create_test_db = copied  # type: ignore[method-assign,assignment]


def pattern_name() -> str:
    """What the pattern of this checkout is called."""
    return f"{PATTERN}{shape()}"


def pattern(creation: Any, create: Create) -> str:
    """The name of the migrated database, which is made unless it is there."""
    name = pattern_name()
    with creation._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])  # until this connection ends
        if not creation._database_exists(cursor, name):
            _drop_older(cursor)
            _make(creation, create)
            cursor.execute(f"ALTER DATABASE {UNFINISHED} RENAME TO {name}")
    return name


def _make(creation: Any, create: Create) -> None:
    facts = creation.connection.settings_dict
    home, own = facts["NAME"], facts["TEST"]["NAME"]
    facts["TEST"]["NAME"] = UNFINISHED
    try:
        create(creation, verbosity=0, autoclobber=True, serialize=False)
    finally:
        creation.connection.close()
        settings.DATABASES[creation.connection.alias]["NAME"] = facts["NAME"] = home
        facts["TEST"]["NAME"] = own


def _hurry(connection: Any, name: str) -> None:
    """Nobody waits for the disk at a commit: servers of tests that crash are others, as durable as real ones (tests/faults)."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER DATABASE {connection.ops.quote_name(name)} SET synchronous_commit = off")
    connection.close()  # it holds for connections that are made from now on


def _drop_older(cursor: Any) -> None:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PATTERN])
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
