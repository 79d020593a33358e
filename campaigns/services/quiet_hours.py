"""Quiet hours for those who write and send texts: the rules in use, whether a number may be texted at a moment, and the hours that run now.

Workers read the rows of OpenHours alone, by the database's clock; here they are written: when a rule changes, when hours are over, and when a
number is met whose zones nobody has asked about.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import phonenumbers
from django.db import connection, transaction
from django.db.models.functions import Now

from campaigns import quiet
from campaigns.models import Chunk, Message, OpenHours, QuietHours
from campaigns.quiet import FARTHEST, Rule
from campaigns.statuses import ChunkState, MessageStatus
from smsapp.common import clock, phone, zones

HELD_BACK = (Message.Kind.BULK, Message.Kind.AUTOMATIC)  # a person who writes to one is asked; a test goes at any hour
Zones = tuple[str, ...]


@lru_cache(maxsize=1_000)
def clocks_of(names: Zones) -> tuple[ZoneInfo, ...]:
    """The zones of these names; those that this machine does not know are left out."""
    found = []
    for name in names:
        try:
            found.append(ZoneInfo(name))
        except ZoneInfoNotFoundError:
            continue
    return tuple(found) or (ZoneInfo("UTC"),)


@lru_cache(maxsize=500)
def zones_of_country(country: str) -> Zones:
    """In an order of their own, so that the same zones are the same row."""
    return tuple(sorted(zones.of_country(country)))


def zones_of(country: str, number: str) -> Zones:
    """Where somebody with this number may be: the country's only zone, else what the number tells, else all of the country's."""
    at_home = zones_of_country(country)
    return at_home if len(at_home) == 1 else tuple(sorted(zones.of_number(number))) or at_home


def prefix_of(country: str) -> str:
    """What the numbers of a country begin with; others may begin like it too."""
    return f"+{phonenumbers.country_code_for_region(country)}"


@dataclass(slots=True)
class Book:
    """The rules in use, looked up once for many numbers. Falsy where there are none."""

    rules: dict[str, Rule] = field(default_factory=dict)
    rows: dict[tuple[str, str], int] = field(default_factory=dict)  # by country, and by as much of a number as tells its zone

    def __bool__(self) -> bool:
        return bool(self.rules)

    def hours(self, country: str, number: str) -> int | None:
        """The row of hours that texts to this number keep; None where its country has no rule."""
        if country not in self.rules:
            return None
        key = country, zones.head_of(number) if len(zones_of_country(country)) != 1 else ""
        if (row := self.rows.get(key)) is None:
            row = self.rows[key] = open_hours(country, zones_of(country, number), self.rules[country])
        return row

    def same_for(self, countries: Iterable[str]) -> tuple[bool, int | None]:
        """Whether all numbers of these countries keep the same hours whatever they are, and which."""
        found = set(countries)
        kept = found & self.rules.keys()
        if not kept:
            return True, None
        country = min(found)
        if len(found) > 1 or len(zones_of_country(country)) != 1:
            return False, None
        return True, self.hours(country, "")

    def opens_at(self, country: str, number: str, moment: datetime) -> datetime:
        """The moment itself where a text may leave then, else the next one when it may."""
        if country not in self.rules:
            return moment
        found = quiet.next_opening(self.rules[country], clocks_of(zones_of(country, number)), moment)
        return found or moment + FARTHEST

    def clock(self, country: str, number: str, moment: datetime) -> datetime:
        """What the clock of somebody shows; of several zones, the one in which it is quiet."""
        clocks = [moment.astimezone(zone) for zone in clocks_of(zones_of(country, number))]
        rule = self.rules.get(country)
        return next((clock for clock in clocks if rule and not quiet.is_open(rule, [clock.tzinfo], moment)), clocks[0])  # type: ignore[list-item]


def book() -> Book:
    """As they stand; one query where there are none."""
    return Book({row.country: row.rule for row in QuietHours.objects.filter(active=True).prefetch_related("days")})


def opens_at(number: str, kind: int, moment: datetime) -> datetime:
    """When a text of a kind (Message.Kind) to an E.164 number may leave, from a moment on: at once, or when its quiet hours end."""
    if kind not in HELD_BACK or not (rules := book()):
        return moment
    return rules.opens_at(phone.country_of(number), number, moment)


# --- the hours that run now ---


def open_hours(country: str, names: Zones, rule: Rule) -> int:
    """The row of these zones. Whoever meets them first writes it, and that of the whole country, by which workers see which numbers to look at;
    one that is there stays as it is, and nobody waits for it."""
    these = OpenHours.objects.filter(country=country, zones=" ".join(names)).values_list("pk", flat=True)
    if (found := these.first()) is not None:
        return found
    now = clock.now()
    rows = [_row(country, zones_, rule, now) for zones_ in dict.fromkeys([names, zones_of_country(country)])]
    OpenHours.objects.bulk_create(rows, ignore_conflicts=True)
    return these.get()


def _row(country: str, names: Zones, rule: Rule, now: datetime) -> OpenHours:
    opens, closes = _window(rule, names, now)
    return OpenHours(country=country, zones=" ".join(names), prefix=prefix_of(country), opens_at=opens, closes_at=closes)


def _window(rule: Rule | None, names: Iterable[str], now: datetime) -> tuple[datetime, datetime | None]:
    """Without a rule it is open from now on and never closes; hours that never come are looked for again in a year."""
    if rule is None:
        return now, None
    return quiet.window(rule, clocks_of(tuple(names)), now) or (now + FARTHEST, now + FARTHEST)


def advance() -> None:
    """Hours that are over become the next ones, and what keeps them waits until then. Of the tick: three small queries as a rule."""
    if QuietHours.objects.filter(active=True).exclude(country__in=OpenHours.objects.values("country")).exists():
        follow_rules()  # nobody has yet: they came with the installation
    elif over := list(OpenHours.objects.filter(closes_at__lte=Now())):
        _renew(over)
    with connection.cursor() as cursor:
        cursor.execute(PUT_OFF)


# What is due while its hours are closed would be asked for in vain, and look as if it stood still.
PUT_OFF = """
    UPDATE campaigns_chunk c SET due_at = h.opens_at FROM campaigns_openhours h
     WHERE h.opens_at > now() AND h.closes_at IS NOT NULL AND c.hours_id = h.id AND c.state = 1 AND c.due_at < h.opens_at"""


def follow_rules() -> None:
    """After a change of rules or days: hours become those that hold now, also for texts that wait already."""
    for country, rule in book().rules.items():
        open_hours(country, zones_of_country(country), rule)
    _renew(list(OpenHours.objects.all()))
    advance()


@transaction.atomic
def _renew(rows: list[OpenHours]) -> None:
    rules, now = book().rules, clock.now()
    for row in OpenHours.objects.filter(id__in=[row.pk for row in rows]).order_by("id").select_for_update():
        before = row.opens_at
        row.opens_at, row.closes_at = _window(rules.get(row.country), row.zones.split(" "), now)
        row.save(update_fields=["opens_at", "closes_at"])
        if before > now:  # what waits for it
            Chunk.objects.filter(hours=row, state__in=[ChunkState.HELD, ChunkState.READY], due_at=before).update(due_at=row.opens_at)


# --- texts that nobody has sorted by their hours ---


def sort(numbers: Iterable[tuple[int, str]]) -> dict[int, int]:
    """(id, number) of texts → the hours that each keeps; those that keep none are absent."""
    rules, found = book(), dict[int, int]()
    for pk, number in numbers:
        if (row := rules.hours(phone.country_of(number), number)) is not None:
            found[pk] = row
    return found


# --- what waits ---


@dataclass(frozen=True, slots=True)
class Wait:
    """Texts to people in a country that wait for its hours."""

    country: str
    until: datetime
    texts: int


WAITING = """
    SELECT h.country, h.opens_at, count(*)
      FROM campaigns_openhours h JOIN campaigns_chunk c ON c.hours_id = h.id AND c.state = 1
      JOIN campaigns_message m ON m.chunk_id = c.id AND m.status = 0
     WHERE c.mailing_id = %(mailing)s AND h.opens_at > now() AND h.closes_at IS NOT NULL
     GROUP BY h.country, h.opens_at ORDER BY h.opens_at, count(*) DESC"""


def waiting(mailing_id: int) -> list[Wait]:
    """Of a mailing that is being sent: the soonest first."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING, {"mailing": mailing_id})
        return [Wait(*row) for row in cursor.fetchall()]


