"""Which kind of trouble paused a lane."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("providers", "0006_sessions_and_parts")]

    operations = [
        migrations.AddField("provider", "lane_cause", models.CharField(blank=True, db_default="", default="", editable=False, max_length=40)),
    ]
