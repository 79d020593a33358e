"""Campaigns made, changed, archived and deleted, and mailings filed under them."""

from datetime import date, timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from campaigns.models import Campaign, Mailing
from campaigns.services import campaigns, copies, filing, mailings, putting_away
from campaigns.services.errors import CampaignError
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import make_mailing, make_people, make_ready, make_sending
from contacts.tests.factories import make_group

pytestmark = pytest.mark.django_db
NAMES_IT = "Hello, this is about {mailing.campaign}"


def refused(code):
    return pytest.raises(CampaignError, check=lambda error: error.code == code)


def filed_under(mailing):
    return Mailing.objects.get(pk=mailing.pk).campaign


# --- campaigns ---


@pytest.mark.parametrize("name", ["Été", "ete", " ÉTÉ  ", "e\u0301te\u0301".upper()])
def test_a_name_is_taken_in_any_spelling(name):
    campaigns.create("Été")
    with refused("name_taken"):
        campaigns.create(name)


def test_a_name_of_the_archive_is_said_to_be_there():
    campaigns.archive(campaigns.create("Winter"))
    with pytest.raises(CampaignError, match="The archive has"):
        campaigns.create("winter")


@pytest.mark.parametrize("name", ["", "  ", "\u200b\u2060"])
def test_a_campaign_has_a_name_that_can_be_seen(name):
    with refused("no_campaign_name"):
        campaigns.create(name)


def test_a_campaign_does_not_end_before_it_starts():
    with refused("backwards"):
        campaigns.create("Winter", starts_on=date(2026, 2, 1), ends_on=date(2026, 1, 1))


def test_what_somebody_saved_meanwhile_is_not_overwritten():
    campaign = campaigns.create("Winter")
    campaigns.change(campaign, seen=campaign.updated_at, name="Winter 2026")
    with refused("changed"):
        campaigns.change(campaign, seen=campaign.updated_at, name="Winter 2027")
    assert Campaign.objects.get().name == "Winter 2026"


def test_a_campaign_keeps_its_own_name_when_its_case_changes():
    campaign = campaigns.create("winter")
    assert campaigns.change(campaign, seen=campaign.updated_at, name="Winter").name == "Winter"


def test_only_an_empty_campaign_is_deleted():
    campaign = campaigns.create("Winter")
    mailing = make_mailing(campaign=campaign)
    putting_away.archive(mailing, None)
    with pytest.raises(CampaignError, match="1 mailing is filed"):
        campaigns.delete(campaign)
    filing.file(mailing, None, None)
    campaigns.delete(campaign)
    assert not Campaign.objects.exists()


def test_a_campaign_that_a_smart_group_asks_for_is_kept():
    campaign, other = campaigns.create("Winter"), campaigns.create("Spring")
    make_group(name="Loyal", kind="smart", rules={"any": [{"q": "campaign", "test": "received", "value": [campaign.pk]}]})
    with pytest.raises(CampaignError, match="“Loyal”"):
        campaigns.delete(campaign)
    campaigns.delete(other)


def test_changes_of_a_campaign_are_in_the_audit_log():
    campaign = campaigns.create("Winter")
    campaigns.change(campaign, seen=campaign.updated_at, name="Winter", description="For the friends of the house")
    campaigns.archive(campaign)
    changes = [set(entry.changes) for entry in LogEntry.objects.get_for_object(campaign).order_by("id")][1:]
    assert changes == [{"description"}, {"archived"}]


def test_what_was_deleted_meanwhile_is_told():
    campaign = campaigns.create("Winter")
    Campaign.objects.all().delete()
    for attempt in (lambda: campaigns.change(campaign, seen=campaign.updated_at, name="Spring"), lambda: campaigns.archive(campaign), lambda: campaigns.delete(campaign)):
        with refused("gone"):
            attempt()


# --- filing ---


@pytest.mark.parametrize("make", [make_mailing, make_ready, make_sending])
def test_a_mailing_is_filed_elsewhere_in_any_state(make, user_for):
    mailing = make(make_people(2), campaign=campaigns.create("Winter"))
    spring = campaigns.create("Spring")
    assert filing.file(mailing, spring, user_for("author")).status == mailing.status
    assert filed_under(mailing) == spring
    entry = LogEntry.objects.get_for_object(mailing).get(changes__has_key="filed")
    assert (entry.actor, entry.changes["campaign"], entry.changes["before"]) == (user_for("author"), ["", "Spring"], ["", "Winter"])


def test_filing_twice_changes_nothing_the_second_time():
    mailing, winter = make_mailing(), campaigns.create("Winter")
    once, twice = filing.file(mailing, winter, None), filing.file(mailing, winter, None)
    assert once.campaign == twice.campaign == winter
    assert LogEntry.objects.get_for_object(mailing).count() == 1


def test_whoever_is_confirming_the_plan_meanwhile_is_not_disturbed():
    mailing = make_ready(make_people(1))
    filing.file(mailing, campaigns.create("Winter"), None)
    assert mailings.confirm(mailing, None, version=mailing.version).campaign.name == "Winter"


def test_nothing_is_filed_under_a_campaign_of_the_archive_or_one_that_is_gone():
    mailing, winter = make_mailing(), campaigns.create("Winter")
    campaigns.archive(winter)
    with refused("archived"):
        filing.file(mailing, winter, None)
    Campaign.objects.all().delete()
    for attempt in (lambda: filing.file(mailing, winter, None), lambda: mailings.create(None, "New", campaign=winter)):
        with refused("gone"):
            attempt()


def test_a_mailing_that_was_deleted_meanwhile_is_told():
    mailing = make_mailing()
    Mailing.objects.all().delete()
    with refused("deleted"):
        filing.file(mailing, campaigns.create("Winter"), None)


def test_a_plan_whose_text_names_the_campaign_is_made_anew():
    mailing = make_ready(make_people(1), text=NAMES_IT, campaign=campaigns.create("Winter"))
    assert filing.file(mailing, campaigns.create("Spring"), None).status == MailingStatus.DRAFT


def test_confirmed_texts_that_are_written_later_keep_their_campaign():
    mailing = make_ready(make_people(1), text=NAMES_IT, campaign=campaigns.create("Winter"))
    mailings.confirm(mailing, None, timezone.now() + timedelta(days=1), recount=True)
    with refused("names_it"):
        filing.file(mailing, None, None)
    assert filed_under(mailing).name == "Winter"


def test_many_are_filed_at_once_or_none():
    winter = campaigns.create("Winter")
    one, two, there = make_mailing(), make_mailing(), make_mailing(campaign=winter)
    assert filing.file_many(winter, [one.pk, two.pk, there.pk, 10**9], None) == 2
    assert Mailing.objects.filter(campaign=winter).count() == 3


def test_a_copy_stays_in_the_campaign():
    winter = campaigns.create("Winter")
    assert copies.copy(make_mailing(campaign=winter), None).campaign == winter
