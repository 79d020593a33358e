"""Workers for tests: one beside the test, or as many slices as it takes; people who merge contacts meanwhile; outcomes at once."""

import threading
from collections import Counter

from django.db import connections

from campaigns.models import Message
from campaigns.pipeline import deliver, finish
from campaigns.services import figures, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_provider
from contacts.duplicates.choices import Choices
from contacts.models import Contact
from contacts.services import merge
from contacts.tests.factories import make_contact, make_group

SKIPPED, OPEN, SENT = MessageStatus.SKIPPED, MessageStatus.OPEN, MessageStatus.SENT
A, B, C = (fictional(index) for index in range(3))


def in_background(provider_id):
    def work():
        deliver.run_slice(provider_id, urgent_only=False)
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    return thread


def send_all(mailing, slices=10):
    for _slice in range(slices):
        deliver.run_slice(mailing.provider_id, urgent_only=False)
    finish.finish()
    mailing.refresh_from_db()


def unite(winner, *losers):
    people = Contact.objects.filter(id__in=[winner.pk, *[loser.pk for loser in losers]])
    return merge.merge([person.pk for person in people], Choices(winner.pk), seen={person.pk: person.updated_at for person in people})


def told(mailing):
    """{contact: (status, reason)} of the mailing's messages."""
    return {row.contact_id: (MessageStatus(row.status), row.reason) for row in Message.objects.filter(mailing=mailing)}


def rows_equal_figures(mailing):
    mailing.refresh_from_db()
    found, rows = figures.of(mailing), Counter(Message.objects.filter(mailing=mailing).values_list("status", flat=True))
    assert (found.open, found.sent, found.skipped) == (rows[MessageStatus.OPEN], rows[MessageStatus.SENT], rows[MessageStatus.SKIPPED])
    assert found.segments == sum(Message.objects.filter(mailing=mailing).values_list("segments", flat=True))
    return True


def two_people(**provider):
    ana, ben = make_contact(A), make_contact(B)
    return ana, ben, make_group(ana, ben), make_provider(**provider)


def settle(mailing, *statuses, reason=""):
    """Give the texts of a mailing these statuses, in order."""
    ids = list(Message.objects.filter(mailing=mailing).order_by("id").values_list("id", flat=True))
    transitions.move_messages([Outcome(pk, status, reason=reason) for pk, status in zip(ids, statuses, strict=False)])
