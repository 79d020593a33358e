"""Twenty clicks at the same moment, by two people, launch a mailing once."""

from collections import Counter
from datetime import timedelta
from threading import Barrier, Thread

import pytest
from auditlog.models import LogEntry
from django.db import connections
from django.utils import timezone

from campaigns.models import Mailing, MailingEvent
from campaigns.services import mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import make_people, make_ready
from campaigns.tests.working import send_all

pytestmark = pytest.mark.django_db(transaction=True)
CLICKS = 20


def together(act):
    """`act(n)` for each click, on connections of their own, let go at once; what they answered."""
    start, answers = Barrier(CLICKS), []

    def click(n):
        start.wait()
        answers.append(act(n))
        connections.close_all()

    threads = [Thread(target=click, args=(n,)) for n in range(CLICKS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def launched(mailing, status=MailingStatus.SENDING):
    audits = [entry for entry in LogEntry.objects.get_for_object(mailing) if "launched" in entry.changes]
    return (MailingEvent.objects.filter(mailing=mailing, status=status).count(), len(audits))


def test_twenty_clicks_of_two_people_launch_once(client_for, gateway):
    mailing = make_ready(make_people(3))
    clients = [client_for("marketer"), client_for("administrator")]
    data = {"version": mailing.version, "when": "now", "do": "launch", "sure": "1"}
    answers = together(lambda n: clients[n % 2].post(f"/sms/mailings/{mailing.pk}/plan/", data).status_code)
    assert Counter(answers) == {302: CLICKS}
    assert launched(mailing) == (1, 1)
    send_all(mailing)
    assert (mailing.status, sorted(gateway.calls.values())) == (MailingStatus.FINISHED, [1, 1, 1])


def test_send_now_and_schedule_at_the_same_moment_are_one_launch(client_for):
    mailing = make_ready(make_people(1))
    clients = [client_for("marketer"), client_for("administrator")]
    later = timezone.localtime() + timedelta(days=2)
    whens = [{"when": "now"}, {"when": "at", "day": later.date().isoformat(), "hour": "10:00"}]
    data = {"version": mailing.version, "do": "launch", "sure": "1"}
    together(lambda n: clients[n % 2].post(f"/sms/mailings/{mailing.pk}/plan/", data | whens[n % 2]).status_code)
    assert MailingEvent.objects.filter(mailing=mailing, status__in=[MailingStatus.SENDING, MailingStatus.SCHEDULED]).count() == 1


def test_going_back_and_sending_once_more_is_told(client_for):
    mailing, client = make_ready(make_people(1)), client_for("marketer")
    data = {"version": mailing.version, "when": "now", "do": "launch", "sure": "1"}
    client.post(f"/sms/mailings/{mailing.pk}/plan/", data)
    again = client.post(f"/sms/mailings/{mailing.pk}/plan/", data)
    assert again["Location"] == f"/sms/mailings/{mailing.pk}/"
    assert launched(mailing) == (1, 1)


def test_twenty_ticks_start_a_due_mailing_once():
    mailing = make_ready(make_people(2))
    Mailing.objects.update(status=MailingStatus.SCHEDULED, scheduled_at=timezone.now() - timedelta(seconds=1))
    assert sum(together(lambda n: mailings.start_due(mailing))) == 1
    assert launched(mailing)[0] == 1
