"""One's own settings: saved, checked, used on every page."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from smsapp.accounts.models import User
from smsapp.common.models import Organisation

pytestmark = pytest.mark.django_db
WHOLE = {
    "first_name": "Amina",
    "last_name": "Ben Salah",
    "email": "amina@example.org",
    "mobile": "06 39 98 04 17",
    "language": "",
    "time_zone": "Africa/Tunis",
    "theme": "dark",
}


def test_settings_are_saved(client_for: Callable[..., Client]) -> None:
    client = client_for("viewer")
    assert client.post("/profile/", WHOLE | {"current_password": "demo-sms-console"}).status_code == 302
    user = User.objects.get(username="viewer")
    assert (user.first_name, user.mobile, user.time_zone, user.theme, user.single_key_shortcuts) == ("Amina", "+33639980417", "Africa/Tunis", "dark", False)
    page = client.get("/").content.decode()
    assert 'data-bs-theme="dark"' in page and "data-no-shortcuts" in page and "Hello, Amina" in page


def test_a_wrong_mobile_says_what_is_wrong_and_saves_nothing(client_for: Callable[..., Client]) -> None:
    response = client_for("viewer").post("/profile/", WHOLE | {"mobile": "06 39"})
    page = response.content.decode()
    assert response.status_code == 422 and "too few digits" in page and 'href="#id_mobile"' in page
    assert User.objects.get(username="viewer").theme == "auto"


@pytest.mark.parametrize(("field", "value"), [("email", ""), ("time_zone", "Mars/Base"), ("theme", "pink"), ("language", "xx")])
def test_other_faults_are_named(client_for: Callable[..., Client], field: str, value: str) -> None:
    response = client_for("viewer").post("/profile/", WHOLE | {field: value})
    assert response.status_code == 422
    assert f'href="#id_{field}"' in response.content.decode()


def test_nobody_can_give_themselves_rights(client_for: Callable[..., Client]) -> None:
    client_for("viewer").post("/profile/", WHOLE | {"is_staff": "on", "is_superuser": "on", "groups": "1"})
    user = User.objects.get(username="viewer")
    assert not user.is_staff and not user.is_superuser


def test_theme_is_kept(client_for: Callable[..., Client]) -> None:
    client = client_for("viewer")
    assert client.post("/profile/theme/", {"theme": "dark", "next": "/profile/"}).headers["Location"] == "/profile/"
    assert client.post("/profile/theme/", {"theme": "light"}, headers={"X-Requested-With": "fetch"}).status_code == 204
    assert client.post("/profile/theme/", {"theme": "pink"}).status_code == 400
    assert User.objects.get(username="viewer").theme == "light"


def test_language_is_kept_for_the_person(client_for: Callable[..., Client]) -> None:
    client = client_for("viewer")
    client.post("/profile/language/", {"language": "fr"})
    assert '<html lang="fr"' in client.get("/").content.decode()
    assert User.objects.get(username="viewer").language == "fr"


def test_language_before_logging_in_is_the_browsers_or_the_chosen_one(client: Client) -> None:
    assert '<html lang="fr"' in client.get("/account/login/", headers={"Accept-Language": "fr-FR,fr;q=0.9"}).content.decode()
    client.post("/profile/language/", {"language": "en"})
    assert '<html lang="en"' in client.get("/account/login/", headers={"Accept-Language": "fr-FR,fr;q=0.9"}).content.decode()


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "javascript:alert(1)"])
def test_the_way_back_stays_here(client: Client, target: str) -> None:
    assert client.post("/profile/language/", {"language": "fr", "next": target}).headers["Location"] == "/"


def test_an_unknown_time_zone_in_the_database_costs_nobody_a_page(client_for: Callable[..., Client], user_for: Callable[..., Any]) -> None:
    client = client_for("viewer")
    User.objects.filter(username="viewer").update(time_zone="Gone/Place")
    assert client.get("/").status_code == 200


def test_times_are_the_organisations_until_somebody_chooses(client_for: Callable[..., Client]) -> None:
    client = client_for("viewer")
    Organisation.objects.update_or_create(id=1, defaults={"time_zone": "Asia/Tokyo"})
    assert "(JST)" in client.get("/").content.decode()
    User.objects.filter(username="viewer").update(time_zone="Africa/Tunis")
    assert "(CET)" in client.get("/").content.decode()
