"""A worker dies while it prepares a mailing, at a row that the test chooses: beginning again completes it, nobody is lost or doubled."""

import signal
from collections import Counter
from contextlib import contextmanager
from datetime import timedelta

import psycopg
import pytest
from django.db import connection
from django.utils import timezone

from campaigns.models import Chunk, Exclusion, Mailing, MailingTally, Message
from campaigns.pipeline.prepare import BATCH
from campaigns.plans import Plan
from campaigns.services import mailings, rounds
from campaigns.statuses import ChunkState, MailingStatus
from campaigns.tests.factories import make_mailing, make_provider
from campaigns.tests.test_worker_killed import workers_environment
from contacts.models import Contact, Group
from providers.models import Provider
from smsapp.testing import processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

PEOPLE = BATCH + 2_000  # two batches
OPTED_OUT = 7  # each so-manieth wants no advertising


def join(group):
    """Everybody who is not there yet."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_membership (group_id, contact_id, added_at) SELECT %s, id, now() FROM contacts_contact ON CONFLICT DO NOTHING", [group.pk]
        )


@pytest.fixture
def crowd():
    group = Group.objects.create(name="Crowd")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (first_name, last_name, organisation, email, language, external_id, do_not_sms, opted_out, deceased,"
            " sms_number, sms_country, reach, created_at, updated_at)"
            " SELECT 'Anna', 'N' || i, '', '', '', '', false, i %% %s = 0, false, '+336' || lpad(i::text, 8, '0'), 'FR', 3, now(), now()"
            " FROM generate_series(1, %s) i",
            [OPTED_OUT, PEOPLE],
        )
        join(group)
        cursor.execute("ANALYZE contacts_contact, contacts_membership")
    return group


@contextmanager
def stuck_at(mailing, row):
    """Whoever writes the text of the so-manieth person waits for us: we hold their place in a transaction of our own."""
    contact = Contact.objects.order_by("id")[row]
    with psycopg.connect(processes.database_url()) as ours:
        ours.execute(
            "INSERT INTO campaigns_message (mailing_id, contact_id, number, text, encoding, segments, position, sender, created_at, kind, status,"
            " subject, attempts, gateway_id, reason, detail) VALUES (%s, %s, '+330', '', 0, 1, 0, '', now(), 0, 0, '', 0, '', '', '')",
            [mailing.pk, contact.pk],
        )
        yield
        ours.rollback()


def waits_for_us():
    """Whether somebody's transaction waits for another one."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid'")
        return cursor.fetchone()[0] > 0


def killed_at(mailing, row, environment):
    """A worker begins with the preparation and is killed at this row; the tick finds what is left and another one goes on."""
    with stuck_at(mailing, row):
        with processes.celery_worker("bulk", "-c", "1", **environment) as worker:
            rounds.look_around()
            processes.wait_until(waits_for_us, "the row", process=worker)
            worker.stop(signal.SIGKILL)
    processes.wait_until(lambda: not waits_for_us(), "the end of the dead worker's session")
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.PREPARING
    reached = mailing.targeted
    with processes.celery_worker("bulk", "-c", "1", **environment) as worker:

        def over():
            rounds.look_around()
            return Mailing.objects.get(pk=mailing.pk).status != MailingStatus.PREPARING

        processes.wait_until(over, "the preparation", process=worker)
    mailing.refresh_from_db()
    return reached


def everybody_is_there_once(mailing):
    texts = Counter(Message.objects.filter(mailing=mailing).values_list("contact_id", flat=True))
    left_out = Counter(Exclusion.objects.filter(mailing=mailing).values_list("contact_id", flat=True))
    assert max(texts.values()) == max(left_out.values()) == 1, "somebody is there twice"
    assert len(left_out) == PEOPLE // OPTED_OUT and texts.keys() | left_out.keys() == set(Contact.objects.values_list("id", flat=True))
    assert not texts.keys() & left_out.keys()
    plan = Plan.read(mailing.plan)
    assert (plan.recipients, plan.left_out, mailing.targeted) == (len(texts), len(left_out), PEOPLE)
    tallied = Counter()
    for status, messages in MailingTally.objects.filter(mailing=mailing).values_list("status", "messages"):
        tallied[status] += messages
    assert tallied == {0: len(texts)}
    places = Message.objects.filter(mailing=mailing).values_list("chunk_id", "position")
    assert len(set(places)) == len(texts) and {chunk for chunk, _position in places} <= set(mailing.chunks.values_list("id", flat=True))


@pytest.mark.parametrize(("row", "reached"), [(500, 0), (BATCH + 500, BATCH)])
def test_a_preparation_that_was_killed_is_completed(crowd, tmp_path, row, reached):
    mailing = mailings.prepare(make_mailing(crowd, provider=make_provider()), None)
    assert killed_at(mailing, row, workers_environment("http://127.0.0.1:9")) == reached
    assert mailing.status == MailingStatus.READY
    everybody_is_there_once(mailing)
    assert set(mailing.chunks.values_list("state", flat=True)) == {ChunkState.HELD}


def test_a_recount_that_was_killed_is_completed_and_goes_out_once(crowd):
    from campaigns.pipeline.prepare import prepare

    late = Contact.objects.order_by("id").values("id")[PEOPLE - 700 :]
    crowd.memberships.filter(contact__in=late).delete()
    mailing = mailings.prepare(make_mailing(crowd, provider=make_provider()), None)
    prepare(mailing.pk)
    confirmed = Message.objects.filter(mailing=mailing).count()
    join(crowd)
    mailings.confirm(mailing, None, at=timezone.now() + timedelta(hours=1), recount=True)
    Provider.objects.update(lane=Provider.Lane.PAUSED)  # what goes out waits in the queue
    Mailing.objects.filter(pk=mailing.pk).update(scheduled_at=timezone.now())
    assert killed_at(mailing, PEOPLE - 300, workers_environment("http://127.0.0.1:9")) == BATCH
    assert mailing.status == MailingStatus.SENDING
    everybody_is_there_once(mailing)
    assert Plan.read(mailing.planned).confirmed == confirmed < PEOPLE - PEOPLE // OPTED_OUT
    assert set(Chunk.objects.filter(mailing=mailing).values_list("state", flat=True)) == {ChunkState.READY}
    assert list(mailing.events.order_by("id").values_list("status", flat=True)) == ["preparing", "ready", "scheduled", "preparing", "ready", "sending"]
