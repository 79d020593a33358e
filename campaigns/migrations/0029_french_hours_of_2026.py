"""France's limit as the operators' charter of 2026 has it, with that as the source, where nobody has changed what came with the console."""

import importlib

from django.db import migrations

SEEDED = importlib.import_module("campaigns.migrations.0027_seed_quiet_hours").FRANCE
NOW = {
    "limit": "08:00–21:30",
    "note": "Advertising by text may be sent between 8:00 and 21:30; Monday to Saturday is recommended, Sundays and public holidays are tolerated: "
            "Charte Business Messaging 2026 of the af2m, the association of the French operators, which binds whoever sends through them (af2m.org). "
            "Until 20:00, and not on Sundays and public holidays, is stricter by choice. The law asks for consent, not for hours: article L. 34-5 of "
            "the Code des postes et des communications électroniques.",
}  # fmt: skip


def correct(apps, schema_editor):
    """Only a row that is as it was sown: what administrators wrote stays."""
    apps.get_model("campaigns", "QuietHours").objects.filter(**SEEDED).update(**NOW)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0028_find_conversations")]
    operations = [migrations.RunPython(correct, migrations.RunPython.noop)]
