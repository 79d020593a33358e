"""Two contacts of one mailing who become one get one text, however far the mailing is.

The text that has left, or is about to (its chunk is claimed and the mark is beyond it), is the one that counts; else the winner's. Every other
open one is skipped, or left out where nothing was confirmed yet. Three moments can bring a second text about, and each asks the same question:
the merge itself, the end of a preparation that read the people before they were merged, and a text that comes back to the queue.
"""

import time
from collections.abc import Sequence
from typing import Any

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from campaigns.services import transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from contacts.services.errors import ContactsError
from contacts.slots import MergeFact
from smsapp.common import locks

REASON = "merged"
PATIENCE = 5.0  # seconds for rows that a worker holds for some milliseconds
MERGING = 7_213  # advisory lock: merges share it, the end of a preparation has it alone

# Whose texts of which mailings are asked about; {asked} yields mailing_id and person.
OF_A_WINNER = "SELECT id AS mailing_id, %(winner)s::bigint AS person FROM campaigns_mailing WHERE status IN ('ready', 'scheduled', 'sending', 'paused')"
OF_A_MAILING = "SELECT DISTINCT %(mailing)s::bigint AS mailing_id, merged_into_id AS person FROM contacts_contact WHERE merged_into_id IS NOT NULL"
OF_MESSAGES = """
    SELECT DISTINCT m.mailing_id, coalesce(c.merged_into_id, c.id) AS person
      FROM campaigns_message AS m JOIN contacts_contact AS c ON c.id = m.contact_id
     WHERE m.id = ANY(%(messages)s) AND m.mailing_id IS NOT NULL
       AND (c.merged_into_id IS NOT NULL OR EXISTS (SELECT 1 FROM contacts_contact AS loser WHERE loser.merged_into_id = c.id))"""

# Texts that somebody got or may get: a refused or a skipped one leaves room for another. `place` 1 is the one that counts. OFFSET 0 makes the
# planner ask the index for each person: what it knows of a mailing that was just prepared is out of date.
THEIRS = """
    WITH asked AS ({asked}),
         who AS (SELECT mailing_id, person, person AS contact FROM asked
                  UNION ALL SELECT a.mailing_id, a.person, c.id FROM asked AS a
                     CROSS JOIN LATERAL (SELECT id FROM contacts_contact WHERE merged_into_id = a.person OFFSET 0) AS c),
         texts AS (SELECT m.id, m.mailing_id, w.person, m.status, m.chunk_id, m.contact_id = w.person AS own,
                          m.status = 0 AND coalesce(c.state = 2 AND m.position < c.started_up_to, false) AS started
                     FROM who AS w
                     CROSS JOIN LATERAL (SELECT * FROM campaigns_message AS m
                                          WHERE m.mailing_id = w.mailing_id AND m.contact_id = w.contact AND m.again_of IS NULL OFFSET 0) AS m
                     LEFT JOIN campaigns_chunk AS c ON c.id = m.chunk_id
                    WHERE m.status IN (0, 10, 11, 12, 30)),
         ranked AS (SELECT *, count(*) OVER person_texts AS among,
                           row_number() OVER (person_texts ORDER BY status <> 0 OR started DESC, own DESC, id) AS place
                      FROM texts WINDOW person_texts AS (PARTITION BY mailing_id, person))
    SELECT {wanted} FROM ranked {narrowed}"""
SURPLUS = "WHERE place > 1 AND status = 0 AND NOT started ORDER BY id"


def _ask(asked: str, wanted: str = "id", narrowed: str = SURPLUS) -> str:
    return THEIRS.format(asked=asked, wanted=wanted, narrowed=narrowed)


# --- the merge ---


