"""What axe finds on a page."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from axe_playwright_python.sync_playwright import Axe

if TYPE_CHECKING:
    from playwright.sync_api import Page

# It must not load stylesheets anew: it would put them into the page, which the policy refuses. What passes is not told: that took half its time.
OPTIONS = {"preload": False, "resultTypes": ["violations"]}


def violations(page: "Page", only: Sequence[str] = ()) -> list[dict[str, Any]]:
    """Its findings, of some rules only if they are named. A second call on the same page finds axe there."""
    chosen: dict[str, Any] = {"runOnly": {"type": "rule", "values": list(only)}} if only else {}
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(Axe().axe_script)
    found: list[dict[str, Any]] = page.evaluate("options => axe.run(document, options).then(results => results.violations)", {**OPTIONS, **chosen})
    return found
