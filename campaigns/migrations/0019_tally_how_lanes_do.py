"""How each provider's texts went, in slots of five minutes."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0018_purge_recipients_of_mailings"), ("providers", "0001_initial")]

    operations = [
        migrations.CreateModel(
            name="LaneTally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("slot", models.DateTimeField()),
                ("what", models.PositiveSmallIntegerField()),
                ("texts", models.IntegerField()),
                ("folded", models.BooleanField(db_default=False, default=False)),
                (
                    "provider",
                    models.ForeignKey(
                        blank=True, db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+", to="providers.provider",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["slot"], include=("provider", "what", "texts"), name="lane_tally_slot"),
                    models.Index(condition=models.Q(("folded", False)), fields=["slot"], name="lane_tally_open"),
                ],
            },
        ),
    ]
