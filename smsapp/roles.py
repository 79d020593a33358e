"""Who may do what: one table from role to permissions. Django groups carry the roles; administrators give them to users."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import transaction
from django.utils.translation import gettext_lazy as _

ADMINISTRATOR = "Administrator"
ALL = "*"

VIEWER = frozenset(
    {
        "contacts.view_contact",
        "contacts.view_group",
        "contacts.view_activity",
        "campaigns.view_message",
        "campaigns.view_mailing",
        "campaigns.view_smstemplate",
        "campaigns.view_campaign",
        "campaigns.view_conversation",
        "workflows.view_workflow",
    }
)
STAFF = VIEWER | {
    "contacts.add_contact",
    "contacts.change_contact",
    "contacts.delete_contact",
    "campaigns.add_message",
    "campaigns.change_conversation",
    "providers.view_provider",
}
AUTHOR = STAFF | {
    "contacts.add_group",
    "contacts.change_group",
    "contacts.delete_group",
    "contacts.import_contacts",
    "contacts.export_contacts",
    "campaigns.add_smstemplate",
    "campaigns.change_smstemplate",
    "campaigns.delete_smstemplate",
    "campaigns.add_mailing",
    "campaigns.change_mailing",
    "campaigns.delete_mailing",
    "campaigns.add_campaign",
    "campaigns.change_campaign",
    "campaigns.delete_campaign",
    "workflows.add_workflow",
    "workflows.change_workflow",
    "workflows.run_workflow",
}
MARKETER = AUTHOR | {
    "campaigns.launch_mailing",
    "campaigns.settle_unknown",
    "campaigns.long_texts",
    "contacts.merge_contacts",
    "contacts.view_consententry",
    "contacts.view_suppression",
    "contacts.add_suppression",
}

ROLES: dict[str, frozenset[str]] = {
    "Viewer": VIEWER,
    "Staff": STAFF,
    "Author": AUTHOR,
    "Marketer": MARKETER,
    ADMINISTRATOR: frozenset({ALL}),
}
LABELS = {"Viewer": _("Viewer"), "Staff": _("Staff"), "Author": _("Author"), "Marketer": _("Marketer"), ADMINISTRATOR: _("Administrator")}
OUR_APPS = ("accounts", "common", "contacts", "providers", "campaigns", "workflows")
THEIR_APPS = ("auth", "auditlog", "mfa")  # of libraries whose pages administrators open


@transaction.atomic
def sync_roles() -> None:
    """Make the groups and give each exactly the permissions of the table; safe to repeat."""
    for label in (*OUR_APPS, *THEIR_APPS):
        create_permissions(apps.get_app_config(label), verbosity=0)
    known = {f"{app}.{codename}": pk for pk, app, codename in Permission.objects.values_list("pk", "content_type__app_label", "codename")}
    for role, wanted in ROLES.items():
        group, _created = Group.objects.get_or_create(name=role)
        names = known.keys() if ALL in wanted else wanted
        group.permissions.set([known[name] for name in names])
    open_admin_to_administrators()


def open_admin_to_administrators(users: Iterable[Any] | None = None) -> None:
    """Administrators may enter the Django admin, others not; superusers keep what they have."""
    people = get_user_model().objects.filter(is_superuser=False)
    if users is not None:
        people = people.filter(pk__in=[user.pk for user in users])
    people.filter(groups__name=ADMINISTRATOR, is_staff=False).update(is_staff=True)
    people.exclude(groups__name=ADMINISTRATOR).filter(is_staff=True).update(is_staff=False)


def give_role(user: Any, role: str) -> None:
    """Make `role` the user's only role."""
    user.groups.set([Group.objects.get(name=role)])
    open_admin_to_administrators([user])
