"""Why a lane stands, and its last trouble, kept so that everybody reads them in their own language."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0007_why_a_lane_is_paused")]

    operations = [
        migrations.AddField("provider", "lane_reason_in", models.JSONField(db_default=[], default=list, editable=False)),
        migrations.AddField("provider", "last_error_in", models.JSONField(db_default=[], default=list, editable=False)),
    ]
