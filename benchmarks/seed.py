"""A console that has been in use for years: people, numbers, groups, mailings and history, made inside the database in a minute or two.

A fifth of the people have one of some dozens of frequent surnames, the others one of 15,000.

Everything follows from a row's number through a hash, so that two runs measure the same people. Numbers look real, for the shares of
countries and lines matter; nothing is ever sent to them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.statuses import MailingStatus
from contacts.models import CustomField, Group
from smsapp.demo.people import FIRST, LAST

GROUP_SHARES = [0.6, 0.4, 0.3, 0.25, *[0.15] * 10, *[0.0558] * 36]  # of the people: five memberships each
RECIPIENTS_SHARE = 0.1  # of the people, per earlier mailing
LOADED = ("contacts_contact", "contacts_phonenumber", "contacts_membership", "contacts_activity", "campaigns_message", "campaigns_exclusion")


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything; a million people have five million memberships, two million messages and three million activities."""

    people: int = 1_000_000
    mailings: int = 20
    notes: float = 1.0  # activities per person besides those of texts


# --- what each person is like ---

DICE = """
    CREATE OR REPLACE FUNCTION pg_temp.dice(place bigint, throw bigint, sides integer) RETURNS integer IMMUTABLE LANGUAGE sql
        AS 'SELECT ((hashint8extended(place, throw) & 2147483647) % sides)::integer';
    CREATE OR REPLACE FUNCTION pg_temp.part(place bigint, throw bigint, parts text) RETURNS text IMMUTABLE LANGUAGE sql
        AS 'SELECT (string_to_array(parts, '' ''))[1 + pg_temp.dice(place, throw, cardinality(string_to_array(parts, '' '')))]';
    CREATE OR REPLACE FUNCTION pg_temp.surname(place bigint, known text[]) RETURNS text IMMUTABLE LANGUAGE sql
        AS 'SELECT CASE WHEN pg_temp.dice(place, 30, 5) = 0 THEN known[1 + pg_temp.dice(place, 2, cardinality(known))]
                        ELSE pg_temp.part(place, 31, ''Al Bar Bel Ber Cha Cor Da Del Fa Fer Gar Gi Hé Jo La Lam Le Mar Mé Mor Na Pa Per Re Ro Sa Ser Ta Va'')
                          || pg_temp.part(place, 32, ''bo ca cha da do gui la li lo man mi na ne no pi ra ri ro si so ta ti ton ve vi'')
                          || pg_temp.part(place, 33, ''b d dieu l ll lt n nd ne r rd rt s t ud ux x y zi é'') END';
    CREATE OR REPLACE FUNCTION pg_temp.numbered(beginning text, place bigint, digits integer) RETURNS text IMMUTABLE LANGUAGE sql
        AS 'SELECT beginning || right(lpad((place * 7919)::text, 20, ''0''), digits)'
"""
PEOPLE = """
    CREATE TEMPORARY TABLE seeded AS
    SELECT i, country, first_names[1 + pg_temp.dice(i, 1, cardinality(first_names))] AS first_name,
           pg_temp.surname(i, last_names) AS last_name, pg_temp.dice(i, 3, 100) AS chance,
           pg_temp.numbered(mobile, i, digits) AS mobile, pg_temp.numbered(mobile, i - 1, digits) AS neighbours,
           pg_temp.numbered(second, i, digits) AS second, pg_temp.numbered(landline, i, digits) AS landline
      FROM generate_series(%(first)s::bigint + 1, %(first)s + %(people)s) AS i
      JOIN (SELECT country, string_to_array(first, ' ') AS first_names, string_to_array(last, ' ') AS last_names, mobile, second, landline, digits, lo, hi
              FROM unnest(%(countries)s::text[], %(first_names)s::text[], %(last_names)s::text[], %(mobiles)s::text[], %(seconds)s::text[],
                          %(landlines)s::text[], %(digits)s::int[], %(from)s::int[], %(to)s::int[])
                   AS raw(country, first, last, mobile, second, landline, digits, lo, hi)) AS countries
        ON pg_temp.dice(i / 2, 4, 100) BETWEEN lo AND hi
"""
COUNTRIES = {  # percent of the people, beginnings of a mobile, another one and a landline, digits that follow
    "FR": (70, "+3361", "+3362", "+3314", 7),
    "GB": (15, "+44741", "+44742", "+44207", 7),
    "US": (10, "+14152", "+13122", "+12122", 6),
    "TN": (5, "+2162", "+2165", "+2167", 7),
}
# Out of a hundred: 4 without a number, 6 with a landline only, 3 with the number of the person before them, 87 with a mobile of their own.
NUMBER = "CASE WHEN chance < 10 THEN NULL WHEN chance < 13 THEN neighbours ELSE mobile END"
CONTACTS = f"""
    INSERT INTO contacts_contact (id, created_at, updated_at, first_name, last_name, organisation, email, language, birth_date, external_id,
                                  do_not_sms, opted_out, deceased, deleted_at, tags, custom, sms_number, sms_country, reach)
    SELECT i, now() - make_interval(days => 400 + pg_temp.dice(i, 5, 2000)), now() - make_interval(days => pg_temp.dice(i, 6, 400)), first_name, last_name,
           CASE WHEN pg_temp.dice(i, 7, 20) = 0 THEN last_name || ' & Cie' ELSE '' END,
           CASE WHEN pg_temp.dice(i, 8, 10) < 7
                THEN lower(translate(first_name || '.' || last_name, 'éèëïîçôÉ', 'eeeiicoE')) || '.' || i || '@example.org' ELSE '' END,
           CASE WHEN country IN ('FR', 'TN') THEN 'fr' ELSE 'en' END,
           CASE WHEN pg_temp.dice(i, 9, 10) < 7 THEN date '1940-01-01' + pg_temp.dice(i, 10, 24800) END,
           CASE WHEN pg_temp.dice(i, 11, 10) < 4 THEN 'M' || i ELSE '' END,
           pg_temp.dice(i, 12, 100) < 2, pg_temp.dice(i, 13, 100) < 5, pg_temp.dice(i, 14, 1000) < 7,
           CASE WHEN pg_temp.dice(i, 15, 200) < 3 THEN now() - interval '30 days' END,
           CASE WHEN pg_temp.dice(i, 16, 5) = 0 THEN ARRAY[(ARRAY['board', 'choir', 'press', 'donor'])[1 + pg_temp.dice(i, 17, 4)]] ELSE '{{}}' END,
           CASE WHEN pg_temp.dice(i, 18, 2) = 0
                THEN jsonb_build_object('level', (ARRAY['gold', 'silver', 'bronze'])[1 + pg_temp.dice(i, 19, 3)], 'points', pg_temp.dice(i, 20, 5000))
                ELSE '{{}}' END,
           {NUMBER}, CASE WHEN chance < 10 THEN '' ELSE country END, CASE WHEN chance < 4 THEN 0 WHEN chance < 10 THEN 1 ELSE 3 END
      FROM seeded ORDER BY i
"""
NUMBERS = f"""
    INSERT INTO contacts_phonenumber (contact_id, number, kind, is_primary, line, country, textable)
    SELECT i, coalesce({NUMBER}, landline), CASE WHEN chance < 10 THEN 'landline' ELSE 'mobile' END, true,
           CASE WHEN country = 'US' THEN 'fixed_or_mobile' WHEN chance < 10 THEN 'fixed' ELSE 'mobile' END, country, chance >= 10
      FROM seeded WHERE chance >= 4
     UNION ALL
    SELECT i, CASE WHEN pg_temp.dice(i, 21, 2) = 0 THEN second ELSE landline END, CASE WHEN pg_temp.dice(i, 21, 2) = 0 THEN 'mobile' ELSE 'landline' END, false,
           CASE WHEN country = 'US' THEN 'fixed_or_mobile' WHEN pg_temp.dice(i, 21, 2) = 0 THEN 'mobile' ELSE 'fixed' END, country, pg_temp.dice(i, 21, 2) = 0
      FROM seeded WHERE chance >= 10 AND pg_temp.dice(i, 22, 1000) < 266
"""
MERGES = """
    UPDATE contacts_contact SET merged_into_id = id - 1
     WHERE id > %(first)s + 1 AND deleted_at IS NOT NULL AND pg_temp.dice(id, 23, 4) = 0
       AND (SELECT before.deleted_at FROM contacts_contact AS before WHERE before.id = contacts_contact.id - 1) IS NULL
"""
# Evenly over the people, a member in each stretch of 1/share of them, at a place that differs from group to group.
MEMBERSHIPS = """
    INSERT INTO contacts_membership (group_id, contact_id, added_at)
    SELECT g.id, %(first)s + 1 + least(floor((n + pg_temp.dice(n, 100 + g.id, 1000) / 1000.0) / g.share), %(people)s - 1)::bigint, now()
      FROM unnest(%(groups)s::bigint[], %(shares)s::float8[]) AS g(id, share), generate_series(0, floor(g.share * %(people)s)::bigint - 1) AS n
        ON CONFLICT DO NOTHING
"""
BLOCKED = {
    "contacts_suppression": ("INSERT INTO contacts_suppression (number, reason, note, since, ended_because) SELECT DISTINCT mobile, 'stop', '', now(), ''"
                             " FROM seeded WHERE chance >= 13 AND pg_temp.dice(i, 24, 200) = 0"),
    "contacts_quarantine": ("INSERT INTO contacts_quarantine (number, reason, since, ended_because) SELECT DISTINCT mobile, 'unknown_number', now(), ''"
                            " FROM seeded WHERE chance >= 13 AND pg_temp.dice(i, 25, 300) = 0"),
}  # fmt: skip

