"""Which numbers a provider may text: its allowed countries, and no numbers for fiction in the real world."""

from dataclasses import dataclass

from providers import registry
from providers.models import Provider
from providers.services import providers
from smsapp.common import phone


@dataclass(frozen=True, slots=True)
class NumberRules:
    """The rules of one provider, looked up once for many numbers."""

    countries: frozenset[str]  # empty: all
    real_only: bool

    @classmethod
    def of(cls, provider: Provider) -> "NumberRules":
        """What this provider's row and its backend say."""
        fictional = registry.get(provider.kind).accepts_fictional(providers.snapshot_of(provider))
        return cls(frozenset(provider.allowed_countries), real_only=not fictional)

    def refusal(self, number: str) -> str:
        """The reason why an E.164 number may not be texted through it; empty when it may."""
        if self.countries and phone.country_of(number) not in self.countries:
            return "country_not_allowed"
        return "fictional_number" if self.real_only and phone.is_fictional(number) else ""
