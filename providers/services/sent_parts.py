"""Which text a report means that names the gateway's own id, and what several parts make of it."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db import connection

from providers.types import DeliveryReport, ReportStatus

# A gateway that uses an id again means the newer text.
_REMEMBER = """
    INSERT INTO providers_sentpart (provider_id, gateway_id, reference, parts, status, created_at)
    SELECT DISTINCT ON (v.id) %s, v.id, v.reference, v.parts, '', now() FROM unnest(%s::text[], %s::text[], %s::int[]) AS v(id, reference, parts)
    ON CONFLICT (provider_id, gateway_id) DO UPDATE
       SET reference = excluded.reference, parts = excluded.parts, created_at = excluded.created_at,
           status = CASE WHEN providers_sentpart.reference = excluded.reference THEN providers_sentpart.status ELSE '' END"""

_FIND = """
    SELECT s.provider_id, s.gateway_id, s.reference, s.parts FROM unnest(%s::bigint[], %s::text[]) AS v(provider, id)
      JOIN providers_sentpart s ON s.provider_id = v.provider AND s.gateway_id = v.id"""

# The last word counts; "delivered" is not taken back.
_NOTE = """
    UPDATE providers_sentpart s SET status = v.status
      FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS v(provider, id, status)
     WHERE s.provider_id = v.provider AND s.gateway_id = v.id AND s.status <> 'delivered'"""
_WHOLE = "SELECT reference FROM providers_sentpart WHERE parts > 1 AND reference = ANY(%s::text[]) GROUP BY reference HAVING bool_and(status = 'delivered')"


async def remember(cursor: Any, provider_id: int, texts: Iterable[tuple[str, Sequence[str]]]) -> None:
    """Keep (our reference, ids of its parts) of texts that a gateway has taken."""
    rows = [(one, reference, len(ids)) for reference, ids in texts for one in ids]
    if rows:
        ids, references, parts = zip(*rows, strict=True)
        await cursor.execute(_REMEMBER, [provider_id, list(ids), list(references), list(parts)], prepare=True)


def resolve(reports: Sequence[DeliveryReport]) -> list[DeliveryReport]:
    """The same reports with our reference where it can be found by the gateway's id.

    A text of several parts is delivered when all of them are; until then such a report says no more than that it is on its way.
    """
    nameless = [report for report in reports if not report.reference]
    if not nameless:
        return list(reports)
    known = _find(nameless)
    found = [_named(report, known) for report in reports]
    divided = {reference for reference, parts in known.values() if parts > 1}
    found = _as_wholes(found, divided) if divided else found
    # which id the message has already; in a report it may be written in another way, or be that of a later part
    return [replace(told, gateway_id="") if told.reference and not report.reference else told for report, told in zip(reports, found, strict=True)]


def _find(reports: Sequence[DeliveryReport]) -> dict[tuple[int, str], tuple[str, int]]:
    keys = list({(report.provider_id, report.gateway_id) for report in reports})
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [[provider for provider, _id in keys], [gateway_id for _provider, gateway_id in keys]])
        return {(provider, gateway_id): (reference, parts) for provider, gateway_id, reference, parts in cursor.fetchall()}


def _named(report: DeliveryReport, known: dict[tuple[int, str], tuple[str, int]]) -> DeliveryReport:
    found = None if report.reference else known.get((report.provider_id, report.gateway_id))
    return replace(report, reference=found[0]) if found else report


def _as_wholes(reports: Sequence[DeliveryReport], divided: set[str]) -> list[DeliveryReport]:
    theirs = [report for report in reports if report.reference in divided and report.status is not ReportStatus.UNKNOWN]
    last = {(report.provider_id, report.gateway_id): report.status for report in sorted(theirs, key=lambda one: one.status is ReportStatus.DELIVERED)}
    with connection.cursor() as cursor:
        keys = sorted(last)
        cursor.execute(_NOTE, [[provider for provider, _id in keys], [gateway_id for _provider, gateway_id in keys], [str(last[key]) for key in keys]])
        cursor.execute(_WHOLE, [list(divided)])
        whole = {reference for (reference,) in cursor.fetchall()}
    return [_of_whole(report, whole) if report.reference in divided else report for report in reports]


def _of_whole(report: DeliveryReport, whole: set[str]) -> DeliveryReport:
    is_early = report.status is ReportStatus.DELIVERED and report.reference not in whole
    return replace(report, status=ReportStatus.ACCEPTED) if is_early else report
