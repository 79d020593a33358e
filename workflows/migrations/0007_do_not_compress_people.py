"""Compressing a block of ids takes longer than finding its people, and saves what a month of history soon gives back."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("workflows", "0006_presence")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE workflows_peopleblock ALTER COLUMN ids SET STORAGE EXTERNAL", "ALTER TABLE workflows_peopleblock ALTER COLUMN ids SET STORAGE EXTENDED"
        )
    ]