# --- what happened to them ---

# 80 % delivered, 9 % sent, 4 % undelivered, 3 % failed, 1 % unknown, 2 % skipped, 1 % cancelled
STATUS = """CASE WHEN t < 80 THEN 11 WHEN t < 89 THEN 10 WHEN t < 93 THEN 12 WHEN t < 96 THEN 20 WHEN t < 97 THEN 30 WHEN t < 99 THEN 40 ELSE 50 END"""
MESSAGES = f"""
    INSERT INTO campaigns_message (mailing_id, contact_id, provider_id, position, kind, status, number, sender, subject, text, encoding, segments, attempts,
                                   gateway_id, reason, detail, created_at, sent_at, reported_at)
    SELECT m.id, s.i, m.provider_id, 0, 0, {STATUS}, s.mobile, '36111', '', 'Dear ' || s.first_name || ', ' || m.text, 0, 1, 1,
           'SM' || md5(m.id::text || s.i), '', '', m.started_at, CASE WHEN t < 97 THEN m.started_at END, CASE WHEN t < 93 THEN m.started_at END
      FROM campaigns_mailing AS m JOIN seeded AS s ON s.chance >= 13 AND pg_temp.dice(s.i, 1000 + m.id, 870) < %(share)s * 1000
     CROSS JOIN LATERAL (SELECT pg_temp.dice(s.i, 2000 + m.id, 100)) AS thrown(t)
     WHERE m.id = ANY(%(ids)s) ORDER BY m.id, s.i
"""
TALLIES = """
    INSERT INTO campaigns_mailingtally (mailing_id, status, messages, segments)
    SELECT mailing_id, status, count(*), sum(segments) FROM campaigns_message WHERE mailing_id = ANY(%(ids)s) GROUP BY mailing_id, status
"""
EXCLUSIONS = """
    INSERT INTO campaigns_exclusion (mailing_id, contact_id, number, reason)
    SELECT m, id, '', 'no_number' FROM contacts_contact, unnest(%(ids)s::bigint[]) AS m
     WHERE reach = 0 AND id > %(first)s
"""
ACTIVITIES = """
    INSERT INTO contacts_activity (contact_id, kind, subject, details, at, source)
    SELECT contact_id, 'sms_sent', 'Programme', '', sent_at, id FROM campaigns_message WHERE mailing_id = ANY(%(ids)s) AND sent_at IS NOT NULL ORDER BY id
"""
NOTES = """
    INSERT INTO contacts_activity (contact_id, kind, subject, details, at)
    SELECT %(first)s + 1 + pg_temp.dice(n, 26, %(people)s::int), (ARRAY['note', 'call', 'change', 'sms_received'])[1 + pg_temp.dice(n, 27, 4)],
           CASE WHEN pg_temp.dice(n, 27, 4) = 2 THEN 'changed' ELSE 'Spoke about the programme' END, '', now() - make_interval(mins => (%(notes)s - n)::int)
      FROM generate_series(1, %(notes)s) AS n
"""


