"""Exports of other rows than contacts: each says what it is made of."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """A column with a default in the database: exports that exist are of contacts."""

    dependencies = [("contacts", "0027_sort_people_by_what_lists_call_them")]

    operations = [
        migrations.AddField(model_name="exportjob", name="source", field=models.CharField(blank=True, db_default="", default="", max_length=20)),
    ]
