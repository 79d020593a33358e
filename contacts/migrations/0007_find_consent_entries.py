"""Indexes of the ledger's list: entries of one source, of some days."""

import django.contrib.postgres.indexes
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0006_rank_duplicates")]
    operations = [
        migrations.AddIndex("consententry", models.Index(fields=["source", "-id"], name="consent_by_source")),
        migrations.AddIndex(
            "consententry",
            django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=["recorded_at"], name="consent_recorded"),
        ),
    ]
