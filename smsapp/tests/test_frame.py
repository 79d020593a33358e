"""What every page's frame shows, home, search, health and the error pages."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.db import DatabaseError
from django.template.loader import render_to_string
from django.test import Client, RequestFactory

from providers.models import Provider
from smsapp import context, health, navigation, views
from smsapp.common.slots import home_cards, search_sources

pytestmark = pytest.mark.django_db


def entries(user: Any, path: str = "/") -> list[navigation.Entry]:
    request = RequestFactory().get(path)
    request.user = user
    return navigation.navigation_for(request).entries


def test_the_rail_shows_what_a_role_may_open(user_for: Callable[..., Any]) -> None:
    names = {role: {entry.url_name for entry in entries(user_for(role))} for role in ("viewer", "staff", "author", "administrator")}
    assert names["viewer"] <= names["staff"] <= names["author"] <= names["administrator"]
    assert "home" in names["viewer"] and "admin:index" not in names["author"] and "admin:index" in names["administrator"]
    assert "contacts:imports" not in names["staff"] and "providers:health" not in names["viewer"]


def test_the_place_with_the_longest_fitting_address_is_current(user_for: Callable[..., Any]) -> None:
    def current(path: str) -> list[str]:
        return [entry.url_name for entry in entries(user_for("author"), path) if entry.current]

    assert current("/") == ["home"]
    assert current("/contacts/groups/7/") == ["contacts:groups"]
    assert current("/contacts/7/") == ["contacts:list"]
    assert current("/profile/") == []


def test_a_place_that_does_not_exist_is_left_out(user_for: Callable[..., Any]) -> None:
    with patch.object(navigation, "SECTIONS", (navigation.Section("", (navigation.Place("nowhere:at-all", "Nowhere", "x"),)),)):
        assert entries(user_for("viewer")) == []


def test_the_lane_sign_says_the_worst(user_for: Callable[..., Any]) -> None:
    assert context.lane_sign().words == "No provider yet"
    for name, lane in (("A", "running"), ("B", "running"), ("C", "slowed"), ("D", "running"), ("off", "paused")):
        Provider.objects.create(name=name, kind="simulator", lane=lane, active=name != "off", lane_reason="asked for less" if lane == "slowed" else "")
    sign = context.lane_sign()
    assert sign.words == "1 lane slowed"
    assert [lane.name for _x, lane in sign.bars].count("C") == 1 and len(sign.bars) == 3
    Provider.objects.filter(name="D").update(lane="paused")
    assert context.lane_sign().words == "1 lane paused"
    Provider.objects.update(lane="running")
    assert context.lane_sign().words == "4 lanes running"


def test_the_frame_costs_a_fixed_number_of_queries(client_for: Callable[..., Client], django_assert_max_num_queries: Any) -> None:
    client = client_for("author")
    client.get("/profile/")
    with django_assert_max_num_queries(9):
        client.get("/search/")


def test_done_passes_and_trouble_stays() -> None:
    found = [
        Message(constants.SUCCESS, "done", extra_tags="undo=/contacts/1/restore/"),
        Message(constants.ERROR, "<b>bad</b>"),
        Message(constants.WARNING, "hm"),
    ]
    with patch.object(context, "get_messages", return_value=found):
        sorted_messages = context.page_messages(RequestFactory().get("/"))
    toasts = render_to_string("parts/_toasts.html", {"page_messages": sorted_messages})
    notices = render_to_string("parts/_notices.html", {"page_messages": sorted_messages})
    assert "done" in toasts and 'action="/contacts/1/restore/"' in toasts and "hm" not in toasts
    assert "&lt;b&gt;bad" in notices and "hm" in notices and "done" not in notices


def test_undo_leads_nowhere_else() -> None:
    found = {"pass": [Message(constants.SUCCESS, "done", extra_tags="undo=https://elsewhere.example/")], "stay": []}
    assert "elsewhere" not in render_to_string("parts/_toasts.html", {"page_messages": found})


@pytest.fixture
def slots() -> Iterator[None]:
    with patch.dict(home_cards._items, clear=True), patch.dict(search_sources._items, clear=True):
        yield


def test_home_shows_the_cards_of_the_apps(client_for: Callable[..., Client], slots: None) -> None:
    home_cards.register("one", lambda request: {"title": "Going out now", "template": "parts/_pill.html", "context": {}, "link": ("/x/", "All")})
    home_cards.register("none", lambda request: None)
    home_cards.register("side", lambda request: {"title": "Lanes", "template": "parts/_pill.html", "context": {}, "side": True})
    page = client_for("viewer").get("/").content.decode()
    assert "Going out now" in page and "Lanes" in page and 'href="/x/"' in page


@pytest.mark.parametrize(("role", "step"), [("author", "Import people from a file"), ("administrator", "Make accounts for your colleagues")])
def test_an_empty_console_says_what_to_do_next(client_for: Callable[..., Client], slots: None, role: str, step: str) -> None:
    page = client_for(role).get("/").content.decode()
    assert "What to do next" in page and step in page


def test_search_asks_every_source(client_for: Callable[..., Client], slots: None) -> None:
    def source(request: Any, text: str) -> list[tuple[str, str, str]]:
        return [(f"<b>{text}", "/found/", "06")] if text == "amina" else []

    source.title = "Contacts"  # type: ignore[attr-defined]
    search_sources.register("contacts", source)
    client = client_for("viewer")
    page = client.get("/search/", {"q": " amina\x00 "}).content.decode()
    assert 'href="/found/"' in page and "&lt;b&gt;amina" in page and "Contacts" in page
    assert "Nothing found" in client.get("/search/", {"q": "zoe"}).content.decode()
    assert "What are you looking for?" in client.get("/search/").content.decode()


def test_alive_says_ok(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert client.get("/livez").content == b"ok"


@pytest.fixture(autouse=True)
def asked_anew() -> None:
    health.recent.forget()


def test_ready_names_each_part(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.json()) == (200, {"ready": True, "database": "ok", "migrations": "ok", "redis": "ok"})


def test_not_ready_says_why_without_secrets(client: Client, settings: Any) -> None:
    settings.REDIS_URL = "redis://:hush@127.0.0.1:1/0"
    response = client.get("/readyz")
    assert response.status_code == 503 and "texts wait" in response.json()["redis"] and "hush" not in response.content.decode()


def test_many_questions_cost_one_look_in_five_seconds(client: Client) -> None:
    with patch.object(health, "look", return_value=health.Health({"database": "ok"})) as look, patch.object(health, "monotonic", return_value=100.0) as clock:
        assert [client.get("/readyz").status_code for _question in range(3)] == [200] * 3
        clock.return_value = 104.9
        client.get("/readyz")
        assert look.call_count == 1
        clock.return_value = 105.1
        client.get("/readyz")
        assert look.call_count == 2


def test_not_ready_without_database() -> None:
    with patch.object(health, "connection", SimpleNamespace(cursor=lambda: (_ for _ in ()).throw(DatabaseError("secret")))):
        found = health.look()
    assert not found.ready and "DATABASE_URL" in found.parts["database"] and "not asked" in found.parts["migrations"]


def test_waiting_migrations_are_counted() -> None:
    with patch.object(health.MigrationExecutor, "migration_plan", return_value=[1, 2]):
        assert health.look().parts["migrations"] == "2 waiting: run manage.py migrate"


def test_error_pages_say_the_way_on(client_for: Callable[..., Client], client: Client) -> None:
    missing = client_for("viewer").get("/nowhere/")
    assert missing.status_code == 404 and "There is no page here" in missing.content.decode()
    forbidden = views.forbidden(_request(client_for), PermissionError(""))
    assert forbidden.status_code == 403 and "You may not open this page" in forbidden.content.decode()


def _request(client_for: Callable[..., Client]) -> Any:
    return client_for("viewer").get("/").wsgi_request


def test_the_last_resort_needs_no_database() -> None:
    with patch("django.db.backends.utils.CursorWrapper.execute", side_effect=DatabaseError):
        response = views.server_error(RequestFactory().get("/"))
    page = response.content.decode()
    assert response.status_code == 500 and "Something broke on our side" in page and "before you repeat anything" in page


def test_a_page_that_was_open_for_too_long_says_so(user_for: Callable[..., Any]) -> None:
    client = Client(enforce_csrf_checks=True)
    response = client.post("/profile/language/", {"language": "fr"})
    assert response.status_code == 403 and "open for too long" in response.content.decode()


def test_required_fields_say_so(client_for: Callable[..., Client]) -> None:
    page = client_for("viewer").get("/profile/").content.decode()
    assert '<span class="asteriskField"> (required)</span>' in page
    assert 'aria-describedby="id_email_helptext"' in page
