from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("campaigns", "0019_tally_how_lanes_do"),
    ]

    operations = [
        migrations.AddField(model_name="mailing", name="problem_in", field=models.JSONField(db_default=[], default=list, editable=False)),
        migrations.AddField(model_name="mailingevent", name="note_in", field=models.JSONField(db_default=[], default=list)),
    ]
