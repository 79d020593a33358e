"""Quiet hours of France and the United States, with their sources; administrators change them or switch them off."""

from django.db import migrations

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
FRANCE = {
    "country": "FR", **dict.fromkeys(WEEKDAYS, "08:00–20:00"), "sunday": "", "holiday": "", "limit": "08:00–22:00",
    "note": "Advertising by text: Monday to Saturday 08:00–20:00, never after 22:00, never on Sundays and public holidays. Rules that French "
            "operators and the mobile multimedia association AF2M (af2m.org) set for advertisers, on the ground of article L. 34-5 of the Code des "
            "postes et des communications électroniques.",
}  # fmt: skip
UNITED_STATES = {
    "country": "US", **dict.fromkeys((*WEEKDAYS, "sunday", "holiday", "limit"), "08:00–21:00"),
    "note": "No telephone solicitation before 8 a.m. or after 9 p.m., local time at the called party's location: 47 CFR 64.1200(c)(1), which courts "
            "and the FCC apply to texts. Some states (Florida, Oklahoma, Washington: until 20:00) ask for more; a number does not tell the state "
            "of its owner for certain.",
}  # fmt: skip


def seed(apps, schema_editor):
    """What an administrator has written already stays."""
    rows = apps.get_model("campaigns", "QuietHours").objects
    for values in (FRANCE, UNITED_STATES):
        rows.get_or_create(country=values["country"], defaults=values)


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0026_quiet_hours")]
    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
