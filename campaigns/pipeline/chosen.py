"""The people of a preparation: chosen and judged in one pass over the database, then read in the order of their ids, batch by batch.

They stand in temporary tables of the worker's own connection. So the audience is looked up once, not once per batch, every batch sees the
same moment, and however many people there are, the worker holds one batch of them.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import QuerySet

CHOOSE = "CREATE TEMPORARY TABLE preparing AS {query}"
INDEX = "CREATE UNIQUE INDEX ON preparing (id)"  # also tells the planner how many they are
# Numbers of several people who may be texted: who keeps one is decided when the rows are written, for a text may be too long for the first of them.
SHARE = "CREATE TEMPORARY TABLE preparing_shared AS SELECT sms_number FROM preparing WHERE reason IS NULL GROUP BY sms_number HAVING count(*) > 1"
INDEX_SHARED = "CREATE UNIQUE INDEX ON preparing_shared (sms_number)"
READ = """
    SELECT p.id, p.sms_number, p.reason, shared.sms_number IS NOT NULL OR %(contested)s{fields}
      FROM preparing AS p LEFT JOIN preparing_shared AS shared ON shared.sms_number = p.sms_number
     WHERE p.id > %(after)s ORDER BY p.id LIMIT %(size)s"""
FORGET = "DROP TABLE IF EXISTS pg_temp.preparing, pg_temp.preparing_shared"

Person = Any  # a named tuple: id, number (None without), reason (None when eligible), shared, and the fields that the text asks for


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of the people, in the order of their ids; each is made when somebody looks, so that a batch is a list of plain rows."""

    rows: list[tuple[Any, ...]]
    person: Callable[[tuple[Any, ...]], Person]

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[Person]:
        return map(self.person, self.rows)

    @property
    def last_id(self) -> int:
        """Where the next batch goes on."""
        return int(self.rows[-1][0])

    @property
    def eligible(self) -> int:
        """How many may be texted."""
        return sum(row[2] is None for row in self.rows)


@dataclass(frozen=True, slots=True)
class Chosen:
    """How many they are, and how to read them."""

    count: int
    fields: Sequence[str]
    contested: bool

    def batches(self, size: int) -> Iterator[Batch]:
        """Everybody, `size` at a time."""
        sql, person = READ.format(fields="".join(f", p.{name}" for name in self.fields)), self._person()
        after = 0
        while True:
            with connection.cursor() as cursor:
                cursor.execute(sql, {"contested": self.contested, "after": after, "size": size})
                batch = Batch(cursor.fetchall(), person)
            if not batch:
                return
            yield batch
            after = batch.last_id

    def _person(self) -> Callable[[tuple[Any, ...]], Person]:
        names = ["id", "number", "reason", "shared", *self.fields]
        make = namedtuple("Person", names)._make  # type: ignore # which fields, is known at run time only
        if "custom" not in names:
            return make
        place = names.index("custom")
        return lambda row: make([*row[:place], json.loads(row[place]), *row[place + 1 :]])


@contextmanager
def chosen(people: QuerySet[Any], fields: Sequence[str], *, contested: bool) -> Iterator[Chosen]:
    """Look the judged `people` up now. `contested`: some of their numbers may already be in the mailing, so any of them may be a double."""
    sql, parameters = people.order_by("id").values_list("id", "sms_number", "reason", *fields).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(FORGET)
        cursor.execute(CHOOSE.format(query=sql), parameters)
        count = cursor.rowcount
        cursor.execute(INDEX)
        cursor.execute(SHARE)
        cursor.execute(INDEX_SHARED)
    try:
        yield Chosen(count, fields, contested)
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:  # a lost connection has forgotten them itself
            cursor.execute(FORGET)
