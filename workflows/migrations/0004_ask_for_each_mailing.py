"""Whether a mailing waits for a person is kept with each, so that it can be said otherwise for one."""

from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Mailings that exist wait, as is the rule."""

    dependencies = [("workflows", "0003_drop_what_nobody_reads"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.AddField(model_name="send", name="confirm", field=models.BooleanField(db_default=True, default=True)),
        migrations.AddField(
            model_name="send",
            name="confirm_set_by",
            field=models.ForeignKey(null=True, on_delete=models.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL),
        ),
    ]
