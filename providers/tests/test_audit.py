"""Changes of providers are written down, their secrets never."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from providers.models import Provider
from providers.services import providers
from providers.tests.factories import make_provider, make_twilio

pytestmark = pytest.mark.django_db


def of(provider: Provider):
    return LogEntry.objects.get_for_object(provider).order_by("id")


def test_limits_are_noted_and_secrets_never(user_for):
    provider = Provider.objects.get(pk=make_twilio(is_default=True).pk)
    provider.rate, provider.secrets = 77, {"auth_token": "fresh-token-4711"}
    providers.save(provider)
    written = str(list(LogEntry.objects.values()))
    assert "fresh-token-4711" not in written and provider.webhook_token not in written and "auth_token" not in written
    assert [entry.changes for entry in of(provider)][-2:] == [{"secrets replaced": ["", "✓"]}, {"rate": ["10", "77"]}]


def test_saving_the_same_says_nothing():
    provider = Provider.objects.get(pk=make_twilio(is_default=True).pk)
    known = of(provider).count()
    providers.save(provider)
    assert of(provider).count() == known


def test_a_person_pauses_and_resumes(client_for):
    provider = make_provider()
    client = client_for("administrator")
    client.post(reverse("providers:pause", args=[provider.pk]))
    client.post(reverse("providers:resume", args=[provider.pk]))
    paused, resumed = list(of(provider))[-2:]
    assert "sending paused" in paused.changes and "sending resumed" in resumed.changes
    assert {paused.actor.username, resumed.actor.username} == {"administrator"}


def test_trouble_of_a_gateway_is_no_decision():
    provider = make_provider()
    known = of(provider).count()
    providers.pause_lane(provider.pk, "No credit.")
    providers.note_error(provider.pk, "Refused")
    assert of(provider).count() == known


def test_giving_up_the_default_is_noted():
    first = make_provider(name="One", is_default=True)
    providers.save(make_provider(name="Two", is_default=False))
    second = Provider.objects.get(name="Two")
    second.is_default = True
    providers.save(second)
    assert "no longer the default" in of(first).last().changes
