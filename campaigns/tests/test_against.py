"""Plan and actual: what was confirmed beside what came of it, with the differences explained."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import Mailing
from campaigns.plans import Plan
from campaigns.services import mailings
from campaigns.tests.factories import fictional, make_hours, make_people, make_provider, make_ready
from campaigns.tests.test_quiet_hours import EVENING, MORNING, NOON, work
from campaigns.tests.working import send_all
from campaigns.wizard import forecasts
from contacts.models import Contact
from contacts.tests.factories import make_contact, make_group
from providers.models import Provider

pytestmark = [pytest.mark.django_db(transaction=True)]
TEXT = "Hello {contact.first_name}, our open evening begins on Thursday at 18:00, at the old mill. STOP au 36111"


def page_of(client_for, mailing):
    return client_for("viewer").get(f"/sms/mailings/{mailing.pk}/").content.decode()


def against(page):
    start = page.index('id="against"')
    return page[start : page.index("</section>", start)]


def test_as_planned_is_said(client_for, gateway):
    mailing = make_ready(make_people(4), text=TEXT, provider=make_provider(price_per_segment="0.05"))
    send_all(mailings.confirm(mailing, None))
    words = against(page_of(client_for, mailing))
    assert "As planned" in words and words.count(">4<") == 4 and words.count("€0.20") == 2


def test_what_happens_after_the_confirmation_is_explained(client_for, gateway):
    group = make_people(4)
    mailing = mailings.confirm(make_ready(group, text=TEXT, provider=make_provider(price_per_segment="0.10")), None)
    Contact.objects.filter(pk=group.memberships.first().contact_id).update(opted_out=True)
    Provider.objects.update(price_per_segment="0.90")  # after it was confirmed: another mailing's price
    words = against(page_of(client_for, mailing))
    assert "So far" in words and "Still to go" in words and "€0.40" in words
    send_all(mailing)
    words = against(page_of(client_for, mailing))
    assert "Actual" in words and "Left out just before sending: Opted out" in words and "−1" in words
    assert "€0.30" in words and "As planned" not in words


def test_a_cancelled_mailing_says_how_many_did_not_leave(client_for):
    mailing = mailings.cancel(mailings.confirm(make_ready(make_people(3)), None), None)
    words = against(page_of(client_for, mailing))
    assert "Cancelled before they left" in words and "−3" in words


def test_it_moves_with_the_page(client_for):
    mailing = mailings.confirm(make_ready(make_people(2)), None)
    assert 'id="against"' in client_for("viewer").get(f"/sms/mailings/{mailing.pk}/progress/").content.decode()


def test_nothing_to_compare_before_somebody_confirmed_it_or_before_plans_were_kept(client_for):
    ready = make_ready(make_people(1))
    assert 'id="against"' not in page_of(client_for, ready)
    launched = mailings.confirm(ready, None)
    Mailing.objects.update(planned={})
    assert 'id="against"' not in page_of(client_for, launched)


def test_taken_back_means_that_nobody_confirmed_it():
    mailing = make_ready(make_people(1))
    mailings.confirm(mailing, None, at=timezone.now() + timedelta(hours=1))
    mailings.take_back(mailing, None)
    mailing.refresh_from_db()
    assert (mailing.planned, mailing.plan, mailing.confirmed_at) == ({}, {}, None)


def test_a_mailing_that_went_out_counts_as_texted(gateway):
    group = make_people(2)
    send_all(mailings.confirm(make_ready(group, text="First"), None))
    assert Plan.read(make_ready(group, text="Second").plan).recent == 2


# --- quiet hours are no delay ---


def told(client_for, mailing):
    """The page's words on time: {label: (plan, actual)}."""
    rows = re.findall(r'<tr><th scope="row">([^<]*).*?<td[^>]*>([^<]*)</td><td[^>]*>([^<]*)</td>', against(page_of(client_for, mailing)))
    return {label: (planned, actual) for label, planned, actual in rows}


def test_the_night_is_waited_for_as_planned(clock, gateway, client_for):
    clock.set(EVENING)  # 11 hours before the morning
    make_hours("FR")
    mailing = mailings.confirm(make_ready(make_people(3), provider=make_provider(rate=1)), None)
    work(mailing)
    clock.set(EVENING + timedelta(hours=2))
    words = told(client_for, mailing)
    assert words["Waited for quiet hours"] == ("11 h 0 min", "2 h 0 min") and words["Duration"][1] == "0 s" and "Later than planned" not in words
    clock.set(MORNING)
    work(mailing)
    words = told(client_for, mailing)
    assert mailing.finished_at and words["Waited for quiet hours"] == ("11 h 0 min", "11 h 0 min")
    assert "Later than planned" not in words and words["Duration"][1] in ("0 s", "1 s", "2 s", "3 s")


def test_what_is_later_than_the_plan_with_its_night_is_late(clock, gateway, client_for):
    clock.set(EVENING)
    make_hours("FR")
    mailing = mailings.confirm(make_ready(make_people(3)), None)
    mailings.pause(mailing, None)
    clock.set(MORNING + timedelta(hours=3))
    mailings.resume(mailing, None)
    work(mailing)
    words = told(client_for, mailing)
    assert words["Later than planned"][1] == "3 h 0 min" and words["Waited for quiet hours"][1] == "11 h 0 min"
    assert words["Duration"][1] == "3 h 0 min"


def test_while_others_may_be_texted_nothing_waits_for_all(clock, gateway, client_for):
    """An hour of texts to a country without a rule is an hour of sending."""
    clock.set(EVENING)
    make_hours("FR")
    both = make_group(make_contact(fictional(1)), *[make_contact(f"+4477009000{n:02d}") for n in range(10, 70)])
    mailing = mailings.confirm(make_ready(both, provider=make_provider(rate=1)), None)
    assert forecasts.Course.of(Plan.read(mailing.planned), EVENING).waited(MORNING) <= timedelta(hours=11) - timedelta(seconds=60)


def test_without_quiet_hours_only_the_plan_s_own_time_counts(clock, gateway, client_for):
    clock.set(NOON)
    mailing = mailings.confirm(make_ready(make_people(2)), None)
    clock.forward(minutes=30)
    words = told(client_for, mailing)
    assert "Waited for quiet hours" not in words and words["Later than planned"][1] == "30 min"