def keep_one_text(winner_id: int) -> None:
    """Inside a merge's transaction, once the losers are closed: one text of each mailing stays for the person.

    Raises ContactsError when a worker holds their texts for longer than it ever should.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [MERGING])
        cursor.execute(_ask(OF_A_WINNER, "id, chunk_id", "WHERE among > 1"), {"winner": winner_id})
        texts = cursor.fetchall()
        if texts:
            _lock(texts)
            cursor.execute(_ask(OF_A_WINNER), {"winner": winner_id})
            _drop([row[0] for row in cursor.fetchall()])


def _lock(texts: Sequence[tuple[int, int]]) -> None:
    """Hold the texts and their chunks, so that no mark moves and no outcome is written while we decide.

    Without waiting: a worker may hold one of them and want another. It lets go within milliseconds, then we try again.
    """
    ends = time.monotonic() + PATIENCE
    while not _locked(texts):
        if time.monotonic() > ends:
            raise ContactsError("being_texted", _("These people are being texted at this very moment. Wait a few seconds, then merge them."))
        time.sleep(0.02)


def _locked(texts: Sequence[tuple[int, int]]) -> bool:
    messages, chunks = [text[0] for text in texts], {text[1] for text in texts}
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            while True:
                cursor.execute("SELECT id FROM campaigns_chunk WHERE id = ANY(%s) ORDER BY id FOR UPDATE NOWAIT", [list(chunks)])
                cursor.execute("SELECT chunk_id FROM campaigns_message WHERE id = ANY(%s) ORDER BY id FOR UPDATE NOWAIT", [messages])
                found = {row[0] for row in cursor.fetchall()}
                if found <= chunks:
                    return True
                chunks |= found  # a text went back to the queue meanwhile: its new chunk too
    except OperationalError as problem:
        if locks.code_of(problem) != locks.NOT_AVAILABLE:
            raise
        return False


LEAVE_OUT = """
    WITH gone AS (DELETE FROM campaigns_message AS m USING campaigns_mailing AS g
                   WHERE m.id = ANY(%(ids)s) AND m.status = 0 AND g.id = m.mailing_id AND g.status IN ('preparing', 'ready')
               RETURNING m.id, m.mailing_id, m.contact_id, m.number, m.segments),
         told AS (INSERT INTO campaigns_exclusion (mailing_id, contact_id, number, reason)
                  SELECT mailing_id, contact_id, number, %(reason)s FROM gone ON CONFLICT DO NOTHING)
    SELECT id, mailing_id, segments FROM gone"""


def _drop(ids: Sequence[int]) -> None:
    """Before anything was confirmed nobody has seen the texts: they are left out like others. Later they are skipped, with the reason."""
    tallies = transitions.Tallies()
    with connection.cursor() as cursor:
        cursor.execute(LEAVE_OUT, {"ids": list(ids), "reason": REASON})
        gone = cursor.fetchall()
        tallies.add(gone, MessageStatus.OPEN, None)
        transitions.write_tallies(cursor, tallies)
    rest = set(ids) - {row[0] for row in gone}
    transitions.move_messages([Outcome(id_, MessageStatus.SKIPPED, reason=REASON) for id_ in sorted(rest)])


WAITING = """
    SELECT m.contact_id, count(*) FROM campaigns_mailing AS g
      JOIN campaigns_message AS m ON m.mailing_id = g.id AND m.contact_id = ANY(%s) AND m.status = 0 AND m.again_of IS NULL
     WHERE g.status IN ('preparing', 'ready', 'scheduled', 'sending', 'paused') GROUP BY m.contact_id"""


def waiting_texts(contact_ids: Sequence[int]) -> MergeFact:
    """Texts of mailings that have not left yet, for the page that asks before a merge."""

    def note(n: int) -> str:
        return ngettext("waiting text goes on; one text a mailing", "waiting texts go on; one text a mailing", n)

    with connection.cursor() as cursor:
        cursor.execute(WAITING, [list(contact_ids)])
        return MergeFact(gettext_lazy("Waiting texts"), note, dict(cursor.fetchall()))


# --- the end of a preparation ---


def hold_merges() -> None:
    """Wait for merges that are under way and keep new ones waiting, until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [MERGING])


def keep_one_text_each(mailing_id: int) -> int:
    """Of everybody who was merged: the preparation may have read them when they were two. How many texts fell away."""
    with connection.cursor() as cursor:
        cursor.execute(_ask(OF_A_MAILING), {"mailing": mailing_id})
        surplus = [row[0] for row in cursor.fetchall()]
    _drop(surplus)
    return len(surplus)


# Winners whom a preparation that went on after a crash passed by: their ids lie before its watermark, the losers' behind it. Only those who
# were merged since it began, or not long before by some other machine's clock. Subqueries instead of joins: an index look-up each, whatever
# the planner believes of the new rows.
OVERLOOKED = """
    SELECT DISTINCT c.merged_into_id FROM contacts_contact AS c
     WHERE c.merged_into_id IS NOT NULL AND c.deleted_at >= (SELECT max(at) - interval '1 hour' FROM campaigns_mailingevent
                                                               WHERE mailing_id = %(mailing)s AND status = 'preparing')
       AND (SELECT m.id FROM campaigns_message AS m WHERE m.mailing_id = %(mailing)s AND m.contact_id = c.id AND m.again_of IS NULL) IS NULL
       AND (SELECT m.id FROM campaigns_message AS m WHERE m.mailing_id = %(mailing)s AND m.contact_id = c.merged_into_id AND m.again_of IS NULL) IS NULL
       AND (SELECT e.id FROM campaigns_exclusion AS e WHERE e.mailing_id = %(mailing)s AND e.contact_id = c.merged_into_id) IS NULL"""


def overlooked(mailing_id: int) -> list[int]:
    """Ids of contacts that others were merged into, of whom the mailing knows nothing."""
    with connection.cursor() as cursor:
        cursor.execute(OVERLOOKED, {"mailing": mailing_id})
        return [row[0] for row in cursor.fetchall()]


# --- a text comes back to the queue ---

ALONE = "SELECT pg_advisory_xact_lock(hashtextextended('merged ' || mailing_id || ' ' || person, 0)) FROM ({asked} ORDER BY 1, 2) AS asked"


async def keep_one_text_async(cursor: Any, message_ids: Sequence[int]) -> None:
    """Of people who were merged while two texts of theirs were in flight: one that was not sent stays out of the queue.

    In the transaction that puts the texts back; two of them who do so for one person take turns.
    """
    facts = {"messages": list(message_ids)}
    await cursor.execute(ALONE.format(asked=OF_MESSAGES), facts)
    if not await cursor.fetchall():
        return
    await cursor.execute(_ask(OF_MESSAGES), facts)
    surplus = [row[0] for row in await cursor.fetchall()]
    await transitions.move_messages_async(cursor, [Outcome(id_, MessageStatus.SKIPPED, reason=REASON) for id_ in surplus])
