"""Why a lane stands, its last trouble and what was not understood: each reader is told in their own language, whatever the worker's."""

import html

import pytest
from django.utils import translation

from providers.errors import Misconfigured
from providers.models import Provider, WebhookEvent
from providers.services import inbox, providers, sending
from providers.tests.factories import make_provider

pytestmark = pytest.mark.django_db
REFUSED = Misconfigured("The gateway refuses our account.", reason="credentials", detail="HTTP 401 20003 Authenticate")


@pytest.fixture
def read(client_for, user_for):
    """`read(page, language)` → an administrator's page in it."""
    client = client_for("administrator")
    type(user_for("administrator")).objects.update(language="")

    def page(address, language, **data):
        answer = (client.post if data else client.get)(address, data, headers={"accept-language": language})
        return html.unescape(answer.content.decode()).replace("\xa0", " ").replace("\u202f", " ")

    return page


@pytest.mark.parametrize("worker", ["en", "fr"])
def test_why_a_lane_is_paused_with_the_gateways_own_words(read, worker):
    provider = make_provider(active=True)
    with translation.override(worker):
        providers.pause_lane(provider.pk, sending.in_words(REFUSED), cause=REFUSED.reason)
    for page in ("/providers/", "/"):
        english, french = read(page, "en"), read(page, "fr")
        assert "The gateway refuses our credentials. HTTP 401 20003 Authenticate" in english, page
        assert "La passerelle refuse nos identifiants. HTTP 401 20003 Authenticate" in french, page
        assert "refuses our" not in french, page


def test_who_paused_it_and_that_it_is_slowed(read):
    paused, slowed = make_provider(), make_provider()
    read(f"/providers/{paused.pk}/pause/", "fr", sure="1")
    providers.slow_lane(slowed.pk, 60)
    english, french = read("/providers/", "en"), read("/providers/", "fr")
    assert "Paused by" in english and "The gateway asked for a slower pace." in english
    assert "Paused by" not in french and "slower pace" not in french


def test_a_lane_that_runs_again_keeps_no_reason():
    provider = make_provider()
    providers.pause_lane(provider.pk, sending.in_words(REFUSED))
    providers.resume_lane(provider.pk)
    provider.refresh_from_db()
    assert (provider.lane_words, provider.lane_reason_in) == ("", [])
    assert provider.last_error_words == "The gateway refuses our credentials. HTTP 401 20003 Authenticate"


def test_what_an_earlier_version_wrote_is_still_read():
    provider = Provider(lane_reason="No credit.", last_error="No credit.")
    assert (provider.lane_words, provider.last_error_words) == ("No credit.", "No credit.")


@pytest.mark.parametrize("worker", ["en", "fr"])
def test_what_was_not_understood(read, worker):
    event = WebhookEvent.objects.create(provider=make_provider(), event="status", body=b"what", digest=b"d" * 16)
    with translation.override(worker):
        inbox.process()
    for page in ("/providers/events/", f"/providers/events/{event.pk}/"):
        assert "MessageSid or MessageStatus is missing" in read(page, "en"), page
        assert "MessageSid ou MessageStatus manque" in read(page, "fr"), page


def test_the_trial_says_it_too(read):
    trial = f"/admin/providers/provider/{make_provider().pk}/trial/"
    told = read(trial, "fr", event="status", sample="MessageSid=SM1&MessageStatus=undelivered&ErrorCode=30005")
    assert "Non remis" in told
    assert "MessageSid ou MessageStatus manque" in read(trial, "fr", event="status", sample="what")
