"""Which numbers a provider may text: its allowed countries, and no numbers for fiction in the real world."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q
from django.db.models.lookups import In, Regex

from contacts.eligibility import Reason
from providers import registry
from providers.models import Provider
from providers.services import providers
from providers.types import ProviderSnapshot
from smsapp.common import fiction, phone


@dataclass(frozen=True, slots=True)
class NumberRules:
    """The rules of one provider, looked up once for many numbers: one by one in Python, set-wise in SQL, with the same answers."""

    countries: frozenset[str]  # empty: all
    real_only: bool

    @classmethod
    def of(cls, provider: Provider) -> "NumberRules":
        """What this provider's row and its backend say."""
        return cls.at(providers.snapshot_of(provider), provider.allowed_countries)

    @classmethod
    def at(cls, provider: ProviderSnapshot, countries: Iterable[str]) -> "NumberRules":
        """The same, with the countries that are allowed at this moment."""
        return cls(frozenset(countries), real_only=not registry.get(provider.kind).accepts_fictional(provider))

    def refusal(self, number: str) -> str:
        """The reason why an E.164 number may not be texted through it; empty when it may."""
        if self.countries and phone.country_of(number) not in self.countries:
            return "country_not_allowed"
        return "fictional_number" if self.real_only and phone.is_fictional(number) else ""

    def reasons(self, *, number: str = "sms_number", country: Any = "sms_country") -> list[Reason]:
        """The same as extra reasons for `contacts.eligibility`: `number` is a path of the judged row, `country` a path or an expression."""
        found: list[Reason] = []
        if self.countries:
            found.append(("country_not_allowed", ~Q(In(F(country) if isinstance(country, str) else country, sorted(self.countries)))))
        if self.real_only:
            found.append(("fictional_number", Q(Regex(F(number), fiction.PATTERN))))
        return found
