from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0018_propose_keys_of_custom_fields"),
    ]

    operations = [
        migrations.AddField(
            model_name="exportjob",
            name="described_in",
            field=models.JSONField(db_default={}, default=dict),
        ),
        migrations.AddField(
            model_name="exportjob",
            name="problem_in",
            field=models.JSONField(db_default={}, default=dict),
        ),
    ]
