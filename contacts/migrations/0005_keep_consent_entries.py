"""When an entry was recorded, and a guard: entries of the consent ledger are only ever added."""

from django.db import migrations, models
from django.db.models.functions import Now

GUARD = """
    CREATE FUNCTION contacts_keep_consent() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'entries of the consent ledger are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation'; END $$;
    CREATE TRIGGER consent_is_kept BEFORE UPDATE OR DELETE ON contacts_consententry FOR EACH ROW EXECUTE FUNCTION contacts_keep_consent();
"""
UNGUARD = """
    DROP TRIGGER consent_is_kept ON contacts_consententry;
    DROP FUNCTION contacts_keep_consent();
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_tell_lines_of_numbers")]
    operations = [
        migrations.AddField("consententry", "recorded_at", models.DateTimeField("recorded", db_default=Now(), editable=False)),
        migrations.RunSQL(GUARD, UNGUARD),
    ]
