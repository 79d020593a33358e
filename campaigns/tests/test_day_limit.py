"""A provider that may take so many texts a day: no more leave, whoever asks, and the rest goes on after midnight."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.utils import timezone

from campaigns.models import LaneTally, Message
from campaigns.pipeline import deliver
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_message, make_people, make_provider, make_ready, make_sending
from campaigns.tests.working import rows_equal_figures, send_all
from providers.errors import NotSent, Refused
from providers.models import Provider
from providers.services import providers
from smsapp.common.models import Organisation
from smsapp.watch import sending as watch_sending

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]


def of_status(status):
    return Message.objects.filter(status=status).count()


def midnight_passes():
    """As if all that was sent had been sent yesterday, and the lane's rest were over."""
    LaneTally.objects.update(slot=timezone.now() - timedelta(days=1))
    Provider.objects.update(slowed_until=timezone.now() - timedelta(seconds=1))
    providers.end_slow_lanes(timezone.now())


def test_the_rest_waits_until_midnight_and_goes_on_by_itself(gateway):
    Organisation.current()
    Organisation.objects.update(time_zone="America/New_York")
    mailing = make_sending(make_people(8), provider=make_provider(daily_limit=5))
    send_all(mailing, slices=3)
    assert (sum(gateway.calls.values()), of_status(MessageStatus.SENT), of_status(MessageStatus.OPEN)) == (5, 5, 3)
    provider = Provider.objects.get()
    until = provider.slowed_until.astimezone(ZoneInfo("America/New_York"))
    assert (provider.lane, until.hour, until.minute) == ("slowed", 0, 0)
    assert timedelta(0) < provider.slowed_until - timezone.now() <= timedelta(hours=25)
    assert "As many texts as it may take in a day have left." in provider.lane_words
    assert provider.last_error == "", "it is no trouble"
    midnight_passes()
    assert (Provider.objects.get().lane, Provider.objects.get().lane_cause) == ("running", "")
    send_all(mailing, slices=2)
    assert (of_status(MessageStatus.SENT), of_status(MessageStatus.OPEN)) == (8, 0)
    assert rows_equal_figures(mailing)


def test_workers_that_ask_at_once_never_let_more_leave(gateway):
    gateway.seconds = 0.01
    mailing = make_sending(make_people(60), provider=make_provider(daily_limit=37))

    def work(_number):
        deliver.run_slice(mailing.provider_id, urgent_only=False)
        connections.close_all()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    send_all(mailing, slices=2)
    assert sum(gateway.calls.values()) == 37
    assert Provider.objects.get().lane == "slowed"


def test_what_was_started_before_the_limit_still_leaves(gateway, settings):
    """Two connections, so that texts wait for them while no more are started."""
    settings.SEND_CONNECTIONS, gateway.seconds = 2, 0.01
    mailing = make_sending(make_people(40), provider=make_provider(daily_limit=25))
    send_all(mailing, slices=3)
    assert (sum(gateway.calls.values()), Provider.objects.get().lane) == (25, "slowed")


def test_a_day_is_not_full_before_the_gateway_took_them(gateway):
    gateway.error = NotSent("No connection.", reason="not_reached")
    mailing = make_sending(make_people(8), provider=make_provider(daily_limit=5))
    send_all(mailing, slices=2)
    assert (of_status(MessageStatus.SENT), Provider.objects.get().lane) == (0, "running")


def test_one_off_and_test_texts_count_and_refused_ones_do_not(gateway):
    provider = make_provider(daily_limit=3)
    for kind, error in ((Message.Kind.TEST, None), (Message.Kind.ONE_OFF, None), (Message.Kind.ONE_OFF, Refused("No.", reason="refused"))):
        gateway.error = error
        make_message(provider, kind=kind)
        deliver.run_slice(provider.pk, urgent_only=True)
    gateway.error = None
    for _each in range(2):
        make_message(provider)
        deliver.run_slice(provider.pk, urgent_only=True)
    assert (of_status(MessageStatus.SENT), of_status(MessageStatus.FAILED), of_status(MessageStatus.OPEN)) == (3, 1, 1)


def test_another_limit_counts_at_once(gateway):
    mailing = make_sending(make_people(8), provider=make_provider(daily_limit=2))
    send_all(mailing, slices=2)
    provider = Provider.objects.get()
    provider.daily_limit = 6
    providers.save(provider)
    assert Provider.objects.get().lane == "running"
    send_all(mailing, slices=2)
    assert (of_status(MessageStatus.SENT), Provider.objects.get().lane) == (6, "slowed")
    provider = Provider.objects.get()
    provider.daily_limit = None
    providers.save(provider)
    send_all(mailing, slices=2)
    assert of_status(MessageStatus.SENT) == 8


def test_a_lane_that_a_person_paused_stays_paused(gateway, user_for):
    mailing = make_sending(make_people(3), provider=make_provider(daily_limit=1))
    send_all(mailing, slices=1)
    providers.pause_lane(mailing.provider_id, "Not now.", by=user_for("administrator"))
    providers.rest_lane(mailing.provider_id, timezone.now())
    assert Provider.objects.get().lane == "paused"


def test_pages_say_why_nothing_goes_and_until_when(gateway, client_for):
    mailing = make_sending(make_people(3), provider=make_provider(daily_limit=1))
    send_all(mailing, slices=2)
    assert "As many texts as the gateway may take in a day have left" in client_for("viewer").get(f"/sms/mailings/{mailing.pk}/").content.decode()
    page = client_for("staff").get("/providers/").content.decode()
    assert "As many texts as it may take in a day have left." in page
    assert "at most 1 text a day" in page
    assert "day_is_full" in {finding.code for finding in watch_sending.look()}


def test_the_plan_says_how_many_days_a_mailing_needs(client_for):
    mailing = make_ready(make_people(5), provider=make_provider(name="Northline", daily_limit=2))
    page = client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
    assert "Northline takes at most 2 texts a day" in page
    assert "needs 3 days or more" in page
