"""Find people who share a number, an e-mail or a name among all contacts: one statement per kind, however many people there are.

How sure each find is: *very likely* when two things agree (number or e-mail, and name or birth date; name and birth date), *likely* when
few people share a number or an e-mail, or a name and an organisation or a small group, else *weak*: the same name alone says little, a
number of many people is a shared line, and people whose birth dates all differ are different people.
"""

from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, Value
from django.db.models.functions import Concat
from django.utils import timezone

from contacts.models import Contact, Duplicate
from contacts.models.folding import folded

MOST_KEPT = 100  # ids kept of one find; more are never compared one by one
FEW = 5  # people with one number or e-mail; more share a line
SMALL_GROUP = 100  # members; being in a larger group together says nothing

# People of each find: key, id, full name (NULL unless both names are known), birth date, organisation, textable.
SAME_NUMBER = """
    SELECT p.number AS key, c.id, CASE WHEN c.first_name <> '' AND c.last_name <> '' THEN c.sort_name END AS name, c.birth_date, '' AS organisation, p.textable
      FROM contacts_phonenumber AS p JOIN contacts_contact AS c ON c.id = p.contact_id AND c.deleted_at IS NULL
     WHERE p.number IN (SELECT number FROM contacts_phonenumber GROUP BY number HAVING count(*) > 1)"""
SAME_EMAIL = """
    SELECT upper(c.email) AS key, c.id, CASE WHEN c.first_name <> '' AND c.last_name <> '' THEN c.sort_name END AS name, c.birth_date, '' AS organisation,
           true AS textable
      FROM contacts_contact AS c
     WHERE c.deleted_at IS NULL AND c.email <> ''
       AND upper(c.email) IN (SELECT upper(email) FROM contacts_contact WHERE email <> '' AND deleted_at IS NULL GROUP BY 1 HAVING count(*) > 1)"""
SAME_NAME = """
    SELECT * FROM (
        SELECT least(c.sort_name, c.swapped) AS key, c.id, c.sort_name AS name, c.birth_date, upper(c.organisation) AS organisation, false AS textable,
               count(*) OVER (PARTITION BY least(c.sort_name, c.swapped)) AS namesakes
          FROM ({named}) AS c) AS named
     WHERE namesakes > 1"""

# Without those who were told apart from everybody else of the find.
MEMBERS = """
    CREATE TEMPORARY TABLE sharing ON COMMIT DROP AS
    WITH members AS MATERIALIZED ({people}),
         apart AS (SELECT first_id AS one, second_id AS other FROM contacts_notduplicate
                    UNION ALL SELECT second_id, first_id FROM contacts_notduplicate),
         told AS (SELECT a.key, a.id, count(*) AS others FROM members AS a JOIN apart ON apart.one = a.id
                    JOIN members AS b ON b.key = a.key AND b.id = apart.other GROUP BY a.key, a.id),
         sized AS (SELECT *, count(*) OVER (PARTITION BY key) AS people FROM members)
    SELECT s.key, s.id, s.name, s.birth_date, s.organisation, s.textable
      FROM sized AS s LEFT JOIN told USING (key, id) WHERE s.people > 1 AND coalesce(told.others, 0) < s.people - 1"""

ALL_DIFFER = "count(birth_date) = count(*) AND count(DISTINCT birth_date) = count(*)"
BY_ADDRESS = f"""
    SELECT key, (array_agg(id ORDER BY id))[1:%(kept)s] AS contacts, count(*) AS size,
           CASE WHEN count(*) > %(few)s OR {ALL_DIFFER} THEN 1
                WHEN count(DISTINCT name) < count(name) OR count(DISTINCT birth_date) < count(birth_date) THEN 3
                WHEN bool_or(textable) THEN 2 ELSE 1 END AS confidence
      FROM sharing GROUP BY key HAVING count(*) > 1"""  # noqa: S608 (our own words)
