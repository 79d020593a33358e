"""An e-mail resets the password: it is nobody else's, changes with the password only, and is forgotten when it changed."""

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.apps import apps
from django.core import mail
from django.core.cache import cache
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from smsapp.accounts.models import User
from smsapp.accounts.tests.test_profile import WHOLE

pytestmark = pytest.mark.django_db
PASSWORD = "demo-sms-console"
NEW = WHOLE | {"email": "New@example.org"}


def asks_for_a_link(email: str) -> int:
    """How many mails with a link went out."""
    mail.outbox.clear()
    Client().post(reverse("account_reset_password"), {"email": email})
    return len([sent for sent in mail.outbox if "/password/reset/key/" in sent.body])


@pytest.fixture
def known(user_for: Callable[..., Any]) -> User:
    """A user whose address the login has already looked up."""
    cache.clear()
    user = user_for("viewer")
    assert asks_for_a_link("viewer@example.org") == 1
    assert EmailAddress.objects.filter(user=user).exists()
    return user


def test_another_email_wants_the_password(client_for: Callable[..., Client], known: User) -> None:
    client = client_for("viewer")
    assert "current_password" not in client.get("/profile/").content.decode()
    response = client.post("/profile/", NEW)
    assert response.status_code == 422 and 'href="#id_current_password"' in response.content.decode()
    response = client.post("/profile/", NEW | {"current_password": "wrong"})
    assert response.status_code == 422 and "not your current password" in response.content.decode()
    assert User.objects.get(pk=known.pk).email == "viewer@example.org"


def test_a_former_email_resets_nothing(client_for: Callable[..., Client], known: User) -> None:
    assert client_for("viewer").post("/profile/", NEW | {"current_password": PASSWORD}).status_code == 302
    assert User.objects.get(pk=known.pk).email == "new@example.org"
    assert asks_for_a_link("viewer@example.org") == 0
    assert asks_for_a_link("NEW@example.org") == 1


def test_the_same_email_in_other_letters_wants_no_password(client_for: Callable[..., Client], known: User) -> None:
    assert client_for("viewer").post("/profile/", WHOLE | {"email": "Viewer@Example.org"}).status_code == 302


def test_tries_of_passwords_are_counted(client_for: Callable[..., Client], known: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login_failed": "3/300s/key"}
    client = client_for("viewer")
    for _try in range(3):
        client.post("/profile/", NEW | {"current_password": "wrong"})
    assert "Too many tries" in client.post("/profile/", NEW | {"current_password": PASSWORD}).content.decode()
    cache.clear()


def admin_page(user: User) -> dict[str, Any]:
    """What the administration's form holds."""
    groups = [group.pk for group in user.groups.all()]
    return {"username": user.username, "email": user.email, "is_active": "on", "theme": "auto", "groups": groups}


def test_an_administrator_changes_it_and_the_former_one_is_forgotten(client_for: Callable[..., Client], known: User) -> None:
    data = admin_page(known) | {"email": "other@example.org"}
    response = client_for("administrator").post(f"/admin/accounts/user/{known.pk}/change/", data)
    assert response.status_code == 302
    assert asks_for_a_link("viewer@example.org") == 0
    assert asks_for_a_link("other@example.org") == 1


def test_nobody_takes_anothers(client_for: Callable[..., Client], user_for: Callable[..., Any]) -> None:
    user_for("staff")
    client = client_for("viewer")
    response = client.post("/profile/", WHOLE | {"email": "STAFF@example.org", "current_password": PASSWORD})
    assert response.status_code == 422 and "Another user has this e-mail" in response.content.decode()


def test_an_administrator_gives_nobody_anothers(client_for: Callable[..., Client], user_for: Callable[..., Any]) -> None:
    user_for("staff")
    client, viewer = client_for("administrator"), user_for("viewer")
    page = client.post(f"/admin/accounts/user/{viewer.pk}/change/", admin_page(viewer) | {"email": "Staff@example.org"})
    assert "Another user has this e-mail" in page.content.decode()
    new = {"username": "new", "email": "Staff@example.org", "usable_password": "true", "password1": "quite-long-enough-7", "password2": "quite-long-enough-7"}
    assert "Another user has this e-mail" in client.post("/admin/accounts/user/add/", new).content.decode()
    assert client.post("/admin/accounts/user/add/", new | {"email": "new@example.org"}).status_code == 302


def test_the_database_keeps_them_apart(user_for: Callable[..., Any]) -> None:
    user_for("staff")
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="twin", email="Staff@Example.org")
    for name in ("one", "two"):
        User.objects.create(username=name, email="")


def test_the_migration_forgets_what_was_changed_before(known: User) -> None:
    EmailAddress.objects.create(user=known, email="long-ago@example.org")
    User.objects.filter(pk=known.pk).update(email="Viewer@Example.org")
    import_module("smsapp.accounts.migrations.0003_forget_former_emails").forget(apps, None)
    assert list(EmailAddress.objects.filter(user=known).values_list("email", flat=True)) == ["viewer@example.org"]
