"""A worker dies in the middle of a mailing: nobody gets a text twice, nobody is forgotten, what cannot be known is said."""

import json
import signal
import time
from collections import Counter

import pytest
from django.conf import settings
from django.db import connection

from campaigns.audience import Choice
from campaigns.models import Exclusion, Mailing, Message
from campaigns.pipeline import deliver, finish, sweep
from campaigns.services import audience_count, figures
from campaigns.statuses import MailingStatus, MessageStatus
from campaigns.tests.factories import make_mailing, make_provider
from contacts.models import Activity, Group
from smsapp.celery import app
from smsapp.testing import processes

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]

TEXTS = 5_000
RATE = 4_000


def make_crowd(amount):
    group = Group.objects.create(name="Crowd")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO contacts_contact (first_name, last_name, organisation, email, language, external_id, do_not_sms, opted_out, deceased,"
            " sms_number, reach, created_at, updated_at)"
            " SELECT 'Anna', 'N' || i, '', '', '', '', false, false, false, '+3363998' || lpad(i::text, 4, '0'), 3, now(), now()"
            " FROM generate_series(0, %s) i",
            [amount - 1],
        )
        cursor.execute("INSERT INTO contacts_membership (group_id, contact_id, added_at) SELECT %s, id, now() FROM contacts_contact", [group.id])
    return group


def prepared(group, provider):
    from campaigns.pipeline.prepare import prepare
    from campaigns.services import mailings

    mailing = make_mailing(group, provider=provider)
    mailings.prepare(mailing, None)
    prepare(mailing.id)
    return mailings.confirm(mailing, None)


def workers_environment(url):
    return {
        "DATABASE_URL": processes.database_url(),
        "REDIS_URL": settings.REDIS_URL,
        "SECRET_KEY": settings.SECRET_KEY,
        "SIMULATOR_URL": url,
        "LEASE_SECONDS": "17",  # the least that leaves room for a call and its margin
    }


def ring(provider, times=1):
    for _bell in range(times):
        app.send_task("campaigns.tasks.dispatch_bulk", args=[provider.id], queue="bulk")


def gateway_log(path):
    return Counter(json.loads(line)["number"] for line in path.read_text().splitlines())


def test_a_worker_killed_in_the_middle_of_a_mailing(tmp_path):
    provider = make_provider(rate=RATE)
    mailing = prepared(make_crowd(TEXTS), provider)
    log = tmp_path / "requests.log"
    with processes.simulator("--plain", "--hold-reports", "--latency", "20", "--log", str(log)) as url:
        environment = workers_environment(url)
        done = Message.objects.filter(mailing=mailing).exclude(status=MessageStatus.OPEN)
        with processes.celery_worker("bulk", "-c", "1", **environment) as worker:
            ring(provider)
            processes.wait_until(lambda: done.count() > 800, "the first texts", process=worker)
            worker.stop(signal.SIGKILL)
        assert done.count() < TEXTS, "the worker was killed too late to prove anything"
        processes.wait_until(lambda: sweep.sweep() >= 0 and not open_leases(), "the end of the leases")
        with processes.celery_worker("bulk", "-c", "1", **environment) as worker:
            ring(provider)
            processes.wait_until(lambda: Mailing.objects.get(id=mailing.id).status == MailingStatus.FINISHED, "the end", process=worker)
        time.sleep(0.2)  # the simulator writes its log every 50 ms

    sent = gateway_log(log)
    found = figures.of(mailing)
    assert max(sent.values()) == 1, "somebody got the text twice"
    assert found.total == found.dealt_with == TEXTS
    assert found.sent + found.unknown == TEXTS
    assert 0 <= found.unknown <= deliver.window(RATE)
    assert found.sent <= len(sent) <= TEXTS
    rows = Counter(Message.objects.filter(mailing=mailing).values_list("status", flat=True))
    assert rows == {k: v for k, v in {MessageStatus.SENT.value: found.sent, MessageStatus.UNKNOWN.value: found.unknown}.items() if v}
    assert Activity.objects.count() == TEXTS
    told = set(Message.objects.filter(mailing=mailing, status=MessageStatus.SENT).values_list("number", flat=True))
    assert told <= set(sent)


def open_leases():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM campaigns_chunk WHERE state = 2")
        return cursor.fetchone()[0]


def test_figures_agree_from_the_count_to_the_gateways_log(tmp_path):
    provider = make_provider(rate=RATE)
    group = make_crowd(300)
    group.memberships.first().contact.delete()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE contacts_contact SET opted_out = true WHERE id % 50 = 0")
    counted = audience_count.count(Choice([group.id]))
    mailing = prepared(group, provider)
    log = tmp_path / "requests.log"
    with processes.simulator("--plain", "--hold-reports", "--log", str(log)) as url:
        with processes.celery_worker("bulk", "-c", "2", **workers_environment(url)) as worker:
            ring(provider, 2)
            processes.wait_until(lambda: Mailing.objects.get(id=mailing.id).status == MailingStatus.FINISHED, "the end", process=worker)
        time.sleep(0.2)
    finish.finish()
    found = figures.of(mailing)
    assert counted.chosen == Message.objects.filter(mailing=mailing).count() + Exclusion.objects.filter(mailing=mailing).count()
    assert counted.eligible == found.sent == len(gateway_log(log)) == Activity.objects.count()
    assert counted.reasons == found.excluded
