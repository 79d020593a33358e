"""Leases on sessions with gateways, ids of what was sent, and parts of what came in."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("providers", "0005_list_events_in_trouble")]

    operations = [
        migrations.CreateModel(
            name="Bind",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("provider_id", models.BigIntegerField()),
                ("number", models.PositiveSmallIntegerField()),
                ("owner", models.UUIDField(null=True)),
                ("lease_until", models.DateTimeField(null=True)),
                ("holder", models.CharField(blank=True, max_length=80)),
                ("bound_since", models.DateTimeField(null=True)),
                ("problem", models.CharField(blank=True, max_length=300)),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("provider_id", "number"), name="bind_once")]},
        ),
        migrations.CreateModel(
            name="SentPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("gateway_id", models.CharField(max_length=80)),
                ("reference", models.CharField(max_length=40)),
                ("parts", models.PositiveSmallIntegerField(default=1)),
                ("status", models.CharField(blank=True, max_length=12)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("provider", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="sent_parts", to="providers.provider")),
            ],
            options={
                "indexes": [models.Index(condition=models.Q(("parts__gt", 1)), fields=["reference"], name="sent_part_of_text")],
                "constraints": [models.UniqueConstraint(fields=("provider", "gateway_id"), name="sent_part_once")],
            },
        ),
        migrations.CreateModel(
            name="InboundPart",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(max_length=80)),
                ("number", models.PositiveSmallIntegerField()),
                ("total", models.PositiveSmallIntegerField()),
                ("query", models.CharField(max_length=500)),
                ("body", models.BinaryField()),
                ("content_type", models.CharField(max_length=120)),
                ("received_at", models.DateTimeField(auto_now_add=True)),
                ("provider", models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="inbound_parts", to="providers.provider")),
            ],
            options={"constraints": [models.UniqueConstraint(fields=("provider", "key", "number"), name="inbound_part_once")]},
        ),
    ]
