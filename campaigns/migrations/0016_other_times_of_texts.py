"""Who gave scheduled one-off texts another time, and when they were to leave before."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """One table."""

    dependencies = [("campaigns", "0015_turns_of_mailings"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="MessageTimeChange",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("before", models.DateTimeField()),
                ("after", models.DateTimeField()),
                ("author", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL)),
            ],
            options={"ordering": ["-id"], "indexes": [models.Index(fields=["key"], name="time_change_of_texts")]},
        )
    ]