LEFT = """
    SELECT coalesce(h.country, ''), coalesce(h.zones, ''), count(*)
      FROM campaigns_chunk c JOIN campaigns_message m ON m.chunk_id = c.id AND m.status = 0
      LEFT JOIN campaigns_openhours h ON h.id = c.hours_id AND h.closes_at IS NOT NULL
     WHERE c.mailing_id = %(mailing)s AND c.state IN (0, 1, 2) GROUP BY 1, 2"""


def left(mailing_id: int) -> list[tuple[str, list[str], int]]:
    """(country, zones, texts) of what has not left of a mailing, also of a paused one; "" keeps no hours."""
    with connection.cursor() as cursor:
        cursor.execute(LEFT, {"mailing": mailing_id})
        return [(country, names.split(), texts) for country, names, texts in cursor.fetchall()]


def holds_until(message: Message) -> datetime | None:
    """When the quiet hours end for which a text in the queue waits; None while it waits for none."""
    held = Chunk.objects.filter(OpenHours.is_closed(clock.now(), "hours__"), pk=message.chunk_id or 0, state=ChunkState.READY)
    return held.values_list("hours__opens_at", flat=True).first() if message.status == MessageStatus.OPEN else None


def next_openings(mailing_ids: Iterable[int]) -> dict[int, datetime]:
    """When mailings of which nothing can leave at this moment go on; two queries for all. Others are absent."""
    found, asked = defaultdict[int, list[tuple[datetime, bool]]](list), list(mailing_ids)
    if not asked:
        return {}
    ready = Chunk.objects.filter(mailing__in=asked, state__in=[ChunkState.READY, ChunkState.CLAIMED]).order_by()
    now = clock.now()
    for mailing, hours, opens, closes in ready.values_list("mailing", "hours", "hours__opens_at", "hours__closes_at").distinct():
        found[mailing].append((opens, hours is not None and closes is not None and opens > now))
    return {mailing: min(opens for opens, _waits in rows) for mailing, rows in found.items() if all(waits for _opens, waits in rows)}
