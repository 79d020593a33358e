"""Leases on sessions: who holds which, by the database's clock; and how they stand, for people."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models.functions import Now

from providers import registry
from providers.models import Bind, Provider

# Free is what nobody holds, or what was held by somebody who has not been heard of for a lease. In the order of numbers, so that two senders
# who ask at once do not wait for each other in a circle.
_TAKE = """
    INSERT INTO providers_bind AS b (provider_id, number, owner, lease_until, holder, problem)
    SELECT %(provider)s, n, %(owner)s, now() + make_interval(secs => %(lease)s), %(holder)s, '' FROM generate_series(1, %(wanted)s) n ORDER BY n
    ON CONFLICT (provider_id, number) DO UPDATE
       SET owner = excluded.owner, lease_until = excluded.lease_until, holder = excluded.holder,
           bound_since = CASE WHEN b.owner = excluded.owner THEN b.bound_since END, problem = CASE WHEN b.owner = excluded.owner THEN b.problem ELSE '' END
     WHERE b.owner = excluded.owner OR b.owner IS NULL OR b.lease_until < now()
 RETURNING b.number"""

_TELL = """
    UPDATE providers_bind b SET bound_since = v.since, problem = v.problem
      FROM unnest(%(numbers)s::int[], %(since)s::timestamptz[], %(problems)s::text[]) AS v(number, since, problem)
     WHERE b.provider_id = %(provider)s AND b.owner = %(owner)s AND b.number = v.number"""


def standing(provider_ids: Iterable[int]) -> dict[int, list[Bind]]:
    """The sessions of each provider that a sender holds at this moment."""
    found: dict[int, list[Bind]] = {}
    for bind in Bind.objects.filter(provider_id__in=list(provider_ids), owner__isnull=False, lease_until__gt=Now()).order_by("number"):
        found.setdefault(bind.provider_id, []).append(bind)
    return found


def missing(providers: Iterable[Provider]) -> set[int]:
    """Of providers whose texts travel over sessions, those that have none at this moment: nothing leaves through them."""
    bound = {provider.pk for provider in providers if provider.active and provider.kind in registry.session_bound()}
    stand = standing(bound) if bound else {}
    return {pk for pk in bound if not any(bind.bound_since for bind in stand.get(pk, []))}


class Tenant(NamedTuple):
    """A sender: its own random name, and one for people."""

    owner: uuid.UUID
    holder: str


def take(provider_id: int, wanted: int, tenant: Tenant, seconds: float) -> set[int]:
    """Lease the sessions 1 to `wanted` that are ours or free, for so many seconds from now; the numbers that we hold then."""
    facts: dict[str, Any] = {"provider": provider_id, "wanted": wanted, "owner": tenant.owner, "holder": tenant.holder[:80], "lease": seconds}
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, facts)
        return {row[0] for row in cursor.fetchall()}


def tell(provider_id: int, tenant: Tenant, standing: Mapping[int, tuple[float, str]]) -> None:
    """Write down how our sessions stand: since when (seconds since 1970, 0.0 when they do not), and their trouble."""
    since = [datetime.fromtimestamp(at, UTC) if at else None for at, _problem in standing.values()]
    problems = [problem.replace("\0", "")[:300] for _at, problem in standing.values()]
    with connection.cursor() as cursor:
        cursor.execute(_TELL, {"provider": provider_id, "owner": tenant.owner, "numbers": list(standing), "since": since, "problems": problems})


def give_back(provider_id: int, tenant: Tenant) -> None:
    """Whoever waits may take them at once."""
    Bind.objects.filter(provider_id=provider_id, owner=tenant.owner).update(owner=None, lease_until=None, bound_since=None)