BY_NAME = f"""
    SELECT key || ' ' || birth_date AS key, (array_agg(id ORDER BY id))[1:%(kept)s] AS contacts, count(*) AS size, 3 AS confidence
      FROM sharing WHERE birth_date IS NOT NULL GROUP BY sharing.key, birth_date HAVING count(*) > 1
     UNION ALL
    SELECT s.key, (array_agg(id ORDER BY id))[1:%(kept)s], count(*),
           CASE WHEN count(DISTINCT nullif(organisation, '')) < count(nullif(organisation, '')) OR s.key IN (SELECT key FROM together) THEN 2 ELSE 1 END
      FROM sharing AS s GROUP BY s.key
    HAVING count(*) > 1 AND NOT ({ALL_DIFFER}) AND NOT (count(birth_date) = count(*) AND count(DISTINCT birth_date) = 1)"""  # noqa: S608
TOGETHER = """
    CREATE TEMPORARY TABLE together ON COMMIT DROP AS
    WITH small AS (SELECT group_id FROM contacts_membership GROUP BY group_id HAVING count(*) <= %(small)s)
    SELECT DISTINCT key FROM (
        SELECT s.key FROM sharing AS s JOIN contacts_membership AS m ON m.contact_id = s.id JOIN small USING (group_id)
         GROUP BY s.key, m.group_id HAVING count(*) > 1) AS pairs"""

FOUND = "CREATE TEMPORARY TABLE found ON COMMIT DROP AS {finds}"
# The same people, found as surely by a number (then an e-mail), stand in the list once.
ONCE = """
    DELETE FROM found USING contacts_duplicate AS d
     WHERE d.contacts = found.contacts AND d.size = found.size AND d.kind = ANY(%(earlier)s) AND d.set_aside_at IS NULL
       AND d.confidence >= found.confidence"""
FORGET = """
    DELETE FROM contacts_duplicate AS d
     WHERE d.kind = %(kind)s AND d.set_aside_at IS NULL AND NOT EXISTS (SELECT 1 FROM found WHERE found.key = d.key)"""
KEEP = """
    INSERT INTO contacts_duplicate AS d (kind, key, contacts, size, confidence, found_at)
    SELECT %(kind)s, key, contacts, size, confidence, %(now)s FROM found
        ON CONFLICT (kind, key) DO UPDATE SET contacts = excluded.contacts, size = excluded.size, confidence = excluded.confidence
     WHERE (d.contacts, d.size, d.confidence) IS DISTINCT FROM (excluded.contacts, excluded.size, excluded.confidence)"""


def look(kind: str) -> int:
    """Find everything of one kind anew, in one transaction; how many finds there are."""
    facts: dict[str, Any] = {"kind": kind, "now": timezone.now(), "kept": MOST_KEPT, "few": FEW, "small": SMALL_GROUP}
    facts["earlier"] = [str(other) for other in Duplicate.Kind.values[: Duplicate.Kind.values.index(kind)]]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '64MB'")  # a million people are sorted in memory, once a night
        for statement in _statements(kind):
            cursor.execute(statement, facts)
        cursor.execute("SELECT count(*) FROM found")
        (found,) = cursor.fetchone()
        cursor.execute("DROP TABLE sharing, found")
        cursor.execute("DROP TABLE IF EXISTS together")
    return int(found)


def _statements(kind: str) -> list[str]:
    finds = {Duplicate.Kind.NUMBER: (SAME_NUMBER, BY_ADDRESS), Duplicate.Kind.EMAIL: (SAME_EMAIL, BY_ADDRESS), Duplicate.Kind.NAME: (_same_name(), BY_NAME)}
    people, found = finds[Duplicate.Kind(kind)]
    together = [TOGETHER] if kind == Duplicate.Kind.NAME else []
    return [MEMBERS.format(people=people), *together, FOUND.format(finds=found), ONCE, FORGET, KEEP]


def _same_name() -> str:
    """With the name the other way round too: "Martin Jean" may be "Jean Martin" whose columns were exchanged."""
    named = Contact.objects.active().exclude(first_name="").exclude(last_name="").annotate(swapped=swapped())
    query = named.order_by().values("id", "sort_name", "swapped", "birth_date", "organisation").query
    sql = connection.ops.compose_sql(*query.sql_with_params())  # type: ignore[attr-defined]  # PostgreSQL's
    return SAME_NAME.format(named=sql.replace("%", "%%"))


def swapped() -> Any:
    """The folded full name with the first name in front; `sort_name` has the last name there."""
    return folded(Concat("first_name", Value(" "), "last_name", output_field=CharField()))
