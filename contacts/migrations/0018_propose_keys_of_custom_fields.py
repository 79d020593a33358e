import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0017_keep_long_searches"),
    ]

    operations = [
        migrations.AlterField(
            model_name="customfield",
            name="key",
            field=models.CharField(
                blank=True,
                help_text="Its name in texts and files: {contact.custom.member_level}. Small letters, digits and _; left empty, it is made from the label. It cannot be changed later.",
                max_length=40,
                unique=True,
                validators=[
                    django.core.validators.RegexValidator(
                        "^[a-z][a-z0-9_]*$", "Use small letters, digits and _, beginning with a letter, for example member_level."
                    )
                ],
                verbose_name="key",
            ),
        ),
    ]
