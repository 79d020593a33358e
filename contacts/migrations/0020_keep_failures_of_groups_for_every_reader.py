from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0019_keep_words_of_exports_by_language"),
    ]

    operations = [
        migrations.AddField(
            model_name="group",
            name="problem_in",
            field=models.JSONField(db_default=[], default=list, editable=False),
        ),
        migrations.AddField(
            model_name="groupchange",
            name="problem_in",
            field=models.JSONField(db_default=[], default=list),
        ),
    ]
