"""What time it is for all machines: the database says it."""

from datetime import datetime

from django.db import connection


def now() -> datetime:
    """The database's time, by which everything that is due becomes due."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        moment: datetime = cursor.fetchone()[0]
    return moment
