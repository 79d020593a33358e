"""Steps that add columns, texts that name them, and people with a history to count."""

from datetime import UTC, datetime, timedelta

from campaigns.columns import Column
from contacts.models import Activity

FILLED = {"rules": {"all": [{"q": "first_name", "test": "filled"}]}}
TEXTS = Column("texts", "Texts lately", "texts", 30)


def finds(*kept, kind="query", **options):
    """A step that finds everybody with these columns."""
    return kind, {**FILLED, "columns": [column.as_json() for column in kept], **options}


def say(content, text, **changes):
    """A step that sends this text."""
    for name, value in {"text": text, "max_segments": 3, **changes}.items():
        setattr(content, name, value)
    content.save()
    return "sms", {"content": content.pk, "how": "single", "afterwards": "none", "confirm": True}


def texted(contact, *days_ago, kind=Activity.Kind.SMS_SENT):
    """Texts so many days ago."""
    for days in days_ago:
        Activity.objects.create(contact=contact, kind=kind, at=datetime.now(UTC) - timedelta(days=days))
