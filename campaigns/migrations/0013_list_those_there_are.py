"""Unknown texts of earlier versions join the list; those that were sent again wait for nobody."""

from django.db import migrations

FILL = """
    INSERT INTO campaigns_unknowntext (message_id, mailing_id, provider_id, reason, since, look_at, looks)
    SELECT id, mailing_id, provider_id, reason, coalesce(sent_at, created_at), NULL, 0
      FROM campaigns_message m
     WHERE status = 30 AND NOT EXISTS (SELECT 1 FROM campaigns_message a WHERE a.idempotency_key = 'again:' || m.id)
    ON CONFLICT DO NOTHING"""


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0012_list_unknown_texts'),
    ]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop)]
