"""Encrypt stored secrets anew with the first key of FIELD_KEYS."""

from typing import Any

from allauth.mfa.models import Authenticator
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from providers.models import Provider
from smsapp.common.secrets import SecretUnreadable, renew

SEALED = ("secret", "seed")  # of an authenticator app, of recovery codes


class Command(BaseCommand):
    """manage.py rotate_secrets: put the new key in front in FIELD_KEYS, run this, then remove the old key."""

    help = "Encrypt gateway secrets and second steps anew with the first key of FIELD_KEYS; older keys can be removed afterwards."

    def handle(self, *args: Any, **options: Any) -> None:
        """All or nothing: one unreadable secret leaves every row as it is."""
        with transaction.atomic():
            count = _providers() + _second_steps()
        self.stdout.write(f"{count} secrets are encrypted with the first key.")


def _providers() -> int:
    table = Provider._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, name, secrets FROM {table} ORDER BY id FOR UPDATE")  # noqa: S608 (a name of our own)
        rows = cursor.fetchall()
        for key, name, stored in rows:
            cursor.execute(f"UPDATE {table} SET secrets = %s WHERE id = %s", [_renewed(stored, name), key])  # noqa: S608
    return len(rows)


def _second_steps() -> int:
    rows = list(Authenticator.objects.select_for_update(of=("self",)).select_related("user").order_by("id"))
    for row in rows:
        row.data |= {name: _renewed(row.data[name], row.user.get_username()) for name in SEALED if row.data.get(name)}
        row.save(update_fields=["data"])
    return len(rows)


def _renewed(stored: str, whose: str) -> str:
    try:
        return renew(stored)
    except SecretUnreadable as problem:
        raise CommandError(f"{whose}: {problem} Nothing was changed.") from None
