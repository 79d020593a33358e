"""Logging in: one door, tries are counted, nobody signs up, the second step is sealed."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.core import mail
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db
PASSWORD = "demo-sms-console"


def log_in(client: Client, login: str, password: str = PASSWORD, **extra: str) -> Any:
    return client.post(reverse("account_login"), {"login": login, "password": password} | extra)


@pytest.mark.parametrize("login", ["staff", "staff@example.org", "STAFF@example.org"])
def test_by_user_name_or_email(client: Client, user_for: Callable[..., Any], login: str) -> None:
    user_for("staff")
    response = log_in(client, login)
    assert response.status_code == 302 and response.headers["Location"] == "/"
    assert client.get("/").status_code == 200


def test_leads_back_to_the_page_that_was_wanted(client: Client, user_for: Callable[..., Any]) -> None:
    user_for("staff")
    assert client.get("/profile/").headers["Location"] == "/account/login/?next=/profile/"
    assert log_in(client, "staff", next="/profile/").headers["Location"] == "/profile/"


def test_never_leads_to_another_site(client: Client, user_for: Callable[..., Any]) -> None:
    user_for("staff")
    assert log_in(client, "staff", next="https://elsewhere.example/").headers["Location"] == "/"


def test_a_wrong_password_says_so_and_keeps_out(client: Client, user_for: Callable[..., Any]) -> None:
    user_for("staff")
    response = log_in(client, "staff", "wrong")
    assert response.status_code == 200 and "is not right" in response.content.decode()
    assert client.get("/").status_code == 302


def test_tries_are_counted(client: Client, user_for: Callable[..., Any], settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/300s/key"}
    cache.clear()
    user_for("staff")
    for _try in range(3):
        log_in(client, "staff", "wrong")
    response = log_in(client, "staff")
    assert client.get("/").status_code == 302
    assert "Too many tries" in response.content.decode() or response.status_code == 429
    cache.clear()


def test_somebody_switched_off_stays_out(client: Client, user_for: Callable[..., Any]) -> None:
    user_for("staff", is_active=False)
    log_in(client, "staff")
    assert client.get("/").status_code == 302


def test_nobody_signs_up(client: Client) -> None:
    data = {"email": "new@example.org", "username": "new", "password1": "quite-long-enough", "password2": "quite-long-enough"}
    assert "made by administrators" in client.get(reverse("account_signup")).content.decode()
    client.post(reverse("account_signup"), data)
    from smsapp.accounts.models import User

    assert not User.objects.filter(username="new").exists()


def test_the_administration_has_no_door_of_its_own(client: Client, client_for: Callable[..., Client]) -> None:
    assert client.get("/admin/login/").headers["Location"].startswith("/account/login/")
    assert client_for("viewer").get("/admin/", follow=True).status_code == 403


def test_logging_out_wants_post(client_for: Callable[..., Client]) -> None:
    client = client_for("viewer")
    assert "Log out?" in client.get(reverse("account_logout")).content.decode()
    assert client.get("/").status_code == 200
    client.post(reverse("account_logout"))
    assert client.get("/").status_code == 302


def test_a_forgotten_password_is_chosen_anew_by_mail(client: Client, user_for: Callable[..., Any]) -> None:
    user_for("staff")
    assert "mailbox" in client.post(reverse("account_reset_password"), {"email": "staff@example.org"}, follow=True).content.decode()
    link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)
    assert link
    page = client.get(link[1], follow=True)
    action = page.redirect_chain[-1][0]
    client.post(action, {"password1": "another-long-word-7", "password2": "another-long-word-7"})
    assert log_in(Client(), "staff", "another-long-word-7").status_code == 302
    assert "no longer works" in Client().get(link[1], follow=True).content.decode()


def test_an_unknown_address_gets_the_same_answer(client: Client) -> None:
    response = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"}, follow=True)
    assert "mailbox" in response.content.decode()


def test_the_second_step_is_asked_for_and_its_key_is_sealed(client: Client, user_for: Callable[..., Any]) -> None:
    secret = generate_totp_secret()
    stored = TOTP.activate(user_for("staff"), secret).instance
    assert secret not in str(Authenticator.objects.get(pk=stored.pk).data)
    response = log_in(client, "staff")
    assert response.headers["Location"].startswith(reverse("mfa_authenticate"))
    assert client.get("/").status_code == 302
    assert "not right" in client.post(reverse("mfa_authenticate"), {"code": "000000"}).content.decode()
    assert "Second step" in client.get(reverse("mfa_authenticate")).content.decode()


@pytest.mark.parametrize("name", ["mfa_index", "mfa_activate_totp", "account_change_password", "mfa_generate_recovery_codes"])
def test_pages_of_the_account_are_drawn(client: Client, user_for: Callable[..., Any], name: str) -> None:
    user_for("staff")
    log_in(client, "staff")
    response = client.get(reverse(name), follow=True)
    assert response.status_code == 200
    assert "data:image" not in response.content.decode()


def test_a_fragment_without_session_sends_the_whole_page_to_the_login(client: Client) -> None:
    response = client.get("/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/profile/"})
    assert response.status_code == 204
    assert response.headers["HX-Redirect"] == "/account/login/?next=%2Fprofile%2F"
    outside = client.get("/", headers={"HX-Request": "true", "HX-Current-URL": "https://elsewhere.example/x"})
    assert outside.headers["HX-Redirect"] == "/account/login/?next=%2F"


def test_a_second_step_is_set_up_and_used(client: Client, user_for: Callable[..., Any]) -> None:
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value, yield_hotp_counters_from_time

    def code(secret: str) -> str:
        return format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))

    user_for("staff")
    log_in(client, "staff")
    assert client.get(reverse("mfa_activate_totp")).headers["Location"].startswith(reverse("account_reauthenticate"))
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    shown = re.search(r'id="secret" value="([A-Z2-7]+)"', page)
    assert shown and "<svg" in page
    response = client.post(reverse("mfa_activate_totp"), {"code": code(shown[1])}, follow=True)
    assert "codes are left" in response.content.decode()
    assert "Turn off" in client.get(reverse("mfa_index")).content.decode()
    cache.clear()
    other = Client()
    log_in(other, "staff")
    assert other.post(reverse("mfa_authenticate"), {"code": code(shown[1])}).headers["Location"] == "/"
    assert other.get("/").status_code == 200
