"""Texts that were received before: a conversation for each number, read already."""

from django.db import migrations

THREADS = """
    INSERT INTO campaigns_conversation (number, contact_id, last_at, last_text, last_is_ours, unread, state, needs_review)
    SELECT DISTINCT ON (number) number, contact_id, received_at, left(regexp_replace(text, '\\s+', ' ', 'g'), 160), false, 0, 'open', false
      FROM campaigns_inboundmessage ORDER BY number, id DESC
    ON CONFLICT (number) DO NOTHING"""
LINES = """
    UPDATE campaigns_inboundmessage AS t SET conversation_id = c.id
      FROM campaigns_conversation AS c WHERE c.number = t.number AND t.conversation_id IS NULL"""


class Migration(migrations.Migration):
    dependencies = [("campaigns", "0023_hear_people")]

    operations = [migrations.RunSQL([THREADS, LINES], migrations.RunSQL.noop)]
