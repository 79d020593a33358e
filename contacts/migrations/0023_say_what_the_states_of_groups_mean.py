from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0022_failure_behind_a_quarantine"),
    ]

    operations = [
        migrations.AlterField(
            model_name="group",
            name="state",
            field=models.CharField(
                choices=[
                    ("fresh", "Refreshed"), ("waiting", "Due for a refresh"), ("refreshing", "Being brought up to date"), ("failed", "Refresh failed"),
                ],
                default="fresh", editable=False, max_length=10, verbose_name="state",
            ),
        ),
    ]
