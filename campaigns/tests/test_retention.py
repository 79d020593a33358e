"""After a purge the people are gone and what they add up to is told as before; nobody is texted twice because a row is missing."""

import signal
from datetime import timedelta

import psycopg
import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from campaigns import decisions
from campaigns.models import Chunk, Exclusion, Mailing, Message, PurgedCount
from campaigns.services import blockers, figures, mailings, proof, retention, transitions
from campaigns.services.errors import CampaignError
from campaigns.services.transitions import Outcome
from campaigns.statuses import ChunkState, MailingStatus, MessageStatus
from campaigns.tests.factories import fictional, make_mailing, make_message, make_people, make_provider, make_sending
from campaigns.tests.test_worker_killed import workers_environment
from campaigns.tests.working import settle
from contacts.models import Activity, Contact, Group
from contacts.tests.factories import make_contact, make_group
from smsapp import retention as all_kinds
from smsapp.common.models import Organisation
from smsapp.common.retention import Round
from smsapp.testing import processes

pytestmark = pytest.mark.django_db
S = MessageStatus
YEAR = timedelta(days=365)


def ended(*statuses, days=400, **changes):
    """A mailing to as many people, and two who are left out, that ended so many days ago."""
    left_out = [make_contact(fictional(500 + index), opted_out=True) for index in range(2)]
    group = make_group(*[make_contact(fictional(index), first_name="Léa") for index in range(len(statuses))], *left_out)
    mailing = make_sending(group, provider=make_provider(price_per_segment="0.05"), **changes)
    settle(mailing, *[S.SENT if status in (S.DELIVERED, S.UNDELIVERED) else status for status in statuses])
    settle(mailing, *statuses)
    then = timezone.now() - timedelta(days=days)
    Chunk.objects.filter(mailing=mailing).update(state=ChunkState.DONE, due_at=then)
    Mailing.objects.filter(id=mailing.pk).update(status=MailingStatus.FINISHED, started_at=then, finished_at=then)
    mailing.refresh_from_db()
    return mailing


def purge(days=365, **how):
    this = Round(**how)
    retention.purge(timezone.now() - timedelta(days=days), this)
    return this


def shown(mailing):
    mailing.refresh_from_db()
    found = figures.of(mailing)
    return found, sorted(figures.causes(mailing, found)), figures.cost_of(mailing, found.charged_segments)


def rows_of(mailing):
    return sum(model.objects.filter(mailing=mailing).count() for model in (Message, Exclusion, Chunk))


def test_people_and_texts_go_and_figures_causes_and_cost_stay():
    mailing, other = ended(S.DELIVERED, S.UNDELIVERED, S.FAILED, S.SENT), ended(S.SENT, days=100)
    before = shown(mailing)
    assert before[0].texted == 3 and before[0].excluded == {"opted_out": 2} and before[2][0] > 0
    assert purge().rows == {"texts": 4, "people left out": 2, "chunks": 1}
    assert (rows_of(mailing), shown(mailing)) == (0, before)
    assert rows_of(other) > 0 and mailing.purged_at and not mailing.purging
    assert proof.differences() == []
    assert purge().rows.total() == 0  # a second time changes nothing
    assert shown(mailing) == before
    assert LogEntry.objects.get_for_object(mailing).filter(changes__has_key="recipients purged").count() == 1


@pytest.mark.parametrize("batch", [1, 2, 3])
def test_after_every_batch_figures_and_rows_are_true(monkeypatch, batch):
    mailing = ended(S.DELIVERED, S.FAILED, S.FAILED, S.SENT, S.SKIPPED)
    before, done, batches = shown(mailing), retention._batch, []
    monkeypatch.setattr(retention, "BATCH", batch)

    def one(mailing, statement):
        batches.append(done(mailing, statement))
        assert proof.differences() == [] and shown(mailing) == before
        return batches[-1]

    monkeypatch.setattr(retention, "_batch", one)
    purge()
    assert rows_of(mailing) == 0 and max(batches) == batch


def test_a_dry_run_says_it_and_removes_nothing():
    mailing = ended(S.DELIVERED, S.SENT)
    rows = rows_of(mailing)
    assert purge(dry_run=True).rows == {"texts": 2, "people left out": 2}
    mailing.refresh_from_db()
    assert (rows_of(mailing), mailing.purged_at) == (rows, None)


def test_one_whose_time_is_over_goes_on_the_next_time():
    mailing = ended(S.DELIVERED, S.SENT)
    rows = rows_of(mailing)
    assert purge(ends=0.0).rows.total() == 0 and rows_of(mailing) == rows
    retention._begin(mailing, timezone.now() - YEAR)
    mailing.refresh_from_db()
    assert mailing.purging
    purge()
    assert rows_of(mailing) == 0


@pytest.mark.parametrize("status", [S.OPEN, S.UNKNOWN])
def test_a_mailing_with_a_text_that_is_not_settled_stays_whole(status):
    mailing = ended(S.DELIVERED, S.SENT) if status is S.OPEN else ended(S.DELIVERED, S.UNKNOWN)
    if status is S.OPEN:
        Message.objects.filter(mailing=mailing, status=S.SENT).update(status=S.OPEN)
    rows = rows_of(mailing)
    assert len(purge().kept) == 1 and rows_of(mailing) == rows


