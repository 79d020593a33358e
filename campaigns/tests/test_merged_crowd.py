"""Many merges while threads and processes send: one text a person, told by what the gateway saw."""

import json
import random
import time
from collections import Counter, defaultdict
from threading import Thread

import pytest
from django.db import connection, connections
from django.utils import timezone

from campaigns.models import Chunk, Mailing, Message
from campaigns.pipeline import deliver
from campaigns.services import figures, rounds
from campaigns.statuses import ChunkState, MailingStatus
from campaigns.tests.factories import make_provider, make_sending
from campaigns.tests.working import SENT, in_background, rows_equal_figures, unite
from contacts.models import Activity, Contact, Group, Membership
from contacts.services.errors import ContactsError
from providers.errors import NotSent
from providers.services import sending
from smsapp.celery import app
from smsapp.testing import processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]


def crowd(pairs):
    """So many pairs, the two of a pair far apart in the mailing; {contact: number}."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (first_name, last_name, organisation, email, language, external_id, do_not_sms, opted_out, deceased,"
            " sms_number, sms_country, reach, created_at, updated_at)"
            " SELECT 'Anna', 'N' || i, '', '', '', '', false, false, false, '+3363998' || lpad(i::text, 4, '0'), 'FR', 3, now(), now()"
            " FROM generate_series(0, %s) i",
            [2 * pairs - 1],
        )
        cursor.execute(
            "INSERT INTO contacts_phonenumber (contact_id, number, kind, is_primary, line, country, textable)"
            " SELECT id, sms_number, 'mobile', true, 'mobile', 'FR', true FROM contacts_contact"
        )
    group = Group.objects.create(name="Crowd")
    people = list(Contact.objects.order_by("id"))
    Membership.objects.bulk_create(Membership(group=group, contact=person) for person in people)
    return group, [(people[n], people[n + pairs]) for n in range(pairs)]


def merge_at_random(pairs, seed):
    """Merge pair after pair, either way round."""
    dice = random.Random(seed)
    try:
        for pair in pairs:
            winner, loser = pair if dice.random() < 0.5 else pair[::-1]
            try:
                unite(winner, loser)
            except ContactsError as refused:
                assert refused.code == "being_texted"
    finally:
        connections.close_all()


def late_seconds(pairs, began):
    """Second texts whose call began later after the merge than a text that was just judged may wait; nobody is without one."""
    merged_at = dict(Activity.objects.filter(kind="change", subject="merged").values_list("contact", "at"))
    late = []
    for pair in pairs:
        calls = sorted(at for person in pair for at in began[person.sms_number])
        assert 1 <= len(calls) <= 2
        when = next(merged_at[person.pk] for person in pair if person.pk in merged_at)
        late += [at for at in calls[1:] if (at - when).total_seconds() > deliver.JUDGED_FOR]
    return late


@pytest.mark.parametrize("seed", range(3))
def test_merging_while_workers_send(gateway, monkeypatch, seed):
    """Threads: two workers, two people who merge; some calls come back."""
    group, pairs = crowd(60)
    dice = random.Random(seed)
    dice.shuffle(pairs)
    gateway.seconds = 0.05
    for pair in pairs[::5]:
        gateway.errors[pair[dice.randrange(2)].sms_number] = NotSent("No connection.", reason="not_reached")
    real, began = sending.send, defaultdict(list)

    async def counted(session, provider, sms):
        at = timezone.now()
        result = await real(session, provider, sms)
        began[sms.number].append(at)
        return result

    monkeypatch.setattr(sending, "send", counted)
    mailing = make_sending(group, provider=make_provider(rate=60))
    people = [Thread(target=merge_at_random, args=(pairs[n::2], seed + n)) for n in range(2)]
    workers = [in_background(mailing.provider_id) for _worker in range(2)]
    [thread.start() for thread in people]
    [thread.join() for thread in [*people, *workers]]
    for _round in range(20):
        Chunk.objects.filter(state=ChunkState.READY).update(due_at=timezone.now())
        rounds.send_slice(mailing.provider_id, urgent_only=False)
    assert rows_equal_figures(mailing) and mailing.status == MailingStatus.FINISHED
    assert Contact.objects.active().count() == 60
    assert not late_seconds(pairs, began)


@pytest.mark.processes
def test_merging_while_processes_send(tmp_path, settings):
    """Two worker processes against the simulated gateway; its log tells what left."""
    group, pairs = crowd(200)
    provider = make_provider(rate=30)
    mailing = make_sending(group, provider=provider)
    log = tmp_path / "requests.log"
    with processes.simulator("--plain", "--hold-reports", "--latency", "20", "--log", str(log)) as url:
        environment = {"DATABASE_URL": processes.database_url(), "REDIS_URL": settings.REDIS_URL, "SECRET_KEY": settings.SECRET_KEY, "SIMULATOR_URL": url}
        with processes.celery_worker("bulk", "-c", "2", **environment) as worker:
            for _bell in range(2):
                app.send_task("campaigns.tasks.dispatch_bulk", args=[provider.pk], queue="bulk")
            sent = Message.objects.filter(mailing=mailing, status=SENT)
            processes.wait_until(lambda: sent.count() > 20, "the first texts", process=worker)
            merge_at_random(pairs[::-1], seed=4)
            processes.wait_until(lambda: Mailing.objects.get().status == MailingStatus.FINISHED, "the end", process=worker)
        time.sleep(0.2)  # the simulator writes its log every 50 ms
    gone = Counter(json.loads(line)["number"] for line in log.read_text().splitlines())
    sent_at = dict(Message.objects.filter(mailing=mailing, status=SENT).values_list("number", "sent_at"))
    assert rows_equal_figures(mailing) and figures.of(mailing).skipped > 20
    assert (gone.keys(), max(gone.values())) == (sent_at.keys(), 1)
    assert Contact.objects.active().count() == 200
    assert not late_seconds(pairs, defaultdict(list, {number: [at] for number, at in sent_at.items()}))
