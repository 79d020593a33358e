"""First and last text, here and where the recipients live."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from campaigns.forecast import Forecast
from campaigns.pipeline.prepare import prepare
from campaigns.plans import Plan, Share
from campaigns.services import mailings
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready
from campaigns.wizard import times
from contacts.tests.factories import make_contact, make_group
from smsapp.common import zones

PARIS = ZoneInfo("Europe/Paris")
NOON = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)  # in Paris


def plan_to(*regions, texts=60, rate=1):
    return Plan("2026-11-25T10:00:00+00:00", by_segments={"1": Share(texts, texts)}, by_country={region: Share(1, 1) for region in regions}, rate=rate)


def in_a_minute(start):
    return Forecast(start, start + timedelta(minutes=1))


def told(window):
    return window.place, window.first.strftime("%H:%M"), window.last.strftime("%H:%M"), window.other_day, window.several


@pytest.mark.parametrize("region", ["FR", "GB", "TN", "US", "AQ", "XK", "", "ZZ"])
def test_every_country_has_zones_or_none_and_never_breaks(region):
    assert all(ZoneInfo(name) for name in zones.of_country(region))


def test_the_reader_s_own_clock_comes_first_and_countries_that_agree_are_left_out():
    found = times.of(plan_to("FR", "DE", "GB", "", "ZZ"), in_a_minute(NOON), PARIS, "Paris")
    assert told(found.own) == ("Paris", "12:00", "12:01", False, False)
    assert [told(there) for there in found.others] == [("United Kingdom", "11:00", "11:01", False, False)]


def test_a_wide_country_goes_from_its_earliest_to_its_latest_clock():
    (there,) = times.of(plan_to("US"), in_a_minute(NOON), PARIS, "Paris").others
    assert told(there) == ("United States", "01:00", "06:01", False, True)


def test_another_day_is_told():
    (there,) = times.of(plan_to("JP"), in_a_minute(datetime(2026, 11, 25, 20, 0, tzinfo=UTC)), PARIS, "Paris").others
    assert told(there) == ("Japan", "05:00", "05:01", True, False)


@pytest.mark.django_db
def test_the_page_says_when_and_follows_the_chosen_start(client_for):
    people = make_group(make_contact(fictional(1)), make_contact("+447700900142"))
    mailing = make_ready(people, provider=make_provider(rate=1))
    client = client_for("marketer", time_zone="Europe/Paris")
    page = client.get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
    assert "First text on" in page and "United Kingdom" in page and "(Paris)" in page
    url, day = f"/sms/mailings/{mailing.pk}/plan/times/", (timezone.localdate() + timedelta(days=3)).isoformat()
    there = client.get(url, {"version": 0, "when": "at", "day": day, "hour": "14:00"}).content.decode()
    assert "at 14:00, the last at about 14:00" in there and "United Kingdom: 13:00" in there and "<html" not in there


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"when": "at", "day": "2020-01-01", "hour": "10:00"}, "is past"), ({"when": "at", "day": "", "hour": ""}, "Say the date"),
        ({"when": "at", "day": "2027-03-28", "hour": "02:30"}, "does not exist"), ({"when": "at", "day": "2027-10-31", "hour": "02:30"}, "comes twice"),
        ({"when": "x"}, "not among the choices"), ({}, ""), ({"when": "at", "day": "\x00", "hour": "9" * 99}, ""),
    ],
)  # fmt: skip
def test_a_start_that_cannot_be_says_so_at_once(client_for, asked, words):
    mailing = make_ready(make_people(1))
    answer = client_for("marketer", time_zone="Europe/Paris").get(f"/sms/mailings/{mailing.pk}/plan/times/", {"version": 0} | asked)
    assert answer.status_code == 200 and words in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("staff", 403), ("author", 200), ("marketer", 200), ("administrator", 200)])
def test_who_may_ask(client_for, role, status):
    draft = make_mailing(make_people(1))
    assert client_for(role).get(f"/sms/mailings/{draft.pk}/plan/times/").status_code == status


# --- how far the preparation is ---


@pytest.mark.django_db
def test_the_preparation_says_how_fast_it_is_and_how_long_it_takes(client_for):
    mailing, client = mailings.prepare(make_mailing(make_people(2)), None), client_for("author")
    url = f"/sms/mailings/{mailing.pk}/plan/progress/"
    assert "people are being chosen" in client.get(url).content.decode()
    type(mailing).objects.filter(pk=mailing.pk).update(targeted=200, audience_size=1200)
    mailing.events.update(at=timezone.now() - timedelta(seconds=20))
    assert "200 of 1,200 people looked at. Nothing leaves. 10 a second, about 2 min to go." in client.get(url).content.decode()
    type(mailing).objects.filter(pk=mailing.pk).update(targeted=1200)
    assert "being added up" in client.get(url).content.decode()
    prepare(mailing.pk)
    assert client.get(url)["HX-Refresh"] == "true"
