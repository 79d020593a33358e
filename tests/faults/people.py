"""Crowds and mailings of a world."""

from django.db import connection

from campaigns.models import Mailing
from campaigns.pipeline import deliver
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings
from campaigns.tests.factories import make_mailing, make_provider
from contacts.models import Group

RATE = 400
TEXT = "Hello {contact.first_name} {contact.last_name}"


def crowd(amount: int, *, first: int = 0, name: str = "Crowd") -> Group:
    """A group of so many people with the French numbers that belong to nobody, from the first so-manieth on."""
    assert first + amount <= 10_000, "there are no more such numbers"
    group = Group.objects.create(name=name)
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH made AS (INSERT INTO contacts_contact (first_name, last_name, organisation, email, language, external_id, do_not_sms, opted_out, deceased,"
            " sms_number, sms_country, reach, created_at, updated_at)"
            " SELECT 'Anna', 'N' || i, '', '', '', '', false, false, false, '+3363998' || lpad(i::text, 4, '0'), 'FR', 3, now(), now()"
            " FROM generate_series(%s, %s) i RETURNING id)"
            " INSERT INTO contacts_membership (group_id, contact_id, added_at) SELECT %s, id, now() FROM made",
            [first, first + amount - 1, group.pk],
        )
    return group


def prepared(amount: int, *, rate: int = RATE, **changes) -> Mailing:
    """A mailing to so many people that only waits for its confirmation."""
    changes.setdefault("provider", make_provider(rate=rate))
    group = changes.pop("group", None) or crowd(amount)
    mailing = mailings.prepare(make_mailing(group, text=changes.pop("text", TEXT), **changes), None)
    prepare(mailing.pk)
    mailing.refresh_from_db()
    return mailing


def confirmed(amount: int, **changes) -> Mailing:
    """A mailing to so many people that is to leave now."""
    return mailings.confirm(prepared(amount, **changes), None)


def window(rate: int = RATE) -> int:
    """The most that one crashed process may leave unknown."""
    return deliver.window(rate)
