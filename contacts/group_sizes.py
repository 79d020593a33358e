"""How many people each group has: counted up to a bound, beyond it told from the database's own statistics, so that a page never counts millions."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10

from django.db import connection

from contacts.smart.patience import by_index

MOST = 10_000  # of one group
BUDGET = 10_000  # of all groups of a page together: some 20 ms
SIZES = """
    SELECT g.id, (SELECT count(*) FROM (SELECT 1 FROM contacts_membership AS m JOIN contacts_contact AS c ON c.id = m.contact_id
                                         WHERE m.group_id = g.id AND c.deleted_at IS NULL AND c.merged_into_id IS NULL LIMIT %s) AS counted)
      FROM contacts_group AS g WHERE g.id = ANY(%s)
"""
# What ANALYZE saw of large groups: their share of all memberships.
SHARES = """
    SELECT value, (share * all_of_them.reltuples)::bigint
      FROM pg_class AS all_of_them
      JOIN pg_stats AS seen ON seen.schemaname = all_of_them.relnamespace::regnamespace::text AND seen.tablename = all_of_them.relname
     CROSS JOIN LATERAL unnest(seen.most_common_vals::text::bigint[], seen.most_common_freqs) AS common(value, share)
     WHERE all_of_them.oid = 'contacts_membership'::regclass AND seen.attname = 'group_id' AND value = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Size:
    """`n` people, or `more`, or `about` so many."""

    n: int
    more: bool = False
    about: bool = False


def of(group_ids: Sequence[int]) -> dict[int, Size]:
    """The sizes of these groups, in two queries."""
    most = min(MOST, BUDGET // max(1, len(group_ids)))
    with by_index(), connection.cursor() as cursor:
        cursor.execute(SIZES, [most + 1, list(group_ids)])
        counted = dict(cursor.fetchall())
        large = [group_id for group_id, n in counted.items() if n > most]
        seen: dict[int, int] = {}
        if large:
            cursor.execute(SHARES, [large])
            seen = dict(cursor.fetchall())
    return {group_id: _size(n, seen.get(group_id, 0), most) for group_id, n in counted.items()}


def _size(counted: int, seen: int, most: int) -> Size:
    if counted <= most:
        return Size(counted)
    rounded = _rounded(seen)
    return Size(rounded, about=True) if rounded > most else Size(most, more=True)


def _rounded(n: int) -> int:
    """Two digits say how large: 148,211 is about 150,000."""
    return round(n, 1 - int(log10(n))) if n else 0
