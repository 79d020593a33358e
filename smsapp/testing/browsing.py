"""The system's Chromium without a window, driven by Playwright: opened once for all browser tests that follow one another."""

import os
import shutil
import tempfile
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser

_open: list[tuple[ExitStack, "Browser"]] = []


def chromium_path() -> str | None:
    """The system's Chromium, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def browser(path: str) -> "Browser":
    """The one that is open, else a new one."""
    if _open and not _open[0][1].is_connected():
        close()
    if not _open:
        _open.append(_launched(path))
    return _open[0][1]


def close() -> None:
    """Before asynchronous tests: Playwright's loop, which runs in the thread of the test, would stand in their way."""
    while _open:
        _open.pop()[0].close()


def _launched(path: str) -> tuple[ExitStack, "Browser"]:
    from playwright.sync_api import sync_playwright

    flags = ["--disable-gpu", "--disable-background-networking", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="smsapp-browser-", ignore_cleanup_errors=True))
        playwright = stack.enter_context(sync_playwright())
        started = playwright.chromium.launch(executable_path=path, headless=True, args=flags, env={**os.environ, "HOME": home})
        stack.callback(started.close)
        return stack.pop_all(), started
