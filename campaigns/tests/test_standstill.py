"""A mailing whose workers stand still says so on its own page, with since when and what to do, in place of a pace."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Chunk, Mailing, MailingEvent, Message
from campaigns.services import standstill
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import make_mailing, make_people, make_ready, make_sending
from campaigns.tests.working import settle
from providers.models import Provider
from smsapp.common import meter
from smsapp.watch import doctor, signs

pytestmark = pytest.mark.django_db
NOW = timezone.now
LONG = timedelta(minutes=10)


@pytest.fixture(autouse=True)
def nobody_works():
    """No worker has ever been heard of."""
    with meter.connect() as client:
        client.delete(meter.key(signs.KEY))
    doctor.recent.forget()
    yield
    doctor.recent.forget()


def stands(mailing):
    """Ten minutes ago it was started, and nothing has happened since."""
    old = NOW() - LONG
    Mailing.objects.filter(pk=mailing.pk).update(started_at=old)
    MailingEvent.objects.filter(mailing=mailing).update(at=old)
    Chunk.objects.filter(mailing=mailing).update(due_at=old)
    Provider.objects.filter(pk=mailing.provider_id).update(updated_at=old)
    mailing.refresh_from_db()
    return mailing


def page(client, mailing, part=""):
    return client.get(f"/sms/mailings/{mailing.pk}/{part}").content.decode()


def since(mailing):
    mailing.refresh_from_db()
    return standstill.since(mailing, NOW())


def test_a_mailing_that_nobody_sends_shows_no_pace_and_no_end_but_that_nothing_moves(client_for):
    mailing = stands(make_sending(make_people(3)))
    for words in (page(client_for("viewer"), mailing), page(client_for("viewer"), mailing, "progress/?was=sending")):
        assert "Nothing moves" in words and "No text has left since" in words and "although texts are due" in words
        assert "a second" not in words and "done at about" not in words
        assert 'data-tenth="0 still"' in words, "people who listen hear it once"


def test_administrators_read_what_does_not_run_and_the_others_whom_to_tell(client_for):
    mailing = stands(make_sending(make_people(1)))
    words = page(client_for("administrator"), mailing)
    assert "No worker listens to the queue “bulk”" in words and "celery -A smsapp worker -Q bulk" in words
    assert '<a href="/">What needs a look</a>' in words and "Tell an administrator" not in words
    for role in ("viewer", "staff", "author", "marketer"):
        words = page(client_for(role), mailing)
        assert "Tell an administrator" in words and "celery" not in words


def claim(mailing, **changes):
    Chunk.objects.create(provider=mailing.provider, priority=1, state=ChunkState.CLAIMED, due_at=NOW(), size=1, lease_until=NOW() + LONG, **changes)


def retry(mailing):
    Chunk.objects.create(mailing=mailing, provider=mailing.provider, priority=1, state=ChunkState.READY, due_at=NOW() - timedelta(seconds=5), size=1)


GOOD_REASONS = {
    "somebody sends for its provider": claim,
    "a text left a moment ago": lambda mailing: settle(mailing, MessageStatus.SENT) or Chunk.objects.update(started_up_to=1),
    "it was let go on a moment ago": lambda mailing: MailingEvent.objects.filter(mailing=mailing).update(at=NOW()),
    "its provider was let go on a moment ago": lambda mailing: Provider.objects.update(updated_at=NOW()),
    "a text came back a moment ago, to be tried again": retry,
    "its texts are due later": lambda mailing: Chunk.objects.update(due_at=NOW() + LONG),
    "its provider is paused": lambda mailing: Provider.objects.update(lane="paused"),
    "its gateway asked for a pause": lambda mailing: Provider.objects.update(lane="slowed", slowed_until=NOW() + LONG),
}


@pytest.mark.parametrize("reason", GOOD_REASONS)
def test_it_does_not_stand_still_when(reason):
    mailing = stands(make_sending(make_people(2)))
    assert since(mailing)
    GOOD_REASONS[reason](mailing)
    assert since(mailing) is None


def test_it_stands_since_its_last_text_left():
    mailing = stands(make_sending(make_people(2)))
    settle(mailing, MessageStatus.SENT)
    left = NOW() - timedelta(minutes=4)
    Message.objects.filter(status=MessageStatus.SENT).update(sent_at=left)
    Chunk.objects.update(started_up_to=1)
    assert since(mailing) == left


def test_chunks_that_their_workers_left_and_nobody_frees_are_a_standstill_too():
    mailing = stands(make_sending(make_people(1)))
    Chunk.objects.update(state=ChunkState.CLAIMED, lease_until=NOW() - timedelta(minutes=2))
    assert since(mailing) == mailing.started_at


def test_one_that_is_due_and_does_not_start_and_one_that_nobody_prepares(client_for):
    late, left, old = make_ready(make_people(1)), make_mailing(), NOW() - LONG
    Mailing.objects.filter(pk=late.pk).update(status=MailingStatus.SCHEDULED, scheduled_at=old)
    Mailing.objects.filter(pk=left.pk).update(status=MailingStatus.PREPARING, updated_at=old)
    assert "and has not started" in page(client_for("viewer"), late)
    assert "Nobody has gone on with its preparation" in page(client_for("viewer"), left)
    Mailing.objects.filter(pk=late.pk).update(scheduled_at=NOW() + LONG)
    assert "Nothing moves" not in page(client_for("viewer"), late)


def test_it_costs_one_query_however_many_texts_there_are(django_assert_num_queries):
    mailing = stands(make_sending(make_people(30)))
    with django_assert_num_queries(1):
        assert standstill.since(mailing, NOW())


def test_a_provider_that_is_switched_off_is_told_where_its_texts_wait(client_for):
    mailing = stands(make_sending(make_people(1)))
    Provider.objects.update(active=False)
    words = page(client_for("viewer"), mailing)
    assert "is switched off: its texts wait" in words and "a second" not in words and "Nothing moves" not in words
