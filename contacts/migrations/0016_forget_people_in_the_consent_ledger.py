"""One lawful change of the consent ledger: who somebody was goes, what they decided stays (contacts.services.consent_erasure)."""

from django.db import migrations

DOOR = """
    CREATE OR REPLACE FUNCTION contacts_keep_consent() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN
        IF TG_OP = 'UPDATE' AND current_setting('contacts.pseudonymising', true) = 'on'
           AND (OLD.id, OLD.contact_id, OLD.event, OLD.scope, OLD.source, OLD.own_act, OLD.at, OLD.recorded_at, OLD.author_id, OLD.message)
               IS NOT DISTINCT FROM
               (NEW.id, NEW.contact_id, NEW.event, NEW.scope, NEW.source, NEW.own_act, NEW.at, NEW.recorded_at, NEW.author_id, NEW.message)
           AND NEW.wording = '' AND NEW.details = '' AND NEW.number ~ '^(#[0-9a-f]{15})?$'
        THEN RETURN NEW; END IF;
        RAISE EXCEPTION 'entries of the consent ledger are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation';
    END $$;
"""
NO_DOOR = """
    CREATE OR REPLACE FUNCTION contacts_keep_consent() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'entries of the consent ledger are never changed or deleted' USING ERRCODE = 'integrity_constraint_violation'; END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("contacts", "0015_order_histories_by_date")]
    operations = [migrations.RunSQL(DOOR, NO_DOOR)]
