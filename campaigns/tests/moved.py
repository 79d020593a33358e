"""A clock that a test moves, for the database and for this process alike. The console's statements stay as they are: they find another now()."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import psycopg
import time_machine
from django.db import connection

# Names without a schema are looked up in the order of the search path, which puts our functions before those of PostgreSQL.
PLACE = "CREATE SCHEMA moved; CREATE TABLE moved.clock (by interval NOT NULL); INSERT INTO moved.clock VALUES ('0')"
FUNCTION = "CREATE FUNCTION moved.{name}() RETURNS timestamptz STABLE LANGUAGE sql AS 'SELECT pg_catalog.{name}() + by FROM moved.clock'"
NAMES = ("now", "statement_timestamp", "clock_timestamp", "transaction_timestamp")


class Clock:
    """Goes at its usual pace from the moment to which it was set last."""

    def __init__(self) -> None:
        self._traveller: time_machine.travel | None = None

    def set(self, moment: datetime) -> None:
        """It is that moment now."""
        self.stop()
        with connection.cursor() as cursor:
            cursor.execute("UPDATE moved.clock SET by = %s - pg_catalog.clock_timestamp()", [moment])
        self._traveller = time_machine.travel(self.now(), tick=True)  # the disk may have taken its time
        self._traveller.start()

    def stop(self) -> None:
        """For this process the time is what it is."""
        if self._traveller:
            self._traveller.stop()
        self._traveller = None

    @staticmethod
    def now() -> datetime:
        """What the database says."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            moment: datetime = cursor.fetchone()[0]
        return moment

    def forward(self, **by: float) -> None:
        """So much later."""
        self.set(self.now() + timedelta(**by))


@contextmanager
def moved_clock() -> Iterator[Clock]:
    """For all connections of this test's database from now on; the test must commit what it writes."""
    _administer(PLACE, *(FUNCTION.format(name=name) for name in NAMES), "ALTER DATABASE {name} SET search_path = moved, pg_catalog, public")
    connection.close()
    clock = Clock()
    try:
        yield clock
    finally:
        clock.stop()
        _administer("ALTER DATABASE {name} RESET search_path", "DROP SCHEMA moved CASCADE")
        connection.close()


def _administer(*statements: str) -> None:
    parameters = {key: value for key, value in connection.get_connection_params().items() if key in ("host", "port", "user", "password", "dbname")}
    with psycopg.connect(**parameters, autocommit=True) as server:
        for statement in statements:
            server.execute(statement.replace("{name}", f'"{parameters["dbname"]}"'))  # type: ignore[arg-type]
