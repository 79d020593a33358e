"""Names of mailings, campaigns, templates and groups that run leftward are set apart in sentences, so that they turn nothing around them."""

import pytest
from django.urls import reverse

from campaigns.models import Campaign
from campaigns.tests.factories import make_mailing, make_people, make_ready, make_template
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db
NAME, APART = "ערב פתוח", "\u2068ערב פתוח\u2069"


@pytest.fixture
def client(client_for):
    return client_for("marketer")


def test_a_mailing(client):
    mailing = make_mailing(make_people(1), name=NAME)
    asked = client.get(f"/sms/mailings/{mailing.pk}/delete/").content.decode()
    assert f"Delete the draft “{APART}”?" in asked
    listed = client.get(reverse("campaigns:drafts")).content.decode()
    assert f">{NAME}</a>" in listed, "a name by itself needs no marks"
    ready = make_ready(make_people(1), name=NAME)
    assert f"“{APART}” is on its way." in client.post(reverse("campaigns:plan", args=[ready.pk]), {"version": ready.version, "when": "now", "do": "launch", "sure": "1"}, follow=True).content.decode()


def test_a_campaign_and_a_template(client_for, client):
    campaign, template = Campaign.objects.create(name=NAME), make_template(name=NAME)
    assert f"Edit {APART}" in client.get(reverse("campaigns:campaign_edit", args=[campaign.pk])).content.decode()
    assert f"Edit {APART}" in client.get(reverse("campaigns:template_edit", args=[template.pk])).content.decode()


def test_a_group_on_both_sides(client):
    group = make_group(name=NAME)
    mailing = make_mailing(group)
    address = reverse("campaigns:recipients", args=[mailing.pk])
    page = client.post(address, {"name": "A", "include": group.pk, "exclude": group.pk, "version": mailing.version, "do": "next"}).content.decode()
    assert f"“{APART}”" in page
    assert f"Group: {APART}" in client.get(reverse("contacts:list"), {"group": group.pk}).content.decode()
