"""The page of rules and its trial, and the form of a rule in the Django admin."""

import pytest
from auditlog.models import LogEntry
from django.test import Client

from campaigns.models import Route
from campaigns.tests.factories import make_provider
from campaigns.tests.test_routes import BRITISH, FRENCH, rule
from providers.models import Provider

pytestmark = pytest.mark.django_db
PAGE, ADD = "/sms/routing/", "/admin/campaigns/route/add/"


@pytest.fixture
def administrator(client_for):
    return client_for("administrator")


def tried(client, **asked):
    return client.get(PAGE, {"number": FRENCH, "kind": "one_off", **asked}).content.decode()


def test_administrators_only(client_for):
    for role, status in (("administrator", 200), ("marketer", 403), ("staff", 403), ("viewer", 403)):
        assert client_for(role).get(PAGE).status_code == status
    assert Client().get(PAGE).status_code == 302
    assert 'href="/sms/routing/"' in client_for("administrator").get("/providers/").content.decode()
    assert 'href="/sms/routing/"' not in client_for("staff").get("/providers/").content.decode()


def test_without_rules_it_says_what_they_are_for(administrator):
    assert "No rule yet" in administrator.get(PAGE).content.decode()


def test_rules_in_their_order_with_what_keeps_them_from_being_followed(administrator):
    off, paused = make_provider(name="Off", active=False), make_provider(name="Slow", lane="paused")
    fine = make_provider(name="Fine", senders=["A"])
    rule(paused, position=30)
    rule(off, position=20)
    rule(fine, position=10, sender="GONE", countries=["GB", "FR"], kinds=["test"], note="For the choir")
    rule(fine, position=5, active=False)
    page = administrator.get(PAGE)
    assert [line.number for line in page.context["lines"]] == [None, 1, 2, 3]
    words = page.content.decode()
    for said in ("France, United Kingdom", "Tests", "For the choir", "no longer has this sender", "is switched off", "is paused", "Not in use"):
        assert said in words


def test_a_trial_says_through_whom_and_why(administrator):
    home, abroad = make_provider(name="Home"), make_provider(name="Abroad", senders=["ABROAD"])
    rule(abroad, countries=["GB"], kinds=["one_off"])
    page = tried(administrator, number=BRITISH, provider=home.pk)
    assert "Because of rule 1 (One-off texts, United Kingdom)." in page
    assert "ABROAD" in page
    assert "As chosen with the text." in tried(administrator, provider=home.pk)
    assert "As chosen with the text." in tried(administrator, number=BRITISH, kind="mailing", provider=home.pk)


def test_a_trial_says_when_it_would_not_leave_all_the_same(administrator):
    home = make_provider(allowed_countries=["GB"])
    assert "The gateway account may not text this country" in tried(administrator, provider=home.pk) or "country" in tried(administrator, provider=home.pk)


@pytest.mark.parametrize("asked", [{"number": "x"}, {"number": ""}, {"number": "+33\0"}, {"kind": "spam"}, {"provider": "x"}, {"provider": "99999999"}, {"number": "1" * 99}])
def test_nonsense_is_answered_beside_its_field(administrator, asked):
    provider = make_provider()
    response = administrator.get(PAGE, {"number": FRENCH, "kind": "one_off", "provider": provider.pk, **asked})
    assert response.status_code == 200
    assert response.context["answer"] is None
    assert "invalid-feedback" in response.content.decode()


def form(**changes):
    return {"position": "10", "active": "on", "countries": "fr, gb", "kinds": ["mailing", "one_off"], "provider": "", "sender": "", "note": "", **changes}


def test_a_rule_is_written_in_the_admin_and_noted(administrator, user_for):
    provider = make_provider()
    response = administrator.post(ADD, form(provider=provider.pk, sender="36111"))
    assert response.status_code == 302 and response.url == PAGE
    written = Route.objects.get()
    assert (written.countries, written.kinds, written.sender) == (["FR", "GB"], ["mailing", "one_off"], "36111")
    assert LogEntry.objects.get_for_object(written).get().actor == user_for("administrator")
    administrator.post(f"/admin/campaigns/route/{written.pk}/change/", form(provider=provider.pk, active=""))
    written.refresh_from_db()
    assert not written.active


@pytest.mark.parametrize(("changes", "said"), [
    ({}, "else the rule changes nothing"),
    ({"sender": "36111"}, "A sender belongs to a provider"),
    ({"countries": "FR, Narnia", "keep_sender": "on"}, "There is no country"),
    ({"position": "-1", "keep_sender": "on"}, "at least 0"),
    ({"kinds": ["spam"], "keep_sender": "on"}, "not among the choices"),
])  # fmt: skip
def test_what_makes_no_rule_is_said(administrator, changes, said):
    assert said in administrator.post(ADD, form(**changes)).content.decode()
    assert not Route.objects.exists()


def test_a_sender_is_one_of_the_providers(administrator):
    provider = make_provider(name="Northline", senders=["A", "B"])
    assert "Northline has no such sender. It has: A, B." in administrator.post(ADD, form(provider=provider.pk, sender="C")).content.decode()


def test_others_write_no_rules(client_for):
    for role in ("marketer", "staff", "viewer"):
        assert client_for(role).post(ADD, form()).status_code in (302, 403)
    assert not Route.objects.exists()


def test_a_provider_with_a_rule_is_not_deleted(administrator):
    make_provider(is_default=True)
    provider = make_provider()
    rule(provider)
    answer = administrator.post(f"/admin/providers/provider/{provider.pk}/delete/", {"post": "yes"}, follow=True).content.decode()
    assert Provider.objects.filter(pk=provider.pk).exists() and "switch it off instead" in answer
