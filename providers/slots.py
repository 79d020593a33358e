"""What upper apps add to pages of providers."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, Protocol

from providers.models import Provider
from smsapp.common.registry import Slot


@dataclass(frozen=True, slots=True)
class PageLink:
    """A page beside that of the providers' health, for those who have `permission`."""

    label: Any
    icon: str
    permission: str
    url: Any  # lazy


class ProviderAction(Protocol):
    """A button on a provider's admin page, such as Send test; shown to those who have `permission`."""

    label: Any
    icon: str
    permission: str

    def url(self, provider: Provider) -> str:
        """Where the button leads."""


provider_actions: Slot[ProviderAction] = Slot()
page_links: Slot[PageLink] = Slot()

# callable(provider ids) -> {provider id: list of {"label", "value", "note" (optional)}}, one query for all of them
health_figures: Slot[Callable[[list[int]], dict[int, list[dict[str, Any]]]]] = Slot()

# callable() -> {provider id: what is wrong with it, in a sentence}, a few queries for all of them
health_troubles: Slot[Callable[[], dict[int, str]]] = Slot()

# callable(our signed reference) -> address of the text's page; empty when it is none of ours
text_pages: Slot[Callable[[str], str]] = Slot()

# callable(our signed references) -> those whose text counts as delivered, one query for all of them
delivered_texts: Slot[Callable[[Collection[str]], set[str]]] = Slot()
