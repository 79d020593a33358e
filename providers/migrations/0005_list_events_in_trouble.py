"""An index for the list of webhooks that could not be applied."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0004_rate_of_a_sender")]

    operations = [
        migrations.AddIndex(
            "webhookevent",
            models.Index(fields=["-id"], condition=models.Q(("state__in", ["unmatched", "broken"])), name="webhook_trouble"),
        ),
    ]
