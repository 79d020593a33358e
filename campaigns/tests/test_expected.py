"""The page of a mailing that has not begun says what it will do: key figures, cost, what to look at."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.services import mailings
from campaigns.tests.factories import fictional, make_provider, make_ready, make_sending
from contacts.tests.factories import make_contact, make_group
from providers.models import Provider

pytestmark = pytest.mark.django_db
TEXT = "Hello {contact.first_name}, our open evening begins on Thursday at 18:00."


def ready(**changes):
    group = make_group(make_contact(fictional(1), first_name=""), make_contact(fictional(2)), make_contact(None))
    return make_ready(group, text=TEXT, provider=make_provider(price_per_segment="0.10"), **changes)


def section(client, mailing):
    page = client.get(f"/sms/mailings/{mailing.pk}/").content.decode()
    start = page.find('aria-labelledby="expected"')
    return page[start : page.index("</section>", start)] if start >= 0 else ""


def test_a_prepared_mailing_says_what_it_costs_what_to_check_and_where_the_plan_is(client_for):
    mailing = ready()
    words = section(client_for("author"), mailing)
    assert "of 3 chosen" in words and "€0.20" in words
    assert "The text does not say how to stop" in words and "1 person has nothing for {contact.first_name}" in words
    assert f'href="/sms/mailings/{mailing.pk}/plan/"' in words
    assert "/plan/" not in section(client_for("viewer"), mailing)


def test_a_scheduled_mailing_keeps_the_price_that_was_confirmed_and_says_what_would_stop_it(client_for):
    mailing = mailings.confirm(ready(), None, at=timezone.now() + timedelta(days=1))
    Provider.objects.update(price_per_segment="0.90", lane=Provider.Lane.PAUSED)
    words = section(client_for("viewer"), mailing)
    assert "€0.20" in words and "is paused" in words and "more than an hour old" not in words
    assert "Plan and actual" not in client_for("viewer").get(f"/sms/mailings/{mailing.pk}/").content.decode(), "there is nothing to compare yet"
    assert section(client_for("viewer"), mailings.pause(mailing, None))


def test_one_that_has_begun_shows_plan_and_actual_instead(client_for):
    mailing = make_sending(make_group(make_contact(fictional(1))))
    page = client_for("viewer").get(f"/sms/mailings/{mailing.pk}/").content.decode()
    assert 'id="against"' in page and 'aria-labelledby="expected"' not in page