@dataclass(frozen=True, slots=True)
class Seeded:
    """Ids of what was made: groups from the largest to the smallest, finished mailings, a provider."""

    groups: list[int]
    mailings: list[int]
    provider: int


def fill(size: Size) -> Seeded:
    """Fill the database; its own people and groups, if there are any, stay."""
    groups = [Group.objects.create(name=f"Group {n:02d}", description="Made for measuring") for n in range(1, len(GROUP_SHARES) + 1)]
    facts: dict[str, Any] = {"people": size.people, "groups": [group.pk for group in groups], "shares": GROUP_SHARES, "share": RECIPIENTS_SHARE}
    facts |= {"provider": _provider(), "mailings": size.mailings, "notes": int(size.notes * size.people), **_countries()}
    with transaction.atomic(), connection.cursor() as cursor, _without_indexes(cursor):
        cursor.execute("SELECT coalesce(max(id), 0) FROM contacts_contact")
        facts["first"] = cursor.fetchone()[0]
        _make_people(cursor, facts)
        facts["ids"] = _make_mailings(cursor, facts)
        for statement in (MESSAGES, TALLIES, EXCLUSIONS, ACTIVITIES, NOTES):
            cursor.execute(statement, facts)
    _fields()
    return Seeded(facts["groups"], facts["ids"], facts["provider"])


