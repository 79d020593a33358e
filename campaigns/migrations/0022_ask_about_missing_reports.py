"""How far gateways were asked about texts without a report."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0021_route_texts_by_rules")]

    operations = [
        migrations.CreateModel(
            name="ReportWalk",
            fields=[
                ("minutes", models.PositiveIntegerField(primary_key=True, serialize=False)),
                ("up_to", models.BigIntegerField()),
            ],
        ),
    ]