def test_so_does_one_that_is_still_sending_or_sent_something_again_lately():
    sending, again = ended(S.DELIVERED), ended(S.SENT)
    Mailing.objects.filter(id=sending.pk).update(status=MailingStatus.SENDING)
    Chunk.objects.filter(mailing=again).update(due_at=timezone.now() - timedelta(days=3))
    assert purge().rows.total() == 0 and rows_of(sending) and rows_of(again)


@pytest.mark.parametrize("side", ["include_mailings", "exclude_mailings"])
def test_recipients_that_a_waiting_mailing_asks_for_stay(side):
    mailing = ended(S.DELIVERED)
    waiting = make_mailing(make_people(1), name="To all others")
    getattr(waiting, side).add(mailing)
    (why,) = purge().kept
    assert "To all others" in why and rows_of(mailing)
    Mailing.objects.filter(id=waiting.pk).update(status=MailingStatus.CANCELLED)
    assert purge().kept == [] and not rows_of(mailing)


def test_recipients_that_a_smart_group_asks_for_stay():
    mailing = ended(S.DELIVERED)
    rules = {"all": [{"q": "mailing", "test": "not_received", "value": [mailing.pk]}]}
    Group.objects.create(name="Not yet told", kind=Group.Kind.SMART, rules=rules)
    (why,) = purge().kept
    assert "Not yet told" in why and rows_of(mailing)


def test_whose_recipients_are_gone_cannot_be_chosen_any_more(user_for):
    mailing, group = ended(S.DELIVERED), make_people(1)
    purge()
    mailing.refresh_from_db()
    with pytest.raises(CampaignError, match="no longer kept"):
        mailings.check_recipients("Next", [group], [mailing])
    draft = make_mailing(group)
    draft.exclude_mailings.add(mailing)  # a copy of one that chose them
    assert "purged" in [code for code, _words in blockers.missing(draft)]
    with pytest.raises(CampaignError):
        mailings.prepare(draft, user_for("marketer"))


def test_somebody_who_is_choosing_them_at_this_moment_comes_first(transactional_db):
    mailing = ended(S.DELIVERED)
    with psycopg.connect(processes.database_url()) as ours:
        ours.execute("SELECT 1 FROM campaigns_mailing WHERE id = %s FOR KEY SHARE", [mailing.pk])  # what adding it to an audience does
        assert purge().rows.total() == 0
    assert rows_of(mailing)
    purge()
    assert not rows_of(mailing)


def test_one_off_texts_stay_and_with_them_the_keys_that_keep_a_form_from_sending_twice():
    provider, contact = make_provider(), make_contact(fictional(0))
    old = make_message(provider, contact=contact, idempotency_key="form:1", status=S.SENT)
    Message.objects.filter(id=old.pk).update(created_at=timezone.now() - 3 * YEAR)
    purge()
    assert Message.objects.filter(idempotency_key="form:1").exists()


def test_a_late_report_of_a_text_that_is_gone_changes_nothing():
    mailing = ended(S.SENT)
    message = Message.objects.get(mailing=mailing)
    purge()
    before = shown(mailing)
    transitions.move_messages([Outcome(message.pk, S.DELIVERED)], reported=True)
    assert shown(mailing) == before


def test_pages_say_so(client_for):
    mailing = ended(S.DELIVERED, S.FAILED)
    contact = Contact.objects.get(sms_number=fictional(0))
    message = Message.objects.get(mailing=mailing, contact=contact)
    Activity.objects.create(contact=contact, kind=Activity.Kind.SMS_SENT, subject=mailing.name, source=message.pk, at=timezone.now())
    purge()
    mailing.refresh_from_db()
    client = client_for("marketer")
    for place in ("mailing", "messages", "left_out"):
        page = client.get(reverse(f"campaigns:{place}", args=[mailing.pk]))
        assert page.status_code == 200 and "no longer kept" in page.content.decode(), place
    assert decisions.decide(mailing, contact).code == "purged"
    assert "No longer kept" in client.get(f"{reverse('campaigns:why_contact')}?contact={contact.pk}").content.decode()
    history = client.get(reverse("contacts:activities", args=[contact.pk])).content.decode()
    assert mailing.name in history and "its text is no longer kept" in history
    assert f'"m{mailing.pk}"' not in client.get(reverse("campaigns:new")).content.decode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.processes
def test_a_purge_that_was_killed_is_completed():
    mailing = ended(S.DELIVERED, S.FAILED, S.SENT)
    before = shown(mailing)
    Organisation.current()
    Organisation.objects.update(message_days=365)
    with psycopg.connect(processes.database_url()) as ours:
        ours.execute("SELECT 1 FROM campaigns_exclusion WHERE mailing_id = %s FOR UPDATE", [mailing.pk])  # here it stands still
        with processes.running("manage.py", "purge", **workers_environment("http://127.0.0.1:9")) as process:
            processes.wait_until(lambda: not Message.objects.filter(mailing=mailing).exists(), "the texts to go", process=process)
            process.signal_all(signal.SIGKILL)
    assert Exclusion.objects.filter(mailing=mailing).count() == 2
    assert shown(mailing) == before and proof.differences() == []
    processes.wait_until(lambda: all_kinds.purge() is not None, "the killed one's lock")
    assert not rows_of(mailing) and shown(mailing) == before
    assert PurgedCount.objects.filter(mailing=mailing).count() == 4


@pytest.mark.django_db(transaction=True)
def test_two_at_once_are_one():
    Organisation.current()
    with psycopg.connect(processes.database_url()) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s, 0)", [all_kinds.LOCK_SPACE])
        assert all_kinds.purge() is None
        other.rollback()
        assert all_kinds.purge() is not None
