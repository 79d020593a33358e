"""A contact's timeline in the order of its dates; a block taken back has an event of its own."""

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # texts are written to histories all the time, and the index of 20 million lines takes minutes

    dependencies = [("contacts", "0014_find_deleted_by_external_id")]

    operations = [
        migrations.AlterField(
            "consententry",
            "event",
            models.CharField(choices=[("opt_in", "Opt-in"), ("opt_out", "Opt-out"), ("lifted", "Block taken back")], max_length=7, verbose_name="event"),
        ),
        AddIndexConcurrently("activity", models.Index(fields=["contact", "-at", "-id"], name="activity_by_date")),
        RemoveIndexConcurrently("activity", "activity_timeline"),
    ]
