"""The table of roles reaches the database, and the administration with it."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.management import call_command
from django.core.management.sql import emit_post_migrate_signal
from django.test import Client

from smsapp.accounts.models import User
from smsapp.common.models import Organisation
from smsapp.roles import ADMINISTRATOR, ALL, ROLES, give_role, sync_roles

pytestmark = pytest.mark.django_db


def held(role: str) -> set[str]:
    return {
        f"{permission.content_type.app_label}.{permission.codename}" for permission in Group.objects.get(name=role).permissions.select_related("content_type")
    }


def test_each_group_has_exactly_what_the_table_says_after_every_migration() -> None:
    Group.objects.all().delete()
    emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
    for role, wanted in ROLES.items():
        if ALL not in wanted:
            assert held(role) == wanted
    assert Group.objects.get(name=ADMINISTRATOR).permissions.count() == Permission.objects.count()


def test_each_role_may_what_the_one_before_may() -> None:
    order = ["Viewer", "Staff", "Author", "Marketer"]
    for lower, higher in pairwise(order):
        assert ROLES[lower] < ROLES[higher]
    assert not any("provider" in name for name in ROLES["Viewer"])
    assert "campaigns.launch_mailing" not in ROLES["Author"]


def test_twice_changes_nothing_and_strays_are_put_right() -> None:
    sync_roles()
    viewer = Group.objects.get(name="Viewer")
    viewer.permissions.add(Permission.objects.get(codename="delete_contact"))
    call_command("sync_roles", verbosity=0)
    assert held("Viewer") == ROLES["Viewer"]
    assert Group.objects.filter(name="Viewer").count() == 1


def test_administrators_and_only_they_enter_the_administration(db: None) -> None:
    user = User.objects.create(username="amina")
    give_role(user, ADMINISTRATOR)
    user.refresh_from_db()
    assert user.is_staff and not user.is_superuser
    give_role(user, "Marketer")
    user.refresh_from_db()
    assert not user.is_staff
    root = User.objects.create(username="root", is_superuser=True, is_staff=True)
    sync_roles()
    root.refresh_from_db()
    assert root.is_staff


def test_a_role_given_in_the_administration_opens_it(client_for: Callable[..., Client]) -> None:
    user = User.objects.create(username="claire", email="claire@example.org")
    client = client_for("administrator")
    data: dict[str, Any] = {
        "username": "claire",
        "email": "claire@example.org",
        "groups": [Group.objects.get(name=ADMINISTRATOR).pk],
        "is_active": "on",
        "theme": "auto",
    }
    assert client.post(f"/admin/accounts/user/{user.pk}/change/", data).status_code == 302
    user.refresh_from_db()
    assert user.is_staff
    client.post(f"/admin/accounts/user/{user.pk}/change/", data | {"groups": []})
    user.refresh_from_db()
    assert not user.is_staff


@pytest.mark.parametrize(
    "path", ["/admin/", "/admin/accounts/user/", "/admin/accounts/user/add/", "/admin/common/organisation/1/change/", "/admin/mfa/authenticator/"]
)
def test_the_administration_is_drawn_for_administrators_only(client_for: Callable[..., Client], client: Client, path: str) -> None:
    assert client_for("administrator").get("/admin/common/organisation/").status_code == 302  # makes the one row
    assert client_for("administrator").get(path).status_code == 200
    assert client_for("marketer").get(path, follow=True).status_code == 403
    assert client.get(path).status_code == 302


def test_the_organisation_is_checked_word_by_word(client_for: Callable[..., Client]) -> None:
    client = client_for("administrator")
    client.get("/admin/common/organisation/")
    path, data = "/admin/common/organisation/1/change/", {"name": "House", "default_region": "tn", "time_zone": "Africa/Tunis", "language": "fr"}
    data |= {"textable_kinds": ["mobile", "other"], "recent_hours": 24}
    assert "No country has these two letters" in client.post(path, data | {"default_region": "XX"}).content.decode()
    assert client.post(path, data | {"time_zone": "Mars/Base"}).status_code == 200
    assert "Tick at least one type." in client.post(path, data | {"textable_kinds": []}).content.decode()
    assert client.post(path, data).status_code == 302
    assert Organisation.current().default_region == "TN"


def test_a_users_mobile_is_kept_as_e164(client_for: Callable[..., Client]) -> None:
    user = User.objects.create(username="claire")
    data = {"username": "claire", "is_active": "on", "theme": "auto", "mobile": "06 39 98 04 17", "time_zone": ""}
    assert client_for("administrator").post(f"/admin/accounts/user/{user.pk}/change/", data).status_code == 302
    user.refresh_from_db()
    assert user.mobile == "+33639980417"