def _make_mailings(cursor: Any, facts: dict[str, Any]) -> list[int]:
    """One a week, the newest last week."""
    mailings = []
    for week in range(1, facts["mailings"] + 1):
        at = timezone.now() - timedelta(weeks=facts["mailings"] - week + 1)
        name, text = f"Programme of week {week}", f"The programme of week {week}"
        sent = {"status": MailingStatus.FINISHED, "provider_id": facts["provider"], "started_at": at, "finished_at": at}
        mailings.append(Mailing(name=name, text=text, sender="36111", **sent))
    ids = [mailing.pk for mailing in Mailing.objects.bulk_create(mailings)]
    cursor.execute("UPDATE campaigns_mailing SET created_at = started_at, updated_at = started_at WHERE id = ANY(%s)", [ids])
    return ids


def _make_people(cursor: Any, facts: dict[str, Any]) -> None:
    cursor.execute(DICE)
    cursor.execute("DROP TABLE IF EXISTS seeded")
    for statement in (PEOPLE, CONTACTS, NUMBERS, MERGES, MEMBERSHIPS, *BLOCKED.values()):
        cursor.execute(statement, facts if "%(" in statement else None)
    cursor.execute("SELECT setval(pg_get_serial_sequence('contacts_contact', 'id'), max(id)) FROM contacts_contact")


def _countries() -> dict[str, Any]:
    shares = [facts[0] for facts in COUNTRIES.values()]
    starts = [sum(shares[:place]) for place in range(len(shares))]
    columns = ("mobiles", "seconds", "landlines", "digits")
    return {
        "countries": list(COUNTRIES), "first_names": [FIRST[country] for country in COUNTRIES], "last_names": [LAST[country] for country in COUNTRIES],
        **{name: [facts[place] for facts in COUNTRIES.values()] for place, name in enumerate(columns, start=1)},
        "from": starts, "to": [start + share - 1 for start, share in zip(starts, shares, strict=True)],
    }  # fmt: skip


def _provider() -> int:
    from providers.models import Provider

    return Provider.objects.get_or_create(name="Benchmark", defaults={"kind": "simulator", "senders": ["36111"], "rate": 100_000, "max_segments": 3})[0].pk


def _fields() -> None:
    CustomField.objects.get_or_create(key="level", defaults={"label": "Level", "type": "choice", "choices": ["gold", "silver", "bronze"]})
    CustomField.objects.get_or_create(key="points", defaults={"label": "Points", "type": "number"})


@contextmanager
def _without_indexes(cursor: Any) -> Iterator[None]:
    """Load first, index afterwards: several times faster, and the same in the end. Foreign keys hold by construction."""
    cursor.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index AS i LEFT JOIN pg_constraint AS c ON c.conindid = i.indexrelid"
        " WHERE i.indrelid = ANY(%s::regclass[]) AND c.oid IS NULL",
        [list(LOADED)],
    )
    indexes = cursor.fetchall()
    for name, _definition in indexes:
        cursor.execute(f"DROP INDEX {name}")
    _trust_keys(cursor, "replica")
    yield
    _trust_keys(cursor, "origin")
    cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
    for _name, definition in indexes:
        cursor.execute(definition)


def _trust_keys(cursor: Any, role: str) -> None:
    try:
        with transaction.atomic():
            cursor.execute(f"SET LOCAL session_replication_role = {role}")
    except DatabaseError:  # an ordinary role may not; it takes longer then
        return
