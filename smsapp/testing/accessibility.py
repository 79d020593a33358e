"""What axe finds on a page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page


def violations(page: "Page", only: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Its findings, of some rules only if they are named. It must not load stylesheets anew: it would put them into the page, which the policy refuses."""
    chosen: dict[str, Any] = {"runOnly": {"type": "rule", "values": list(only)}} if only else {}
    found: list[dict[str, Any]] = Axe().run(page, options={"preload": False, **chosen}).response["violations"]
    return found
