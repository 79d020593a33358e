"""Which text's failure put a number into quarantine."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0021_tag_many_people_by_a_worker")]

    operations = [
        migrations.AddField("quarantine", "message", models.BigIntegerField(editable=False, null=True)),
    ]
