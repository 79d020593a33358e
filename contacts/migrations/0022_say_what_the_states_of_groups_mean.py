from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0021_tag_many_people_by_a_worker"),
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
