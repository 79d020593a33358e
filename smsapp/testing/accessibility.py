"""What axe finds on a page."""

from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page


def violations(page: "Page") -> list[dict[str, Any]]:
    """Its findings. It must not load stylesheets anew: it would put them into the page, which the policy refuses."""
    found: list[dict[str, Any]] = Axe().run(page, options={"preload": False}).response["violations"]
    return found
