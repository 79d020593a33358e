"""Tests send at any hour: the quiet hours that come with an installation are not in use, unless a test writes its own."""

from typing import Any


def install() -> None:
    """From now on, for every database that is migrated."""
    from django.db.models.signals import post_migrate

    post_migrate.connect(switch_off, dispatch_uid="any hour")


def switch_off(**_kwargs: Any) -> None:
    """After the last migration; safe to repeat."""
    from campaigns.models import OpenHours, QuietHours

    QuietHours.objects.update(active=False)
    OpenHours.objects.all().delete()
