"""Encrypt the providers' secrets anew with the first key of FIELD_KEYS."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from providers.models import Provider
from smsapp.common.secrets import SecretUnreadable, renew


class Command(BaseCommand):
    """manage.py rotate_secrets: put the new key in front in FIELD_KEYS, run this, then remove the old key."""

    help = "Encrypt the providers' secrets anew with the first key of FIELD_KEYS; the old keys can be removed afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        """All or nothing: one unreadable secret leaves every row as it is."""
        table, column = Provider._meta.db_table, "secrets"
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SELECT id, name, {column} FROM {table} ORDER BY id FOR UPDATE")  # noqa: S608 (names of our own)
            rows = cursor.fetchall()
            for key, name, stored in rows:
                try:
                    cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [renew(stored), key])  # noqa: S608
                except SecretUnreadable as problem:
                    raise CommandError(f"{name}: {problem} Nothing was changed.") from None
        self.stdout.write(f"{len(rows)} providers are encrypted with the first key.")
