"""Slots of the roof's own pages: cards of the home page and what search looks through."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest

from smsapp.common.registry import Slot

# callable(request) -> None (nothing to show this person) or {"title": str, "template": str, "context": dict,
# and, if wanted, "side": True for the narrow column, "link": (url, label)}
home_cards: Slot[Callable[[HttpRequest], dict[str, Any] | None]] = Slot()

# callable(request, q) -> list of (label, url, sub), best first, at most a dozen; checks the person's rights itself.
# The function's attribute `title` (a lazy string) heads its part of the page.
search_sources: Slot[Callable[[HttpRequest, str], list[tuple[str, str, str]]]] = Slot()
