"""Each database of tests is a copy of a pattern that was migrated once: workers and later runs need not migrate, until a migration changes."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db.backends.postgresql.creation import DatabaseCreation
from django.db.backends.signals import connection_created

from smsapp.testing import emptying
from smsapp.testing.source import shape

PATTERN = "test_pattern_"
UNFINISHED = "test_unfinished_pattern"
LOCK = 7_351_016  # one process at a time makes patterns

Create = Callable[..., str]
_copies: set[tuple[str, str]] = set()  # host and name


def install() -> None:
    """From now on. What is copied is migrated all the same, which finds nothing to do, unless a library has been changed."""
    create: Create = DatabaseCreation.create_test_db

    def copied(creation: Any, *args: Any, **options: Any) -> str:
        creation.connection.settings_dict["TEST"]["TEMPLATE"] = pattern(creation, create)
        name = create(creation, *args, **options)
        _copies.add(_place(creation.connection))
        creation.connection.close()  # it begins anew, in a hurry
        emptying.remember()
        return name

    DatabaseCreation.create_test_db = copied  # type: ignore[method-assign,assignment]
    connection_created.connect(_hurry)


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


def _hurry(sender: Any, connection: Any, **_facts: Any) -> None:
    """Nobody waits for the disk at a commit: servers of tests that crash are others, as durable as real ones (tests/faults). A session may say so for
    itself; what sessions begin with stays as it is, for who looks at that."""
    if _place(connection) in _copies:
        with connection.cursor() as cursor:
            cursor.execute("SET synchronous_commit = off")


def _place(connection: Any) -> tuple[str, str]:
    return connection.settings_dict["HOST"], connection.settings_dict["NAME"]


def _drop_older(cursor: Any) -> None:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [PATTERN])
    for (name,) in cursor.fetchall():
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
