"""The table of Django's database cache."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("common", "0001_initial")]

    operations = [
        migrations.RunSQL(
            sql=[
                'CREATE UNLOGGED TABLE IF NOT EXISTS "cache" ("cache_key" varchar(255) NOT NULL PRIMARY KEY, "value" text NOT NULL, "expires" timestamptz NOT NULL)',
                'CREATE INDEX IF NOT EXISTS "cache_expires" ON "cache" ("expires")',
            ],
            reverse_sql='DROP TABLE IF EXISTS "cache"',
        ),
    ]
