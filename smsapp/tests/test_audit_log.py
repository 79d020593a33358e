"""Administrators read the audit log in the administration; nobody else does, and nobody changes it."""

import re
from collections.abc import Callable

import pytest
from auditlog.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.test import Client

from contacts.models import Group as ContactGroup
from smsapp.accounts.models import User
from smsapp.common import audit
from smsapp.roles import sync_roles

pytestmark = pytest.mark.django_db
LIST = "/admin/auditlog/logentry/"


@pytest.fixture
def entry() -> LogEntry:
    audit.note(ContactGroup.objects.create(name="Choir"), "import started", rows=3, reason="<script>alert(1)</script>")
    return LogEntry.objects.first()


def test_administrators_read_it(client_for: Callable[..., Client], entry: LogEntry) -> None:
    client = client_for("administrator")
    pages = [client.get(url) for url in (LIST, f"{LIST}?q=Choir", f"{LIST}?action__exact=1", f"{LIST}{entry.pk}/change/")]
    assert [page.status_code for page in pages] == [200] * 4
    assert all("Choir" in page.content.decode() for page in pages)
    assert "import started" in pages[-1].content.decode().lower()


def test_the_administration_speaks_french_about_libraries_too(user_for: Callable[..., User], client_for: Callable[..., Client], entry: LogEntry) -> None:
    User.objects.filter(pk=user_for("administrator").pk).update(language="fr")
    client = client_for("administrator")
    index, listed, steps = (client.get(url).content.decode() for url in ("/admin/", LIST, "/admin/mfa/authenticator/"))
    assert "Journal d’audit" in index and "Entrées du journal" in index and "Double authentification" in index and "Deuxièmes étapes de connexion" in index
    assert not any(word in index for word in ("Audit log", "Log entries", "MFA", "uthenticator<"))
    assert "Ressource" in listed and "Resource" not in listed and "deuxième étape" in steps.lower()


def test_its_pages_need_nothing_that_the_policy_forbids(client_for: Callable[..., Client], entry: LogEntry) -> None:
    client = client_for("administrator")
    for url in (LIST, f"{LIST}{entry.pk}/change/"):
        page = client.get(url)
        assert "default-src 'self'" in page.headers["Content-Security-Policy"]
        assert not re.search(r"<script(?![^>]*(src=|type=\"application/json\"))|\sstyle=|\son[a-z]+=|<style", page.content.decode())


@pytest.mark.parametrize("role", ["viewer", "staff", "author", "marketer"])
def test_others_do_not(client_for: Callable[..., Client], entry: LogEntry, role: str) -> None:
    for url in (LIST, f"{LIST}{entry.pk}/change/"):
        page = client_for(role).get(url)
        assert page.status_code in {302, 403} and b"Choir" not in page.content
        assert Client().get(url).status_code == 302


def test_nobody_changes_it(client_for: Callable[..., Client], entry: LogEntry) -> None:
    client = client_for("administrator")
    assert client.post(f"{LIST}{entry.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{LIST}add/").status_code == 403
    client.post(LIST, {"action": "delete_selected", "_selected_action": entry.pk, "post": "yes"})
    assert LogEntry.objects.filter(pk=entry.pk).exists()


def test_the_right_comes_with_the_role_on_a_new_console() -> None:
    Permission.objects.filter(content_type__app_label="auditlog").delete()
    sync_roles()
    assert Group.objects.get(name="Administrator").permissions.filter(codename="view_logentry", content_type__app_label="auditlog").exists()
    assert not Group.objects.exclude(name="Administrator").filter(permissions__content_type__app_label="auditlog").exists()
