"""A preparation is killed wherever it happens to be: beginning again completes it, nobody is lost or doubled.

campaigns/tests/test_preparation_killed.py kills it at rows that it chooses.
"""

import signal
import time

import pytest
from django.db import connection

from campaigns.models import Exclusion, Mailing, Message
from campaigns.services import mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import make_mailing, make_provider
from contacts.models import Group
from tests.faults.invariants import invariants

pytestmark = pytest.mark.processes
PEOPLE = 50_000


def everybody() -> Group:
    """People of whom each seventh wants no advertising, and each third shares a number with somebody else."""
    group = Group.objects.create(name="Everybody")
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH made AS (INSERT INTO contacts_contact (first_name, last_name, organisation, email, language, external_id, do_not_sms, opted_out, deceased,"
            " sms_number, sms_country, reach, created_at, updated_at)"
            " SELECT 'Anna', 'N' || i, '', '', '', '', false, i %% 7 = 0, false, '+336' || lpad((i - i %% 3 / 2)::text, 8, '0'), 'FR', 3, now(), now()"
            " FROM generate_series(1, %s) i RETURNING id)"
            " INSERT INTO contacts_membership (group_id, contact_id, added_at) SELECT %s, id, now() FROM made",
            [PEOPLE, group.pk],
        )
    return group


def test_the_group_is_killed_again_and_again_while_it_prepares(world):
    mailing = mailings.prepare(make_mailing(everybody(), provider=make_provider()), None)
    for reached in (1, 20_001):
        machine = world.machine()
        world.wait(lambda reached=reached: Mailing.objects.get(pk=mailing.pk).targeted >= reached or ready(mailing), "some of the people")
        machine.kill()
    world.machine()
    world.wait(lambda: ready(mailing), "the end of the preparation")
    invariants(world)
    texts, left_out = Message.objects.filter(mailing=mailing).count(), Exclusion.objects.filter(mailing=mailing).count()
    assert texts + left_out == PEOPLE == Mailing.objects.get(pk=mailing.pk).targeted


def test_a_worker_is_frozen_while_it_prepares(world):
    """Another one goes on once a lease is over; the frozen one, back, writes nothing."""
    mailing = mailings.prepare(make_mailing(everybody(), provider=make_provider()), None)
    frozen = world.machine()
    world.wait(lambda: Mailing.objects.get(pk=mailing.pk).targeted or ready(mailing), "some of the people")
    frozen.signal_all(signal.SIGSTOP)
    assert not ready(mailing), "frozen too late to prove anything"
    world.machine()
    world.wait(lambda: ready(mailing), "the end of the preparation")
    written = Message.objects.filter(mailing=mailing).count()
    frozen.signal_all(signal.SIGCONT)
    time.sleep(3)
    assert ready(mailing)
    assert Message.objects.filter(mailing=mailing).count() == written
    invariants(world)


def ready(mailing):
    return Mailing.objects.get(pk=mailing.pk).status == MailingStatus.READY
