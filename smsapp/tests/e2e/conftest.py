"""A whole console for a browser: live server, simulated gateway, workers and beat."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from smsapp.testing import processes

ARTEFACTS = processes.ROOT / "artefacts"


@pytest.fixture
def console(transactional_db, live_server, settings, tmp_path):
    """Everything that `manage.py run` starts, on the test database; yields the address and the gateway's log."""
    url = live_server.url.replace("localhost", "127.0.0.1")  # the simulator posts to addresses of this machine only
    settings.PUBLIC_BASE_URL = url
    settings.MEDIA_ROOT = str(tmp_path / "files")
    log = tmp_path / "requests.log"
    with processes.simulator("--log", str(log)) as gateway:
        settings.SIMULATOR_URL = gateway
        env = environment(gateway, url, tmp_path)
        beat = ["-m", "celery", "-A", "smsapp", "beat", "-s", str(tmp_path / "beat"), "-l", "WARNING"]
        others = processes.celery_worker("bulk,background", "-c", "2", **env)
        with processes.celery_worker("urgent", "-c", "1", **env), others, processes.running(*beat, **env):
            yield Console(url, log)


def environment(gateway, url, folder):
    return {
        "DATABASE_URL": processes.database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "SIMULATOR_URL": gateway,
        "PUBLIC_BASE_URL": url,
        "MEDIA_ROOT": str(folder / "files"),
    }


class Console:
    """Where it is, and what the gateway got."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self._log = log

    def gateway_numbers(self) -> Counter[str]:
        """How often each number was texted."""
        return Counter(number for number, _text in self.gateway_texts())

    def gateway_texts(self) -> list[tuple[str, str]]:
        """(number, text) of each call, in order."""
        calls = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [(call["number"], call["body"]) for call in calls]


@pytest.fixture
def sign_in(page, console, user_for):
    """`sign_in("marketer")` through the login page."""

    def go(role):
        user_for(role)
        page.goto(f"{console.url}/account/login/")
        page.get_by_label(re.compile("user ?name", re.IGNORECASE)).first.fill(role)
        page.get_by_label("Password", exact=False).first.fill("demo-sms-console")
        page.locator("main form button[type=submit]").first.click()
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        return page

    return go


@pytest.fixture
def shot(page):
    """`shot("name")` keeps a screenshot among the artefacts."""
    ARTEFACTS.mkdir(exist_ok=True)
    return lambda name: page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=True)
