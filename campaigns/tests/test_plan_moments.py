"""The plan judges from the moment when the mailing leaves: hours of rest, the hour for those who get it, the day that a text names."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils import timezone

from campaigns.models import Mailing, Message
from campaigns.pipeline import drift
from campaigns.pipeline.prepare import prepare
from campaigns.pipeline.rested import Before
from campaigns.services import mailings
from campaigns.services.prepared import plan_of
from campaigns.tests.factories import fictional, make_mailing, make_provider, make_ready, texted
from campaigns.wizard import checks, moment_checks
from campaigns.wizard.moment_checks import NOW, Start
from contacts.models import Activity, Membership
from contacts.smart.patience import TookTooLong
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
STOP = "Hello STOP au 36111"
NOON, NIGHT = datetime(2026, 11, 25, 11, 0, tzinfo=UTC), datetime(2026, 11, 25, 2, 46, tzinfo=UTC)  # 03:46 in Paris


def told(mailing, start=NOW):
    mailing.refresh_from_db()
    return {check.title: check for check in moment_checks.of(mailing, plan_of(mailing), start)}


def times(mailing, at=None, **changes):
    when = {"when": "at", "day": f"{at:%Y-%m-%d}", "hour": f"{at:%H:%M}"} if at else {"when": "now"}
    return f"/sms/mailings/{mailing.pk}/plan/times/", {"version": mailing.version, **when, **changes}


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False):
        yield NOON


# --- hours of rest ---


def test_who_was_texted_today_has_rested_by_the_day_after_tomorrow(noon, three):
    mailing = make_ready(make_group(*three), text=STOP)
    assert "1 person was texted not long ago" in told(mailing)
    assert not told(mailing, Start(noon + timedelta(days=2)))
    found = told(mailing, Start(noon + timedelta(hours=4)))["1 recipient will have been texted within 24 h before it leaves"]
    assert "1 has had a text already." in found.text


def test_what_is_scheduled_before_counts_and_is_named(noon, three, client_for):
    other = make_ready(make_group(*three[1:]), text="Other. STOP", name="Spring sale")
    mailings.confirm(other, None, noon + timedelta(days=2))
    mailing = make_ready(make_group(*three), text=STOP)
    found = told(mailing, Start(noon + timedelta(days=2, hours=3)))["2 recipients will have been texted within 24 h before it leaves"]
    assert "For 2 another text is scheduled: “Spring sale”." in found.text and "already" not in found.text
    people = client_for("author").get(found.url).content.decode()
    assert "Ben Aubert" in people and "Ana Aubert" not in people
    assert not told(mailing, Start(noon + timedelta(days=2))), "it is not before that"
    assert not told(mailing, Start(noon + timedelta(days=4)))


def test_a_one_off_that_is_scheduled_before_counts(noon, three):
    mailing = make_ready(make_group(*three), text=STOP)
    Message.objects.create(provider=make_provider(), kind=Message.Kind.ONE_OFF, contact=three[2], number=fictional(2), text="x", scheduled_at=noon + timedelta(days=3))
    found = told(mailing, Start(noon + timedelta(days=3, hours=1)))["1 recipient will have been texted within 24 h before it leaves"]
    assert "another text is scheduled: a one-off text" in found.text


def test_who_is_left_out_today_and_would_have_rested_is_told(noon, three):
    mailing = make_ready(make_group(*three), text=STOP, rest_hours=24)
    title = "Who was texted within 24 hours is left out"
    assert told(mailing)[title].tone == "green"
    later = told(mailing, Start(noon + timedelta(days=2)))[title]
    assert later.tone == "yellow" and "long enough ago for 1 of them" in later.text
    assert "judged once more" in told(mailing, Start(noon + timedelta(days=2), recount=True))[title].text


def test_the_page_of_a_scheduled_mailing_judges_from_its_time(noon, three, client_for):
    mailing = make_ready(make_group(*three), text=STOP)
    mailings.confirm(mailing, None, noon + timedelta(days=2))
    page = client_for("viewer").get(f"/sms/mailings/{mailing.pk}/").content.decode()
    assert "not long" not in page and "will have been texted" not in page
    Mailing.objects.update(scheduled_at=noon + timedelta(hours=2))
    assert "1 recipient will have been texted within 24 h before it leaves" in client_for("viewer").get(f"/sms/mailings/{mailing.pk}/").content.decode()


def test_the_checks_follow_the_chosen_time(noon, three, client_for):
    mailing, client = make_ready(make_group(*three), text=STOP), client_for("marketer", time_zone="Europe/Paris")
    now = client.get(*times(mailing)).content.decode()
    assert 'id="plan-checks"' in now and 'hx-swap-oob="true"' in now and "was texted not long ago" in now
    later = client.get(*times(mailing, noon + timedelta(days=2))).content.decode()
    assert 'id="plan-checks"' in later and "not long" not in later and "will have been texted" not in later


def test_now_is_judged_from_now_and_leaves_out_as_many(three, client_for):
    """Ben and Chloé get another text after the plan was made."""
    with time_machine.travel(NOON, tick=False):
        mailing = make_ready(make_group(*three), text=STOP)
    with time_machine.travel(NOON + timedelta(minutes=20), tick=False):
        Activity.objects.all().delete()
        for person in three[1:]:
            texted(person, 0)
        client = client_for("marketer")
        assert "2 people were texted not long ago" in client.get(*times(mailing)).content.decode()
        asked = client.post(f"/sms/mailings/{mailing.pk}/plan/", {"do": "launch", "version": mailing.version, "when": "now"}).content.decode()
        assert "2 people were texted not long ago" in asked, "the question says it too"
        people = client.get(moment_checks.of(mailing, plan_of(mailing), NOW, look=True)[0].url).content.decode()
        assert "Ben Aubert" in people and "Chloé Aubert" in people and "Ana Aubert" not in people
        client.post(f"/sms/mailings/{mailing.pk}/plan/", {"do": "rest", "version": mailing.version})
        prepare(mailing.pk)
        mailing.refresh_from_db()
        assert plan_of(mailing).excluded == {"texted_recently": 2}


def test_a_count_that_takes_too_long_says_so(noon, three, monkeypatch):
    mailing = make_ready(make_group(*three), text=STOP)

    def slow(before):
        raise TookTooLong

    monkeypatch.setattr(Before, "texted", slow)
    (check,) = moment_checks.of(mailing, plan_of(mailing), NOW, look=True)
    assert "could not be counted in time" in check.title


def test_how_to_leave_out_is_said_beside_its_button_alone(noon, three, client_for):
    mailing, client = make_ready(make_group(*three), text=STOP), client_for("marketer", time_zone="Europe/Paris")
    soon, advice = noon + timedelta(hours=4), "To leave them out, press the button"
    assert advice in client.get(*times(mailing, soon)).content.decode()
    asked = client.post(f"/sms/mailings/{mailing.pk}/plan/", {"do": "launch", **times(mailing, soon)[1]}).content.decode()
    assert "1 recipient will have been texted" in asked and advice not in asked
    mailings.confirm(mailing, None, soon)
    page = client.get(f"/sms/mailings/{mailing.pk}/").content.decode()
    assert "1 recipient will have been texted" in page and advice not in page


@pytest.mark.parametrize("before", ["", "x", "2026-11-25", "0001-01-01T00:00:00+00:00", "9999-12-31T23:59:59+00:00", "\x00"])
def test_nonsense_narrows_nothing(three, client_for, before):
    mailing = make_ready(make_group(*three), text=STOP)
    page = client_for("viewer").get(f"/sms/mailings/{mailing.pk}/messages/", {"before": before})
    assert page.status_code == 200 and "Chloé" in page.content.decode()


# --- the hour ---


def test_sending_at_night_is_told_with_the_hour(three, client_for):
    with time_machine.travel(NIGHT, tick=False):
        mailing = make_ready(make_group(*three), text=STOP)
        check = told(mailing)["3 recipients get it at night"]
        assert "France 03:46" in check.text and check.tone == "yellow"
        page = client_for("marketer").get(f"/sms/mailings/{mailing.pk}/plan/").content.decode()
        assert "get it at night" in page and "Nothing stands in the way" not in page
        asked = client_for("marketer").post(f"/sms/mailings/{mailing.pk}/plan/", {"do": "launch", "version": mailing.version, "when": "now"}).content.decode()
        assert "get it at night" in asked, "the question says it too"
        assert not any("night" in title for title in told(mailing, Start(NOON)))


def test_night_is_where_they_live(noon):
    people = [make_contact("+447700900142"), make_contact("+12025550142")]
    mailing = make_ready(make_group(*people), text=STOP)
    check = told(mailing)["1 recipient gets it at night"]
    assert "United States 06:00" in check.text and "United Kingdom" not in check.text


@pytest.mark.parametrize(
    ("hour", "title", "words"),
    [
        (11, "1 recipient gets it at night", "United States 03:00"),
        (15, "1 recipient gets it at night", "United States 07:00"),
        (18, None, ""),  # by the earliest clock of the country it would be night in Hawaii
    ],
)
def test_the_area_code_tells_the_zone_of_a_number(noon, hour, title, words):
    people = [make_contact("+13105550142"), make_contact("+33639980001"), make_contact("+79161234567" if hour < 18 else "+33639980002")]
    found = told(make_ready(make_group(*people), text=STOP), Start(datetime(2026, 11, 26, hour, tzinfo=UTC)))
    about_night = {name: check for name, check in found.items() if "night" in name}
    assert list(about_night) == ([title] if title else []) and all(words in check.text for check in about_night.values())


def test_where_a_number_leaves_the_zone_open_it_may_be_night(noon):
    """Portuguese mobiles are at home on the mainland or on the Azores, where it is an hour earlier."""
    morning = datetime(2026, 11, 26, 8, 30, tzinfo=UTC)  # 08:30 and 07:30
    mailing = make_ready(make_group(make_contact("+351912345678"), make_contact("+13105550142")), text=STOP)
    check = told(mailing, Start(morning))["1 recipient gets it at night"]
    assert "1 more may get it at night." in check.text and "leaves open in which time zone" in check.text and "Portugal from 07:30 to 08:30, by place" in check.text
    assert "1 recipient may get it at night" in told(make_ready(make_group(make_contact("+351912345679")), text=STOP), Start(morning))


def test_a_plan_of_an_earlier_version_judges_by_country(noon):
    mailing = make_ready(make_group(make_contact("+13105550142")), text=STOP)
    Mailing.objects.update(plan={name: value for name, value in Mailing.objects.get().plan.items() if name != "places"})
    assert "1 recipient may get it at night" in told(mailing, Start(noon + timedelta(days=1, hours=4)))


def test_a_mailing_that_goes_on_into_the_night_is_told(noon, three):
    evening = datetime(2026, 11, 25, 19, 59, 58, tzinfo=UTC)
    mailing = make_ready(make_group(*three), text=STOP, provider=make_provider(rate=1))
    assert "3 recipients may get it at night" in told(mailing, Start(evening))


# --- the day ---


def test_a_text_with_its_day_is_warned_of_before_the_question(noon, three, client_for):
    mailing = make_ready(make_group(three[2]), text="On {mailing.date}. STOP")
    tomorrow = noon + timedelta(days=1)
    assert not told(mailing) and not told(mailing, Start(tomorrow, recount=True))
    assert "would go on 26/11/2026" in told(mailing, Start(tomorrow))["The text names another day than that of sending"].text
    client = client_for("marketer", time_zone="Europe/Paris")
    assert "names another day" in client.get(*times(mailing, tomorrow)).content.decode()
    launch = {"do": "launch", **times(mailing, tomorrow)[1]}
    page = client.post(f"/sms/mailings/{mailing.pk}/plan/", launch).content.decode()
    assert "This needs a look" in page and "would go on 26/11/2026" in page and 'name="sure"' not in page
    assert 'name="sure"' in client.post(f"/sms/mailings/{mailing.pk}/plan/", launch | {"recount": "on"}).content.decode()


# --- who came and left ---


def test_who_came_and_left_since_the_plan_is_told_with_the_button(three, client_for):
    group = make_group(*three[:2])
    mailing, client = make_ready(group, text=STOP), client_for("author")
    assert not drift.since_plan(mailing)
    Membership.objects.filter(group=group, contact=three[0]).delete()
    Membership.objects.bulk_create(Membership(group=group, contact=contact) for contact in (three[2], make_contact(None)))
    assert drift.since_plan(mailing) == drift.Drift(came=2, went=1)
    page = client.get(*times(mailing)).content.decode()
    assert "Who is chosen has changed since this plan was made" in page and "2 people came" in page and "1 left" in page and 'value="anew"' in page
    assert "has changed since" not in client.get(*times(mailing, timezone.now() + timedelta(days=1), recount="on")).content.decode()
    assert "2 people came" in client.get(f"/sms/mailings/{mailing.pk}/plan/?look=1").content.decode(), "without script"
    assert "2 people came" not in client.get(f"/sms/mailings/{mailing.pk}/plan/").content.decode(), "the page waits for no count"


def test_who_is_left_out_by_a_reason_has_not_come(three):
    mailing = make_ready(make_group(*three, make_contact(None)), text=STOP)
    assert not drift.since_plan(mailing) and not checks.since_plan(mailing)


def test_a_draft_has_no_checks_to_follow(three, client_for):
    draft = make_mailing(make_group(*three))
    assert "plan-checks" not in client_for("author").get(*times(draft)).content.decode()
