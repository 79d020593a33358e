"""Every URL × every role, against the table in route_table.py; the strict content policy on every page."""

import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.resolvers import RegexPattern, RoutePattern

from smsapp.roles import ALL, ROLES
from smsapp.tests.route_table import ADMIN, LOGGED_IN, PUBLIC, SIGNED, Rule, names, rule_for

SAMPLES = {
    "IntConverter": 987654321,
    "StringConverter": "x",
    "SlugConverter": "x",
    "UUIDConverter": "9f1c1c0e-0000-4000-8000-000000000000",
    "PathConverter": "x",
}
ROLE_NAMES = ["viewer", "staff", "author", "marketer", "administrator"]


def routes(patterns: list[Any] | None = None, namespace: str = "", known: dict[str, Any] | None = None) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Name, path pattern and sample arguments of every URL."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        arguments = (known or {}) | samples(entry.pattern)
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from routes(entry.url_patterns, inner, arguments)
        elif isinstance(entry, URLPattern):
            yield (namespace + entry.name if entry.name else "", f"{namespace}{entry.pattern}", arguments)


def samples(pattern: Any) -> dict[str, Any]:
    """Arguments that fit and belong to nothing."""
    if isinstance(pattern, RoutePattern):
        return {name: SAMPLES.get(type(converter).__name__, "x") for name, converter in pattern.converters.items()}
    if isinstance(pattern, RegexPattern):
        return {name: "accounts" if name == "app_label" else "x-y" for name in pattern.regex.groupindex}
    return {}


ALL_ROUTES = sorted({(name, path): (name, path, arguments) for name, path, arguments in routes()}.values(), key=lambda each: each[:2])
WALKED = [(name, arguments | dict(rule.sample)) for name, _path, arguments in ALL_ROUTES if name and (rule := rule_for(name))]


def may(role: str, rule: Rule) -> bool:
    held = ROLES[role.title()]
    return ALL in held or any(need in (PUBLIC, LOGGED_IN) or need in held for need in rule.needs)


def is_refused(response: HttpResponse, rule: Rule, role: str) -> bool:
    if ADMIN in rule.needs and role == "administrator":
        return leads_to_login(response)  # inside, each part of the admin has rules of its own
    return response.status_code == 403 or (ADMIN in rule.needs and leads_to_login(response))


def ask(client: Client, name: str, arguments: dict[str, Any]) -> HttpResponse:
    rule = rule_for(name)
    assert rule
    url = reverse(name, kwargs=arguments)
    return client.post(url) if rule.changes else client.get(url)


def leads_to_login(response: HttpResponse) -> bool:
    where = response.headers.get("Location", "")
    return response.status_code == 302 and where.startswith((reverse("account_login"), reverse("admin:login")))


def test_every_url_has_a_name_and_a_rule() -> None:
    nameless = [path for name, path, _arguments in ALL_ROUTES if not name and "admin" not in path and path != "(?P<url>.*)$"]
    assert not nameless, f"give these URLs a name: {nameless}"
    missing = [name for name, _path, _arguments in ALL_ROUTES if name and rule_for(name) is None]
    assert not missing, f"say in route_table.py who may open: {missing}"


def test_the_table_holds_no_url_that_is_gone() -> None:
    existing = {name for name, _path, _arguments in ALL_ROUTES}
    gone = [entry for entry in names() if not any(name == entry or (entry.endswith("*") and name.startswith(entry[:-1])) for name in existing)]
    assert not gone, f"remove from route_table.py: {gone}"


@pytest.mark.django_db
def test_nobody_comes_in_without_logging_in(client: Client) -> None:
    wrong = []
    for name, arguments in WALKED:
        rule = rule_for(name)
        response = ask(client, name, arguments)
        assert response.status_code < 500, name
        assert rule
        is_open = not {PUBLIC, SIGNED}.isdisjoint(rule.needs)
        if not is_open and not leads_to_login(response):
            wrong.append((name, response.status_code))
        if PUBLIC in rule.needs and response.status_code == 403:
            wrong.append((name, response.status_code))
    assert not wrong


@pytest.mark.django_db
@pytest.mark.parametrize("role", ROLE_NAMES)
def test_each_role_opens_what_the_table_says(client_for: Callable[..., Client], role: str) -> None:
    wrong = []
    client = client_for(role)
    for name, arguments in WALKED:
        rule = rule_for(name)
        assert rule
        response = ask(client, name, arguments)
        if SIGNED in rule.needs:
            assert response.status_code in (403, 404), name
            continue
        refused = is_refused(response, rule, role)
        if response.status_code >= 500 or refused == may(role, rule):
            wrong.append((name, "opened" if not refused else "refused", response.status_code))
        if name == "account_logout" or not client.session.get("_auth_user_id"):
            client = client_for(role)
    assert not wrong


@pytest.mark.django_db
def test_what_changes_something_wants_post(client_for: Callable[..., Client]) -> None:
    client = client_for("administrator")
    wrong = []
    for name, arguments in WALKED:
        rule = rule_for(name)
        if rule and rule.changes and (status := client.get(reverse(name, kwargs=arguments)).status_code) != 405:
            wrong.append((name, status))
    assert not wrong


@pytest.mark.django_db
def test_what_changes_something_wants_the_token(user_for: Callable[..., Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user_for("administrator"), backend=settings.AUTHENTICATION_BACKENDS[0])
    for name, arguments in WALKED:
        rule = rule_for(name)
        if rule and rule.changes and SIGNED not in rule.needs:
            assert client.post(reverse(name, kwargs=arguments)).status_code == 403, name


class Strict(HTMLParser):
    """Collects what the content policy would block."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        runs = tag == "script" and "src" not in given and given.get("type") not in {"application/json", "text/plain"}
        if runs or tag == "style" or "style" in given or any(name.startswith("on") or name.startswith("hx-on") for name in given):
            self.found.append(self.get_starttag_text() or tag)
        outside = [value for name, value in attrs if name in {"src", "action"} and (value or "").startswith(("http:", "https:", "//", "data:"))]
        self.found.extend(value for value in outside if value)


@pytest.mark.django_db
@pytest.mark.parametrize("role", [None, "administrator"])
def test_every_page_is_strict(client: Client, client_for: Callable[..., Client], role: str | None) -> None:
    asking = client_for(role) if role else client
    for name, arguments in WALKED:
        if role and name in {"account_logout", "admin:logout"}:
            continue
        response = ask(asking, name, arguments)
        policy = response.headers.get("Content-Security-Policy", "")
        assert "default-src 'self'" in policy and "unsafe" not in policy, name
        if response.headers.get("Content-Type", "").startswith("text/html"):
            strict = Strict()
            strict.feed(response.content.decode())
            assert not strict.found, (name, strict.found)


NEEDED = [
    "vendor/bootstrap/css/bootstrap.min.css",
    "vendor/bootstrap/js/bootstrap.bundle.min.js",
    "vendor/bootstrap-icons/bootstrap-icons.min.css",
    "vendor/bootstrap-icons/fonts/bootstrap-icons.woff2",
    "django_htmx/htmx-2.min.js",
    "css/console.css",
    "js/console.js",
    "icon.svg",
]


def named_in_templates() -> set[str]:
    files = (settings.BASE_DIR / "templates").rglob("*.html")
    return {name for path in files for name in re.findall(r"""{%\s*static\s+["']([^"']+)["']""", path.read_text())}


def test_every_asset_is_found() -> None:
    missing = [name for name in {*NEEDED, *named_in_templates()} if not finders.find(name)]
    assert not missing
