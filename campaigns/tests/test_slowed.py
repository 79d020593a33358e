"""A mailing whose gateway asked for a slower pace shows the rate that holds, and until when."""

import asyncio
from datetime import timedelta

import pytest
from django.conf import settings
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.services.figures import Figures
from campaigns.tests.factories import make_people, make_provider, make_sending
from campaigns.views import pace
from providers.models import Provider
from providers.services import providers
from providers.throttle import Throttle

pytestmark = pytest.mark.django_db


def slow_down(provider, seconds):
    """As a worker does after a 429."""

    async def story():
        throttle = Throttle(settings.REDIS_URL)
        await throttle.slow_down(provider.pk, seconds)
        await throttle.close()

    asyncio.run(story())
    providers.slow_lane(provider.pk, seconds)


def page(client, mailing):
    return client.get(f"/sms/mailings/{mailing.pk}/progress/?was=sending")


def test_in_the_pause_it_says_when_texts_go_again_and_shows_no_pace(client_for):
    mailing = make_sending(make_people(2), provider=make_provider(rate=100))
    assert "100 a second" in page(client_for("viewer"), mailing).content.decode()
    slow_down(mailing.provider, 60)
    response = page(client_for("viewer"), mailing)
    words, slowed = response.content.decode(), response.context["live"].pace.slowed
    assert "The gateway asked for a slower pace" in words and "It gets texts again at" in words and "50 instead of 100 segments a second" in words
    assert " a second</p>" not in words and "done at about" not in words
    assert timedelta(seconds=55) < slowed.again_at - timezone.now() <= timedelta(seconds=60)
    assert timedelta(seconds=105) < slowed.full_at - timezone.now() <= timedelta(seconds=110)


def test_after_the_pause_it_shows_the_rate_that_holds_until_the_whole_rate_is_back(client_for):
    mailing = make_sending(make_people(2), provider=make_provider(rate=100))
    slow_down(mailing.provider, 0)
    providers.end_slow_lanes(timezone.now() + timedelta(seconds=2))
    response = page(client_for("viewer"), mailing)
    pace = response.context["live"].pace
    assert 50 <= pace.rate < 60 and pace.rate == pace.slowed.segments
    assert "It gets texts again" not in response.content.decode() and "done at about" in response.content.decode()


def test_a_gateway_that_asked_long_ago_is_not_asked_about(client_for, monkeypatch):
    mailing = make_sending(make_people(2), provider=make_provider(rate=100))
    Provider.objects.update(updated_at=timezone.now() - timedelta(minutes=5))
    monkeypatch.setattr("providers.services.slowness.read", lambda _ids: pytest.fail("Redis was asked"))
    assert "slower pace" not in page(client_for("viewer"), mailing).content.decode()


def test_without_redis_the_page_still_comes(client_for, settings):
    mailing = make_sending(make_people(2))
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert "still to go" in page(client_for("viewer"), mailing).content.decode()


def test_a_mailing_that_stood_still_is_as_quick_as_it_is_now_not_as_on_average():
    mailing = make_sending(make_people(2), provider=make_provider(rate=100))
    begun, now = timezone.now() - timedelta(hours=1), timezone.now()
    Provider.objects.update(updated_at=begun)
    Mailing.objects.update(started_at=begun)
    mailing.refresh_from_db()
    assert pace.of(mailing, Figures(queued=900, sent=100, segments=1000), now).rate < 1, "nobody looked before"
    assert pace.of(mailing, Figures(queued=700, sent=300, segments=1000), now + timedelta(seconds=10)).rate == 20
