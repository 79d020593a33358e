"""Pytest plugin of all apps: servers, one world per worker, no outside network, people of each role, a browser."""

import os
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as properties

from smsapp.testing import any_hour, browsing, databases, emptying, network, static_files

if TYPE_CHECKING:
    from django.test import Client
    from playwright.sync_api import Browser, Page

    from smsapp.accounts.models import User

TEST_NUMBERS_FROM = 40  # Redis numbers of tests on the embedded server; the running console uses 0
LONG = ("long", "processes", "faults")  # markers of tests that take many seconds
_used: list[Any] = []


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config, parser: pytest.Parser, args: list[str]) -> None:
    """Choose the servers before Django's settings are read."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")  # Playwright's loop runs in the thread of the test
    worker = _worker_number()
    if "SMSAPP_TEST_REDIS" not in os.environ:
        os.environ["SMSAPP_TEST_REDIS"] = _start_servers()
    os.environ["REDIS_URL"] = redis_url_for(os.environ["SMSAPP_TEST_REDIS"], worker)
    network.forbid_outside()


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a run may leave out."""
    parser.addoption("--faults", action="store_true", help="run the fault suite, whole, and nothing else (minutes); without it its short form runs")


def pytest_configure(config: pytest.Config) -> None:
    """Properties are not judged by the clock: a busy machine is no fault of theirs."""
    properties.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    properties.load_profile("house")
    databases.install()
    emptying.install()
    static_files.install()
    any_hour.install()


def pytest_collection_finish(session: pytest.Session) -> None:
    """The collector of cyclic garbage took a fourteenth of the time of tests."""
    from smsapp.common.garbage import look_seldom

    look_seldom()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """The browser stays for the browser tests that follow one another."""
    if item.get_closest_marker("e2e") is None:
        browsing.close()


def pytest_sessionfinish() -> None:
    """The last browser test may have been the last of all."""
    browsing.close()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave the servers; the last one out stops them."""
    while _used:
        _used.pop().leave()


def _worker_number() -> int | None:
    found = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
    return int(found[1]) if found else None


def _start_servers() -> str:
    """The Redis address that tests share; starts what the environment does not name."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        return os.environ["REDIS_URL"]
    from smsapp.services import embedded

    servers = embedded.join()
    _used.append(servers)
    given = os.environ.get("REDIS_URL")
    os.environ.update(servers.environment())
    return given or redis_with_number(servers.redis_url, TEST_NUMBERS_FROM)


def redis_url_for(base: str, worker: int | None) -> str:
    """Each xdist worker's own Redis number, after the base's."""
    if worker is None:
        return base
    number = re.search(r"/(\d+)$", base)
    return redis_with_number(base, (int(number[1]) if number else 0) + 1 + worker)


def redis_with_number(url: str, number: int) -> str:
    """The same Redis server, another number."""
    return re.sub(r"/\d*$", "", url) + f"/{number}" if url.count("/") > 2 else f"{url}/{number}"


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests last: Playwright's loop would stand in the way of asynchronous tests. Of the fault suite, as much as was asked for."""
    items.sort(key=lambda item: item.get_closest_marker("e2e") is not None)
    wanted = [item for item in items if _is_wanted(item, config)]
    if left := set(items) - set(wanted):
        config.hook.pytest_deselected(items=list(left))
    items[:] = _spread(wanted)


def _spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Those that take long at the beginning of equal parts: each worker begins with some, and none is left alone with them at the end.

    A file that is marked whole stays together, for the sake of what its tests share.
    """
    long: dict[str, list[pytest.Item]] = {}
    for item in items:
        if any(item.get_closest_marker(name) for name in LONG):
            alone = any(marker.name in LONG for marker in item.own_markers)
            long.setdefault(item.nodeid if alone else item.nodeid.partition("::")[0], []).append(item)
    parts: list[list[pytest.Item]] = [[] for _worker in range(int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))]
    for together in long.values():
        min(parts, key=len).extend(together)
    known = {item for part in parts for item in part}
    others = [item for item in items if item not in known]
    size = -(-len(items) // len(parts))
    for part in parts:
        room = max(size - len(part), 0)
        part += others[:room]
        others = others[room:]
    return [item for part in parts for item in part] + others


def _is_wanted(item: pytest.Item, config: pytest.Config) -> bool:
    of_the_suite = item.get_closest_marker("faults") is not None
    if config.getoption("--faults"):
        return of_the_suite
    named = any("tests/faults" in argument for argument in config.args)
    return named or not of_the_suite or item.get_closest_marker("short") is not None


@pytest.fixture
def now() -> datetime:
    """A fixed moment for pure rules: a Monday morning in winter, UTC."""
    from datetime import UTC

    return datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


@pytest.fixture
def user_for(db: None) -> Callable[..., "User"]:
    """`user_for("marketer")` → a user of that role, which came with the migrations; a second call gives the same person."""

    def make(role: str, **changes: Any) -> "User":
        from django.contrib.auth import get_user_model
        from django.contrib.auth.hashers import make_password
        from django.contrib.auth.models import Group

        values = {"username": role, "email": f"{role}@example.org", "first_name": role.title(), "is_staff": role == "administrator"} | changes
        user = get_user_model().objects.filter(username=values["username"]).first()
        if user is None:
            user = get_user_model().objects.create(password=make_password("demo-sms-console"), **values)
            user.groups.add(Group.objects.get(name__iexact=role))
        return user

    return make


@pytest.fixture
def client_for(user_for: Callable[..., "User"]) -> Callable[..., "Client"]:
    """`client_for("viewer")` → Django's test client, signed in as that role."""

    def make(role: str, **changes: Any) -> "Client":
        from django.test import Client

        client = Client()
        client.force_login(user_for(role, **changes), backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def browser() -> "Browser":
    """Chromium; missing: skipped, under CI a failure."""
    path = browsing.chromium_path()
    if path is None:
        message = "no Chromium on this machine: install Debian's package chromium to run the browser tests"
        if os.environ.get("CI", "").lower() in {"1", "true"}:
            pytest.fail(message)
        pytest.skip(message)
    return browsing.browser(path)


@pytest.fixture
def page(browser: "Browser") -> Iterator["Page"]:
    """A fresh page with its own cookies; any error on the console's side shows in `page.errors`."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="Europe/Paris")
    opened = context.new_page()
    opened.set_default_timeout(15_000)
    yield opened
    context.close()


@pytest.fixture
def live_url(live_server: Any) -> str:
    """Address of the console served for a browser."""
    return str(live_server.url)


@pytest.fixture
def seen_as(page: "Page", live_url: str, client_for: Callable[..., "Client"]) -> Iterator[Callable[[str], "Page"]]:
    """`seen_as("marketer")` → the page, signed in as that role; a script that fails or an inline one fails the test."""
    from django.conf import settings

    faults: list[str] = []

    def sign_in(role: str) -> "Page":
        cookie = client_for(role).cookies[settings.SESSION_COOKIE_NAME].value
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_url}])
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None)
        return page

    yield sign_in
    assert faults == []


@pytest.fixture
def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    from smsapp.testing import processes

    return processes.free_port()
