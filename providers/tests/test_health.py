"""The page of health: who sees it, what it says, who moves the lever."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from providers import health, slots
from providers.models import Bind, Provider
from providers.services import providers
from providers.signals import lane_changed
from providers.tests.factories import make_provider

pytestmark = pytest.mark.django_db


def test_staff_see_it_viewers_and_strangers_do_not(client_for):
    make_provider(name="Northline")
    assert "Northline" in client_for("staff").get("/providers/").content.decode()
    assert client_for("viewer").get("/providers/").status_code == 403
    assert Client().get("/providers/").status_code == 302


def test_only_administrators_move_the_lever(client_for):
    provider = make_provider()
    for act in ("pause", "resume"):
        assert client_for("administrator").post(f"/providers/{provider.pk}/{act}/").status_code == 302
        assert client_for("marketer").post(f"/providers/{provider.pk}/{act}/").status_code == 403
        assert Client().post(f"/providers/{provider.pk}/{act}/").status_code == 302
        assert client_for("administrator").get(f"/providers/{provider.pk}/{act}/").status_code == 405
        assert client_for("administrator").post(f"/providers/999999/{act}/").status_code == 404
    assert "Pause<" not in client_for("staff").get("/providers/").content.decode()


def test_pause_and_resume(client_for):
    provider, administrator = make_provider(name="Northline"), client_for("administrator")
    page = administrator.post(f"/providers/{provider.pk}/pause/", follow=True).content.decode()
    assert "Northline is paused. Its texts wait." in page
    assert "Paused by" in page
    assert "Resume" in page
    page = administrator.post(f"/providers/{provider.pk}/resume/", follow=True).content.decode()
    provider.refresh_from_db()
    assert (provider.lane, provider.lane_reason) == ("running", "")
    assert "Running" in page


def test_lanes_are_told_to_the_apps_above(django_capture_on_commit_callbacks):
    provider, heard = make_provider(), []

    def listen(provider: Provider, **kwargs: object) -> None:
        heard.append(provider.lane)

    lane_changed.connect(listen)
    try:
        with django_capture_on_commit_callbacks(execute=True):
            assert providers.pause_lane(provider.pk, "No credit.")
            assert not providers.pause_lane(provider.pk, "Again.")
            assert not providers.slow_lane(provider.pk, 5)
            assert providers.resume_lane(provider.pk)
            assert not providers.resume_lane(provider.pk)
    finally:
        lane_changed.disconnect(listen)
    assert heard == ["paused", "running"]


def test_a_slow_lane_runs_again_by_itself(client_for):
    provider = make_provider()
    assert providers.slow_lane(provider.pk, 30)
    assert "slower pace" in client_for("staff").get("/providers/").content.decode()
    assert providers.end_slow_lanes(timezone.now()) == 0
    assert providers.end_slow_lanes(timezone.now() + timedelta(seconds=31)) == 1
    provider.refresh_from_db()
    assert provider.lane == "running"


def test_trouble_is_remembered_a_persons_pause_is_not(client_for):
    troubled, paused = make_provider(), make_provider()
    providers.pause_lane(troubled.pk, "The gateway refuses our credentials.")
    client_for("administrator").post(f"/providers/{paused.pk}/pause/")
    troubled.refresh_from_db()
    paused.refresh_from_db()
    assert (troubled.last_error, paused.last_error) == ("The gateway refuses our credentials.", "")
    assert troubled.last_error_at


def test_figures_come_from_the_apps_above(client_for, monkeypatch):
    provider = make_provider()
    monkeypatch.setattr(slots, "health_figures", [lambda ids: {pk: [{"label": "Accepted today", "value": 4391}] for pk in ids}])
    page = client_for("staff").get("/providers/").content.decode()
    assert "Accepted today" in page
    assert "4,391" in page
    assert provider.name in page


def test_number_of_queries_does_not_grow(client_for, django_assert_num_queries):
    client = client_for("staff")
    make_provider()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client.get("/providers/")
    with CaptureQueriesContext(connection, ) as few:
        client.get("/providers/")
    for _ in range(5):
        make_provider()
    with CaptureQueriesContext(connection) as many:
        client.get("/providers/")
    assert len(many) == len(few)


def test_without_a_provider_it_says_how_to_begin(client_for):
    assert "No provider yet" in client_for("administrator").get("/providers/").content.decode()


def test_missing_public_address_is_said(client_for, settings):
    make_provider()
    settings.PUBLIC_BASE_URL = ""
    assert "PUBLIC_BASE_URL" in client_for("staff").get("/providers/").content.decode()
    settings.PUBLIC_BASE_URL = "https://sms.example.org"
    assert "PUBLIC_BASE_URL" not in client_for("staff").get("/providers/").content.decode()


@pytest.mark.parametrize(("price", "said"), [("0", "Not entered yet"), ("0.0665", "€0.0665")])
def test_a_price_that_nobody_entered_is_not_called_nothing(client_for, price, said):
    make_provider(price_per_segment=price)
    assert said in client_for("staff").get("/providers/").content.decode()


def test_a_lane_without_a_session_does_not_count_as_running(client_for):
    provider = make_provider(kind="smpp")
    assert str(health.cards(timezone.now())[0].word) == "No session"
    assert "It has no session with its gateway" in client_for("staff").get("/providers/").content.decode()
    Bind.objects.create(provider_id=provider.pk, number=1, owner=uuid4(), lease_until=timezone.now() + timedelta(minutes=1), bound_since=timezone.now())
    assert str(health.cards(timezone.now())[0].word) == "Running"
