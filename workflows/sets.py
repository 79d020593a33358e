"""Sets of people joined in the database, a statement each; block by block, so that memory stays flat whatever their size."""

from collections.abc import Sequence
from typing import Any

from django.db import connection

from contacts.smart.patience import roomy
from workflows.models.people import BLOCK, PeopleSet

# Every statement makes the rows of one set and tells how many people they hold.
PACK = f"""
    WITH packed AS (
        INSERT INTO workflows_peopleblock (people_id, block, ids)
        SELECT %s, found.id / {BLOCK}, array_agg(DISTINCT found.id ORDER BY found.id)
          FROM ({{query}}) AS found(id) WHERE found.id IS NOT NULL GROUP BY found.id / {BLOCK}
     RETURNING cardinality(ids) AS size)
    SELECT coalesce(sum(size), 0) FROM packed"""  # noqa: S608 (our own constant)
JOIN = """
    WITH packed AS (
        INSERT INTO workflows_peopleblock (people_id, block, ids)
        SELECT %(made)s, b.block, chosen.ids
          FROM (SELECT DISTINCT block FROM workflows_peopleblock WHERE people_id = ANY(%(from)s)) AS b
         CROSS JOIN LATERAL (SELECT array_agg(id ORDER BY id) AS ids FROM ({rule}) AS joined(id)) AS chosen
         WHERE chosen.ids IS NOT NULL
     RETURNING cardinality(ids) AS size)
    SELECT coalesce(sum(size), 0) FROM packed"""
THEIRS = "SELECT unnest(ids) AS id FROM workflows_peopleblock WHERE people_id = ANY(%({sets})s) AND block = b.block"
UNION = f"SELECT DISTINCT id FROM ({THEIRS.format(sets='from')}) AS everybody"  # noqa: S608
INTERSECTION = f"SELECT id FROM ({THEIRS.format(sets='from')}) AS everybody GROUP BY id HAVING count(*) = %(sets)s"  # noqa: S608
EXCLUSION = f"{THEIRS.format(sets='from')} EXCEPT {THEIRS.format(sets='without')}"


def save(query: str, parameters: Sequence[Any] = ()) -> PeopleSet:
    """The people whose ids a statement selects, each once."""
    made = PeopleSet.objects.create()
    return _written(made, PACK.format(query=query), [made.pk, *parameters])


def count(query: str, parameters: Sequence[Any]) -> int:
    """How many a statement selects, whom nobody keeps."""
    with roomy(), connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({query}) AS found", parameters)  # noqa: S608 (our own statements)
        found: int = cursor.fetchone()[0]
    return found


def union(sets: Sequence[PeopleSet]) -> PeopleSet:
    """Everybody who is in some of them."""
    return _joined(UNION, sets)


def intersection(sets: Sequence[PeopleSet]) -> PeopleSet:
    """Whoever is in all of them."""
    distinct = list({one.pk: one for one in sets}.values())
    return _joined(INTERSECTION, distinct)


def exclusion(main: PeopleSet, others: Sequence[PeopleSet]) -> PeopleSet:
    """Whoever is in the main one and in none of the others."""
    return _joined(EXCLUSION, [main], others)


def nobody() -> PeopleSet:
    """An empty set."""
    return PeopleSet.objects.create()


def _joined(rule: str, sets: Sequence[PeopleSet], without: Sequence[PeopleSet] = ()) -> PeopleSet:
    made = PeopleSet.objects.create()
    facts = {"made": made.pk, "from": [one.pk for one in sets], "without": [one.pk for one in without], "sets": len(sets)}
    return _written(made, JOIN.format(rule=rule), facts)


def _written(made: PeopleSet, statement: str, parameters: Any) -> PeopleSet:
    with roomy(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        made.size = cursor.fetchone()[0]
    made.save(update_fields=["size"])
    return made
