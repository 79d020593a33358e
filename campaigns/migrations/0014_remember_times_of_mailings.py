"""Events of a mailing remember the time that was chosen with them, so that a changed one is told with the one before."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """One column."""

    dependencies = [("campaigns", "0013_list_those_there_are")]

    operations = [migrations.AddField("mailingevent", "scheduled_for", models.DateTimeField(blank=True, null=True))]
