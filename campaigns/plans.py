"""The send plan as plain facts: what a preparation found, kept as JSON in the mailing's row. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from typing import Any

STALE_AFTER = 60 * 60  # seconds after which a plan is worth making anew


@dataclass(frozen=True, slots=True)
class Share:
    """Texts of one kind, such as those to one country, and their segments."""

    texts: int = 0
    segments: int = 0

    def __add__(self, other: "Share") -> "Share":
        return Share(self.texts + other.texts, self.segments + other.segments)


@dataclass(frozen=True, slots=True)
class Extreme:
    """The longest, the shortest or the dearest text."""

    contact: int
    length: int  # in characters as the composer counts them: € is two
    segments: int


@dataclass(frozen=True, slots=True)
class Same:
    """Another mailing with the same text, and how many of its recipients are ours too."""

    mailing: int
    people: int


@dataclass(frozen=True, slots=True)
class Place:
    """Texts to numbers of one country whose own zones are these: several where a number does not tell."""

    country: str
    zones: list[str]
    texts: int


@dataclass(frozen=True, slots=True)
class Lane:
    """Texts that rules lead through one provider, with what it asks and how fast it is."""

    name: str
    texts: int
    segments: int
    price: str
    currency: str
    rate: int
    countries: list[str]

    @property
    def cost(self) -> Decimal | None:
        """Of its segments; None as long as nobody said what one costs."""
        return self.cost_of(self.segments)

    def cost_of(self, segments: int) -> Decimal | None:
        """What so many segments cost."""
        price = Decimal(self.price)
        return price * segments if price else None


@dataclass(frozen=True, slots=True)
class Plan:
    """What would happen if the mailing were sent now. `shares` of each kind add up to all texts and segments."""

    made_at: str  # ISO
    excluded: dict[str, int] = field(default_factory=dict)  # reason -> people
    by_segments: dict[str, Share] = field(default_factory=dict)
    by_encoding: dict[str, Share] = field(default_factory=dict)
    by_country: dict[str, Share] = field(default_factory=dict)
    by_language: dict[str, Share] = field(default_factory=dict)  # of the text that they read; "" is a text without one
    places: list[Place] = field(default_factory=list)  # of countries with several zones; of others the country tells
    longest: Extreme | None = None
    shortest: Extreme | None = None
    dearest: Extreme | None = None
    empty: dict[str, int] = field(default_factory=dict)  # token without fallback -> recipients without a value
    empty_text: list[int] = field(default_factory=list)  # the first contacts of those
    too_long: list[int] = field(default_factory=list)  # likewise
    unicode: dict[str, int] = field(default_factory=dict)  # token -> people of those in whose values a letter makes the text Unicode
    opted_out: int = 0  # recipients of a service text who want no marketing
    recent: int = 0  # recipients who were texted within `recent_hours`
    recent_hours: int = 0
    same: list[Same] = field(default_factory=list)
    confirmed: int = 0  # recipients that somebody confirmed, where they were recalculated at send time
    price: str = "0"  # of a segment; where rules lead texts through several providers, what they ask on average
    currency: str = ""
    rate: int = 1  # segments a second
    lanes: list[Lane] = field(default_factory=list)  # none where everything goes through the mailing's own provider

    @property
    def recipients(self) -> int:
        """People who get a text."""
        return sum(share.texts for share in self.by_segments.values())

    @property
    def segments(self) -> int:
        """All of them."""
        return sum(share.segments for share in self.by_segments.values())

    @property
    def left_out(self) -> int:
        """People of the audience who get none."""
        return sum(self.excluded.values())

    @property
    def chosen(self) -> int:
        """The whole audience."""
        return self.recipients + self.left_out

    @property
    def per_person(self) -> Decimal | None:
        """Segments."""
        return Decimal(self.segments) / self.recipients if self.recipients else None

    @property
    def cost(self) -> Decimal | None:
        """Of all segments; None as long as nobody said what one costs."""
        return self.cost_of(self.segments)

    def cost_of(self, segments: int) -> Decimal | None:
        """What so many segments cost."""
        price = Decimal(self.price)
        return price * segments if price else None

    @property
    def seconds(self) -> int:
        """How long the provider takes at its rate; the slowest, where there are several."""
        if self.lanes:
            return max(-(-lane.segments // max(lane.rate, 1)) for lane in self.lanes)
        return -(-self.segments // max(self.rate, 1))

    def cost_in(self, country: str, segments: int) -> Decimal | None:
        """What so many segments to a country cost."""
        return next((lane.cost_of(segments) for lane in self.lanes if country in lane.countries), self.cost_of(segments))

    @property
    def made(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.made_at)

    def on_terms(self, price: Decimal, currency: str, rate: int) -> "Plan":
        """The same at another price and rate; of one that is led through several providers each keeps its own."""
        return self if self.lanes else replace(self, price=str(price), currency=currency, rate=rate)

    def recounted(self, confirmed: int) -> "Plan":
        """The same, made at send time after so many recipients had been confirmed."""
        return replace(self, confirmed=confirmed)

    def stored(self) -> dict[str, Any]:
        """As the mailing's row keeps it."""
        return asdict(self)

    @classmethod
    def read(cls, stored: Mapping[str, Any]) -> "Plan | None":
        """From a mailing's row; None when there is no plan. What a newer or an older version wrote besides is left out."""
        if not stored.get("made_at"):
            return None
        known: dict[str, Any] = {name: value for name, value in stored.items() if name in cls.__dataclass_fields__}
        for name in ("by_segments", "by_encoding", "by_country", "by_language"):
            known[name] = {key: Share(**share) for key, share in known.get(name, {}).items()}
        for name in ("longest", "shortest", "dearest"):
            known[name] = Extreme(**known[name]) if known.get(name) else None
        known["places"] = [Place(**place) for place in known.get("places", [])]
        known["lanes"] = [Lane(**lane) for lane in known.get("lanes", [])]
        known["same"] = [Same(**same) for same in known.get("same", [])]
        return cls(**known)
