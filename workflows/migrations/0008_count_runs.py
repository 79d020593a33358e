"""How many runs a scheduler may still begin, and how many were left out while one went on."""

from django.db import migrations, models
from django.db.models import F


def count(apps, schema_editor):
    """Of workflows that go on: what their rules say, less the runs that have begun since the start."""
    Schedule, Run = apps.get_model("workflows", "Schedule"), apps.get_model("workflows", "Run")
    for schedule in Schedule.objects.filter(workflow__started__isnull=False).select_related("workflow__started"):
        steps = {step["id"]: step for step in schedule.workflow.started.graph["steps"]}
        most = (steps.get(schedule.step, {}).get("options", {}).get("rule", {}).get("ends") or {}).get("after")
        if most:
            begun = Run.objects.filter(workflow=schedule.workflow, begin=schedule.step, due_at__gte=F("workflow__started_at")).count()
            schedule.left = max(most - begun, 1 if schedule.next_at else 0)  # one that is told to begin is let
            schedule.save(update_fields=["left"])


class Migration(migrations.Migration):
    dependencies = [("workflows", "0007_do_not_compress_people")]

    operations = [
        migrations.AddField("run", "kept_back", models.PositiveIntegerField(db_default=0, default=0)),
        migrations.AddField("schedule", "left", models.PositiveIntegerField(null=True)),
        migrations.RunPython(count, migrations.RunPython.noop, elidable=True),
    ]
