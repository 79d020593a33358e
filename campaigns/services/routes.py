"""Routing for those who write texts: the rules as they stand, the way of each text, and the note of why."""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import F, Q
from django.db.models.lookups import Regex

from campaigns import routing
from campaigns.models import Message, Route
from campaigns.pipeline.number_rules import NumberRules
from campaigns.routing import Gateway, Rule, Table, Via, Way
from contacts.eligibility import Reason
from providers.models import Provider
from smsapp.common import fiction, phone


def table() -> Table:
    """The rules in use with the active gateways; one query where there are no rules."""
    rules = [_rule(number, row) for number, row in enumerate(Route.objects.in_use(), 1)]
    return Table(rules, {row.pk: gateway_of(row) for row in Provider.objects.filter(active=True)}) if rules else Table()


def _rule(number: int, row: Route) -> Rule:
    return Rule(number, row.provider_id, row.sender, frozenset(row.countries), frozenset(row.kinds), row.keep_sender)


def gateway_of(row: Provider) -> Gateway:
    """A provider as rules see it."""
    paused = row.lane == Provider.Lane.PAUSED
    return Gateway(row.pk, row.name, tuple(row.senders), frozenset(row.allowed_countries), row.max_segments, paused)


# Interned: the same why is one row, whoever writes it first.
INTERN = """
    INSERT INTO campaigns_routing (digest, facts) VALUES (%s, %s::jsonb)
    ON CONFLICT (digest) DO UPDATE SET digest = excluded.digest RETURNING id"""


def interning(facts: Mapping[str, Any]) -> list[str]:
    """Parameters of INTERN."""
    text = json.dumps(facts, sort_keys=True)
    return [hashlib.blake2b(text.encode(), digest_size=16).hexdigest(), text]


def note(way: Way) -> int | None:
    """The row that says why; none where no rule was followed."""
    return None if way.rule is None else _intern(routing.facts_of(way))


def only_here() -> int:
    """The row that says that a text tries its provider, and goes through no other whatever happens."""
    return _intern(routing.ONLY_HERE)


def _intern(facts: Mapping[str, Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(INTERN, interning(facts))
        return int(cursor.fetchone()[0])


# Who last texted each of some people, as far as their texts are still kept.
LAST = """
    SELECT who.id, last.provider_id, last.sender
      FROM unnest(%s::bigint[]) AS who(id)
     CROSS JOIN LATERAL (SELECT m.provider_id, m.sender
                           FROM (SELECT a.source FROM contacts_activity a
                                  WHERE a.contact_id = who.id AND a.kind = 'sms_sent' ORDER BY a.at DESC, a.id DESC LIMIT 3) AS lines
                           JOIN campaigns_message m ON m.id = lines.source
                          WHERE m.status IN (10, 11, 12, 30) ORDER BY m.sent_at DESC NULLS LAST LIMIT 1) AS last"""


def last_senders(contacts: Iterable[int]) -> dict[int, Via]:
    """Provider and sender that last texted each contact; who was never texted is absent. One query for all."""
    with connection.cursor() as cursor:
        cursor.execute(LAST, [list(contacts)])
        return {contact: Via(provider, sender) for contact, provider, sender in cursor.fetchall() if provider}


def lead(rows: Sequence[Message]) -> None:
    """Give new texts of one kind, which have what was chosen, the provider and the sender that the rules say. Nothing is saved."""
    if not rows or not (routes := Routes.of(rows[0].kind)):
        return
    last = last_senders(row.contact_id for row in rows if row.contact_id) if routes.keeps_senders else {}
    for row in rows:
        if row.provider is None:
            continue
        way = routes.way_to(row.number, Via(row.provider.pk, row.sender), last=last.get(row.contact_id or 0), segments=row.segments)
        row.provider, row.sender, row.routing_id = routes.provider(way, row.provider), way.sender, routes.note(way)


@dataclass(slots=True)
class Routes:
    """The ways of texts of one kind: looked up once, asked for each text. Falsy where no rule speaks of the kind."""

    table: Table
    kind: str
    providers: dict[int, Provider] = field(default_factory=dict)
    notes: dict[Way, int | None] = field(default_factory=dict)
    ways: dict[Any, Way] = field(default_factory=dict)

    @classmethod
    def of(cls, kind: int, table_: Table | None = None) -> "Routes":
        """As they stand; `kind` is one of Message.Kind."""
        found, name = table() if table_ is None else table_, routing.KINDS[kind]
        if not found.about(name):
            return cls(Table(), name)
        return cls(found, name, Provider.objects.in_bulk(list(found.gateways)))

    def __bool__(self) -> bool:
        return bool(self.table.rules)

    @property
    def keeps_senders(self) -> bool:
        """Whether somebody must be asked who last texted whom."""
        return self.table.keeps_senders(self.kind)

    def way(self, country: str, chosen: Via, *, last: Via | None = None, segments: int = 1) -> Way:
        """The way of a text to a country."""
        key = (country, chosen, last, segments)
        if key not in self.ways:
            self.ways[key] = self.table.way(self.kind, country, chosen, last=last, segments=segments)
        return self.ways[key]

    def way_to(self, number: str, chosen: Via, *, last: Via | None = None, segments: int = 1) -> Way:
        """The same, with the country read off the number."""
        return self.way(phone.country_of(number), chosen, last=last, segments=segments)

    def provider(self, way: Way, chosen: Provider) -> Provider:
        """The row of a way's provider."""
        return chosen if way.provider == chosen.pk else self.providers[way.provider]

    def note(self, way: Way) -> int | None:
        """Why, written down once."""
        if way not in self.notes:
            self.notes[way] = note(way)
        return self.notes[way]

    def reasons(self, chosen: Provider, sender: str, segments: int) -> list[Reason]:
        """What `NumberRules.reasons` says where the gateway depends on the country: of contacts, by the country of the number to be texted."""
        named = sorted(self.table.countries() | set(chosen.allowed_countries))
        via = Via(chosen.pk, sender)
        by_country = {code: NumberRules.of(self.provider(self.way(code, via, segments=segments), chosen)) for code in (*named, "")}
        refused = [code for code in named if by_country[code].countries and code not in by_country[code].countries]
        real = [code for code in named if by_country[code].real_only]
        return [
            ("country_not_allowed", _among("sms_country", refused, named, others=bool(by_country[""].countries))),
            ("fictional_number", Q(Regex(F("sms_number"), fiction.PATTERN)) & _among("sms_country", real, named, others=by_country[""].real_only)),
        ]


def refusal_of(provider: Provider, kind: int) -> Callable[[str], str]:
    """Of an E.164 number: why the provider that it would go through may not text it; empty when it may."""
    routes = Routes.of(kind)
    if not routes:
        return NumberRules.of(provider).refusal
    chosen = Via(provider.pk, "")
    return lambda number: NumberRules.of(routes.provider(routes.way_to(number, chosen), provider)).refusal(number)


def reasons_of(provider: Provider | None, sender: str, segments: int, known: Routes | None = None) -> list[Reason]:
    """What the gateways of a mailing add to the reasons that hold for all texts; nothing as long as it has no provider."""
    if provider is None:
        return []
    found = Routes.of(0) if known is None else known
    return found.reasons(provider, sender, segments) if found else NumberRules.of(provider).reasons()


def _among(path: str, these: list[str], named: list[str], *, others: bool) -> Q:
    """Rows whose country is one of these; with `others` also those whose country nobody names."""
    found = Q(**{f"{path}__in": these})
    return found | ~Q(**{f"{path}__in": named}) if others else found
