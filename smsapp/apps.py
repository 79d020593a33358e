"""The roof's app: its commands and system checks."""

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate


class SmsappConfig(AppConfig):
    """Roof: what needs all apps."""

    name = "smsapp"
    label = "smsapp"

    def ready(self) -> None:
        """Register checks and the roof's card, and keep the roles as their table says after every migration."""
        from campaigns.slots import watch
        from smsapp import checks  # noqa: F401
        from smsapp.common.slots import home_cards
        from smsapp.watch import card

        home_cards.register("stuck", card.stuck, order=1)
        watch.register("doctor", card.WATCH)
        last = [app for app in apps.get_app_configs() if app.models_module][-1]  # of an app without models, as this one is, nothing is heard
        post_migrate.connect(sync_roles_after_migrating, sender=last)


def sync_roles_after_migrating(using: str, **kwargs: Any) -> None:
    """A new permission reaches its roles with the migration that brings it; skipped while tables are still missing."""
    from smsapp.roles import sync_roles

    needed = {"auth_group", "auth_permission", "accounts_user", "contacts_contact", "campaigns_mailing"}
    if using == "default" and needed <= set(connections[using].introspection.table_names()):
        sync_roles()
