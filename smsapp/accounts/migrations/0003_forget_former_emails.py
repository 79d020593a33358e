"""Addresses that users had before no longer reset their passwords."""

from django.db import migrations
from django.db.models import F
from django.db.models.functions import Lower


def forget(apps, schema_editor):
    """What was changed before changes were followed."""
    apps.get_model("account", "EmailAddress").objects.exclude(email=Lower(F("user__email"))).delete()


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0002_one_email_per_user"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [migrations.RunPython(forget, migrations.RunPython.noop, elidable=True)]
