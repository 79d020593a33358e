"""Make the roles and their permissions as the table in smsapp/roles.py says."""

from typing import Any

from django.core.management.base import BaseCommand

from smsapp.roles import ROLES, sync_roles


class Command(BaseCommand):
    """Safe to repeat; runs after every migration too."""

    help = "Give each role exactly the permissions of smsapp/roles.py."

    def handle(self, *args: Any, **options: Any) -> None:
        sync_roles()
        self.stdout.write(f"Roles: {', '.join(ROLES)}")
