"""Leave room in each page of messages, so that writing an outcome rewrites no index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE campaigns_message SET (fillfactor = 60, autovacuum_vacuum_scale_factor = 0.05)",
            "ALTER TABLE campaigns_message RESET (fillfactor, autovacuum_vacuum_scale_factor)",
        )
    ]
