"""Which gateway and sender a text takes: rules by country and kind of text, in their order; the first that can be followed decides. Pure."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from providers.failures import CLOSE_A_LANE

MAILING, ONE_OFF, TEST, AUTOMATIC = KINDS = ("mailing", "one_off", "test", "automatic")  # in the order of Message.Kind

# What another gateway can cure; whatever may have been sent is never passed on.
CURABLE = frozenset({"no_route", "country_not_allowed", "not_reached", *CLOSE_A_LANE})


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that is in use, with its place in the list. `provider` None: the one that was chosen with the text."""

    number: int
    provider: int | None
    sender: str = ""
    countries: frozenset[str] = frozenset()  # empty: all
    kinds: frozenset[str] = frozenset()  # empty: all
    keep_sender: bool = False

    def fits(self, kind: str, country: str) -> bool:
        """Whether it is about such a text."""
        return (not self.kinds or kind in self.kinds) and (not self.countries or country in self.countries)


@dataclass(frozen=True, slots=True)
class Gateway:
    """What of an active provider a rule has to respect."""

    id: int
    name: str
    senders: tuple[str, ...] = ()
    countries: frozenset[str] = frozenset()  # empty: all
    max_segments: int = 10
    paused: bool = False

    def can_take(self, country: str, segments: int) -> bool:
        """Whether a text of so many segments to this country may go there at all."""
        return segments <= self.max_segments and (not self.countries or country in self.countries)


class Via(NamedTuple):
    """A provider and a sender of it."""

    provider: int
    sender: str


@dataclass(frozen=True, slots=True)
class Way:
    """What was decided. `rule` None: nobody's rule, as chosen with the text. `kept`: the sender is the one that last texted the contact."""

    provider: int
    sender: str
    rule: Rule | None = None
    kept: bool = False
    passed_by: tuple[str, ...] = ()  # gateways of earlier rules whose lanes are paused


@dataclass(frozen=True, slots=True)
class Table:
    """All rules in use and all active gateways, read once for many texts."""

    rules: Sequence[Rule] = ()
    gateways: Mapping[int, Gateway] = field(default_factory=dict)

    def about(self, kind: str) -> bool:
        """Whether any rule speaks of this kind of text."""
        return any(not rule.kinds or kind in rule.kinds for rule in self.rules)

    def keeps_senders(self, kind: str) -> bool:
        """Whether it matters who last texted a contact."""
        return any(rule.keep_sender and (not rule.kinds or kind in rule.kinds) for rule in self.rules)

    def countries(self) -> set[str]:
        """Those that any rule or gateway names: of all others the answer is the same."""
        return {code for rule in self.rules for code in rule.countries} | {code for gateway in self.gateways.values() for code in gateway.countries}

    def way(self, kind: str, country: str, chosen: Via, *, last: Via | None = None, segments: int = 1) -> Way:
        """Of a new text; without a rule that can be followed, as chosen. A lane that runs goes before one that is paused."""
        found = list(self._candidates(kind, country, chosen, segments, ()))
        if not found:
            return Way(chosen.provider, chosen.sender)
        rule, gateway = next(((rule, gateway) for rule, gateway in found if not gateway.paused), found[0])
        passed = tuple(dict.fromkeys(other.name for other_rule, other in found if other.paused and other_rule.number < rule.number))
        return self._way(rule, gateway, chosen, last, passed)

    def next_way(self, kind: str, country: str, *, tried: Collection[int], segments: int = 1) -> Way | None:
        """Of a text that certainly did not leave through the gateways `tried`: another one that runs, or none."""
        nowhere = Via(0, "")
        found = (pair for pair in self._candidates(kind, country, nowhere, segments, tried) if not pair[1].paused)
        rule, gateway = next(found, (None, None))
        return self._way(rule, gateway, nowhere, None, ()) if rule and gateway else None

    def _candidates(self, kind: str, country: str, chosen: Via, segments: int, tried: Collection[int]) -> Iterator[tuple[Rule, Gateway]]:
        for rule in self.rules:
            gateway = self.gateways.get(rule.provider or chosen.provider)
            if gateway and rule.fits(kind, country) and gateway.id not in tried and gateway.can_take(country, segments):
                yield rule, gateway

    @staticmethod
    def _way(rule: Rule, gateway: Gateway, chosen: Via, last: Via | None, passed: tuple[str, ...]) -> Way:
        if rule.keep_sender and last and last.provider == gateway.id and last.sender in gateway.senders:
            return Way(gateway.id, last.sender, rule, kept=True, passed_by=passed)
        own = chosen.sender if chosen.provider == gateway.id and (chosen.sender in gateway.senders or not gateway.senders) else ""
        sender = next((each for each in (rule.sender, own) if each and (each in gateway.senders or not gateway.senders)), "")
        return Way(gateway.id, sender or (gateway.senders[0] if gateway.senders else ""), rule, passed_by=passed)


ONLY_HERE: Mapping[str, Any] = {"only_here": True}  # of a text that tries one provider: no rule leads it, now or later


def facts_of(way: Way, earlier: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Why a text takes its way, as its message keeps it: the rule as it was then. `earlier` are the gateways that it was tried through."""
    rule = way.rule
    facts: dict[str, Any] = {"kept": way.kept, "passed_by": list(way.passed_by), "earlier": [dict(each) for each in earlier]}
    if rule is not None:
        facts |= {"rule": rule.number, "countries": sorted(rule.countries), "kinds": sorted(rule.kinds)}
    return facts
