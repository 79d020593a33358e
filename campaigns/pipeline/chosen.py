"""The people of a preparation: chosen and judged in one pass over the database, then read in the order of their ids, batch by batch.

They stand in temporary tables of the worker's own connection. So the audience is looked up once, not once per batch, every batch sees the
same moment, and however many people there are, the worker holds one batch of them.
"""

import json
from collections import namedtuple
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import Any

from django.db import DatabaseError, connection
from django.db.models import QuerySet

CHOOSE = "CREATE TEMPORARY TABLE preparing AS {query}"
INDEX = "CREATE UNIQUE INDEX ON preparing (id)"  # also tells the planner how many they are
# Numbers of several people who may be texted: who keeps one is decided when the rows are written, for a text may be too long for the first of them.
SHARE = "CREATE TEMPORARY TABLE preparing_shared AS SELECT sms_number FROM preparing WHERE reason IS NULL GROUP BY sms_number HAVING count(*) > 1"
INDEX_SHARED = "CREATE UNIQUE INDEX ON preparing_shared (sms_number)"
LOOK_AHEAD = "SELECT count(*), max(id) FROM (SELECT id FROM preparing WHERE id > %s ORDER BY id LIMIT %s) AS next"
READ = """
    SELECT p.id, p.sms_number, shared.sms_number IS NOT NULL OR %(contested)s{fields}
      FROM preparing AS p LEFT JOIN preparing_shared AS shared ON shared.sms_number = p.sms_number
     WHERE p.id > %(after)s AND p.id <= %(last)s AND p.reason IS NULL ORDER BY p.id"""
LEAVE_OUT = """
    INSERT INTO campaigns_exclusion (mailing_id, contact_id, number, reason)
    SELECT %s, id, coalesce(sms_number, ''), reason FROM preparing WHERE id > %s AND id <= %s AND reason IS NOT NULL"""
FORGET = "DROP TABLE IF EXISTS pg_temp.preparing, pg_temp.preparing_shared"

Person = Any  # a named tuple: id, number, shared, and the fields that the text asks for


@dataclass(frozen=True, slots=True)
class Batch:
    """Some of the people, in the order of their ids. Those who may be texted come here, as plain rows of which each becomes a person when
    somebody looks; the others stay in the database."""

    size: int
    after: int
    last_id: int  # where the next batch goes on
    eligible: list[tuple[Any, ...]]
    person: Callable[[tuple[Any, ...]], Person]

    def __len__(self) -> int:
        return self.size

    def __iter__(self) -> Iterator[Person]:
        """Those who may be texted."""
        return map(self.person, self.eligible)

    def leave_out_others(self, cursor: Any, mailing_id: int, *, contested: bool) -> None:
        """Exclusions of those who may not be texted, with their reasons; `contested`: some of them may have one already."""
        cursor.execute(LEAVE_OUT + (" ON CONFLICT DO NOTHING" if contested else ""), [mailing_id, self.after, self.last_id])


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
                cursor.execute(LOOK_AHEAD, [after, size])
                found, last = cursor.fetchone()
                if not found:
                    return
                cursor.execute(sql, {"contested": self.contested, "after": after, "last": last})
                batch = Batch(found, after, last, cursor.fetchall(), person)
            yield batch
            after = last

    def reading(self, fields: Sequence[str]) -> "Chosen":
        """The same people with fewer of their fields."""
        return replace(self, fields=_besides_the_id(fields))

    def countries(self) -> set[str]:
        """Of those who may be texted; asks for their field."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT DISTINCT coalesce(sms_country, '') FROM preparing WHERE reason IS NULL")
            return {row[0] for row in cursor.fetchall()}

    def _person(self) -> Callable[[tuple[Any, ...]], Person]:
        names = ["id", "number", "shared", *self.fields]
        make = namedtuple("Person", names)._make  # type: ignore # which fields, is known at run time only
        if "custom" not in names:
            return make
        place = names.index("custom")
        return lambda row: make([*row[:place], json.loads(row[place]), *row[place + 1 :]])


def _besides_the_id(fields: Sequence[str]) -> Sequence[str]:
    """Everybody has it in any case."""
    return [name for name in fields if name != "id"]


@contextmanager
def chosen(people: QuerySet[Any], fields: Sequence[str], *, contested: bool) -> Iterator[Chosen]:
    """Look the judged `people` up now. `contested`: some of their numbers may already be in the mailing, so any of them may be a double."""
    fields = _besides_the_id(fields)
    more = [name for name in fields if name != "sms_number"]  # which is there in any case
    sql, parameters = people.order_by("id").values_list("id", "sms_number", "reason", *more).query.sql_with_params()
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
