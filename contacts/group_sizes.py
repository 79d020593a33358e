"""How many people each group has: counted up to a bound, beyond it told from the database's own statistics, so that a page never counts millions.

The statistics also say beforehand which groups are too large to be counted, so that the others are counted to the last person.
"""

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
    with by_index(), connection.cursor() as cursor:
        cursor.execute(SHARES, [list(group_ids)])
        seen: dict[int, int] = dict(cursor.fetchall())
        most = _most(len(group_ids), [_perhaps(n) for n in seen.values()])
        cursor.execute(SIZES, [most + 1, [group_id for group_id in group_ids if _perhaps(seen.get(group_id, 0)) <= most]])
        counted: dict[int, int] = dict(cursor.fetchall())
    return {group_id: _size(counted.get(group_id), seen.get(group_id, 0), most) for group_id in group_ids}


def _perhaps(seen: int) -> int:
    """The statistics may be old: the largest size to reckon with."""
    return seen * 5 // 4


def _most(groups: int, known: list[int]) -> int:
    """People of one group that can be counted: an even share of the budget, or more where the groups that are known to be larger are left out."""
    unknown, share = groups - len(known), min(MOST, BUDGET // max(1, groups))
    fitting = (most for most in known if most <= MOST and unknown * most + sum(size for size in known if size <= most) <= BUDGET)
    return max(share, *fitting, 0)


def _size(counted: int | None, seen: int, most: int) -> Size:
    if counted is not None and counted <= most:
        return Size(counted)
    rounded = _rounded(seen)
    return Size(rounded, about=True) if rounded > most else Size(most, more=True)


def _rounded(n: int) -> int:
    """Two digits say how large: 148,211 is about 150,000."""
    return round(n, 1 - int(log10(n))) if n else 0
