"""Recurring sends of workflows: out of lists, the home page, campaigns and search until somebody asks for them; what waits for a person is told."""

import pytest
from django.utils import timezone

from campaigns.models import Campaign, Mailing
from campaigns.models.mailing import Role
from campaigns.tests.factories import make_mailing

pytestmark = pytest.mark.django_db
LAUNCHED, DRAFTS = "/sms/mailings/", "/sms/mailings/drafts/"


def a_send(**facts):
    return make_mailing(**{"name": "Birthday of today", "role": Role.SEND, "status": "finished", "finished_at": timezone.now()} | facts)


@pytest.fixture
def look(client_for):
    """`look(address)`: a page as a marketer has it, without the navigation."""
    return lambda address, role="marketer": client_for(role).get(address).content.decode().partition('id="main"')[2]


@pytest.mark.parametrize(("place", "status"), [(LAUNCHED, "finished"), (DRAFTS, "ready"), (DRAFTS, "preparing")])
def test_lists_show_them_when_the_box_is_ticked(look, place, status):
    a_send(status=status)
    make_mailing(name="Open evening", status=status)
    page = look(place)
    assert "Open evening" in page and "Birthday of today" not in page and "not shown" in page
    page = look(f"{place}?recurring=on")
    assert "Open evening" in page and "Birthday of today" in page and "not shown" not in page


def test_a_search_keeps_its_words_when_they_are_shown_too(look):
    a_send()
    page = look(f"{LAUNCHED}?q=birthday")
    assert "No mailing matches" in page and 'href="?q=birthday&amp;recurring=on"' in page


def test_the_list_of_drafts_says_how_many_wait_for_confirmation(look):
    for _number in range(2):
        a_send(status="ready")
    page = look(DRAFTS)
    assert "2 wait for confirmation" in page and "Birthday of today" not in page
    assert look(f"{DRAFTS}?recurring=on&status=ready").count('<th scope="row"') == 2


def test_archived_ones_too(look):
    a_send(archived=True)
    assert "Birthday of today" not in look("/sms/mailings/archived/") and "Birthday of today" in look("/sms/mailings/archived/?recurring=on")


def test_the_home_page_leaves_out_what_goes_its_way(look):
    for facts in ({"name": "Gone"}, {"name": "On its way", "status": "sending"}, {"name": "Being prepared", "status": "preparing"}):
        a_send(**facts)
    make_mailing(name="Open evening", status="finished")
    page = look("/")
    assert "Open evening" in page and page.count("Recurring sends of workflows are not shown.") == 1
    assert not any(name in page for name in ("Gone", "On its way", "Being prepared"))


@pytest.mark.parametrize("status", ["ready", "paused"])
def test_the_home_page_has_what_waits_for_a_person(look, status):
    a_send(status=status)
    assert "Birthday of today" in look("/")


def test_a_campaign_counts_them_and_shows_them_when_the_box_is_ticked(look):
    campaign = Campaign.objects.create(name="Winter")
    send = a_send(campaign=campaign)
    page = look(f"/sms/campaigns/{campaign.pk}/")
    assert "Birthday of today" not in page and "Nothing but recurring sends is filed here." in page
    assert f"/sms/mailings/?campaign={campaign.pk}&amp;recurring=on&amp;status=finished" in page
    assert "Birthday of today" in look(f"/sms/campaigns/{campaign.pk}/?recurring=on")
    Mailing.objects.filter(pk=send.pk).update(role="")
    page = look(f"/sms/campaigns/{campaign.pk}/")
    assert "Birthday of today" in page and "Show recurring sends" not in page


def test_search_finds_other_mailings(look):
    a_send()
    make_mailing(name="Birthday party")
    page = look("/search/?q=birthday")
    assert "Birthday party" in page and "Birthday of today" not in page
