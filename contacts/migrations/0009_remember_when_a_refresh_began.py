"""When the last refresh of a smart group began: what is old is refreshed again, what failed is not tried without end."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0008_know_tags")]
    operations = [migrations.AddField("group", "tried_at", models.DateTimeField(blank=True, editable=False, null=True))]
