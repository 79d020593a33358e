"""Messages become lines in their contacts' histories: those that reached a gateway, and one-off texts in any case."""

# Of a mailing nobody's history says that a text was skipped: the mailing says it. A one-off at once has its line from the beginning, one for a
# date and time when that has come.
# Written in the transaction of the outcome, and unique per message: however often it runs, one line stays.
_LINES = """
    INSERT INTO contacts_activity (contact_id, kind, subject, details, at, author_id, source)
    SELECT m.contact_id, 'sms_sent', coalesce(nullif(m.subject, ''), g.name, ''), '', coalesce(m.sent_at, clock_timestamp()),
           coalesce(m.author_id, g.author_id), m.id
      FROM {messages} m LEFT JOIN campaigns_mailing g ON g.id = m.mailing_id
     WHERE {which} AND m.contact_id IS NOT NULL AND m.kind <> 2 AND (m.status <> 40 OR m.mailing_id IS NULL)
    ON CONFLICT (source, kind) WHERE source IS NOT NULL DO NOTHING"""
RECORD = _LINES.format(messages="campaigns_message", which="m.id = ANY(%s::bigint[])")
RECORD_MOVED = f""",
    recorded AS ({_LINES.format(messages="moved", which="true")})"""  # as a part of the statement that moves them
