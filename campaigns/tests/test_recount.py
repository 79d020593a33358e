"""Recipients recalculated at send time: prepared again when due, sent without another question, unless it grew too much."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.utils import timezone

from campaigns.models import Mailing, MailingEvent, Message
from campaigns.pipeline.prepare import prepare
from campaigns.plans import Plan
from campaigns.services import mailings, rounds
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready
from contacts.models import Contact, Group
from contacts.tests.factories import make_contact
from providers.models import Provider

pytestmark = pytest.mark.django_db


def scheduled(group, **changes):
    return mailings.confirm(make_ready(group, **changes), None, at=timezone.now() + timedelta(hours=1), recount=True)


def come_due(mailing):
    Mailing.objects.filter(pk=mailing.pk).update(scheduled_at=timezone.now() - timedelta(seconds=1))
    rounds.look_around()
    mailing.refresh_from_db()


def join(group, *indexes, **changes):
    for index in indexes:
        group.memberships.create(contact=make_contact(fictional(index), **changes))


def test_who_joined_gets_the_text_and_who_left_does_not(user_for):
    group = make_people(10)
    mailing = scheduled(group)
    left = group.memberships.first()
    left.delete()
    join(group, 50, 51)
    come_due(mailing)
    assert mailing.status == MailingStatus.PREPARING
    assert prepare(mailing.pk)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.SENDING and mailing.started_at
    assert set(Message.objects.filter(mailing=mailing).values_list("contact_id", flat=True)) == set(group.memberships.values_list("contact_id", flat=True))
    assert (Plan.read(mailing.planned).recipients, Plan.read(mailing.planned).confirmed) == (11, 10)
    assert not mailing.chunks.exclude(state=1).exists()


def test_it_is_prepared_and_sent_once_however_often_the_tick_comes():
    mailing = scheduled(make_people(3))
    for _tick in range(3):
        come_due(mailing)
    for _worker in range(3):
        prepare(mailing.pk)
    come_due(mailing)
    statuses = list(MailingEvent.objects.filter(mailing=mailing).order_by("id").values_list("status", flat=True))
    assert statuses == ["preparing", "ready", "scheduled", "preparing", "ready", "sending"]
    assert Message.objects.filter(mailing=mailing).count() == 3


@pytest.mark.parametrize(("more", "status"), [(2, MailingStatus.SENDING), (3, MailingStatus.READY)])
def test_more_than_a_fifth_more_people_wait_for_somebody(more, status):
    group = make_people(10)
    mailing = scheduled(group)
    join(group, *range(100, 100 + more))
    come_due(mailing)
    prepare(mailing.pk)
    mailing.refresh_from_db()
    assert mailing.status == status
    assert ("grew from 10 to 13 people" in mailing.problem) == (status == MailingStatus.READY)


def test_waiting_it_is_an_unconfirmed_plan_that_says_why_and_can_be_sent(client_for):
    group = make_people(2)
    mailing = scheduled(group)
    join(group, 100)
    come_due(mailing)
    prepare(mailing.pk)
    mailing.refresh_from_db()
    assert (mailing.confirmed_at, mailing.scheduled_at, mailing.planned, mailing.recount) == (None, None, {}, False)
    for url in (f"/sms/mailings/{mailing.pk}/plan/", f"/sms/mailings/{mailing.pk}/"):
        page = client_for("marketer").get(url).content.decode()
        assert "It waits for you" in page and "grew from 2 to 3 people" in page
    assert mailings.confirm(mailing, None).status == MailingStatus.SENDING


def test_a_cost_that_grew_waits_too():
    mailing = scheduled(make_people(2), provider=make_provider(price_per_segment="0.10"))
    Provider.objects.update(price_per_segment="0.20")
    come_due(mailing)
    prepare(mailing.pk)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY and "The cost grew from €0.20 to €0.40" in mailing.problem


def test_nobody_left_waits_with_the_reason():
    mailing = scheduled(make_people(2))
    Contact.objects.update(opted_out=True)
    come_due(mailing)
    prepare(mailing.pk)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY and "Nobody would get this text" in mailing.problem


def test_a_paused_lane_does_not_stop_it_but_lets_it_wait_in_the_queue():
    mailing = scheduled(make_people(2))
    Provider.objects.update(lane=Provider.Lane.PAUSED)
    come_due(mailing)
    prepare(mailing.pk)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.SENDING


def test_stopped_meanwhile_it_is_a_draft_that_goes_nowhere_by_itself():
    mailing = scheduled(make_people(2))
    come_due(mailing)
    mailings.take_back(mailing, None, only_from=(MailingStatus.PREPARING,))
    prepare(mailing.pk)
    mailings.prepare(mailing, None)
    prepare(mailing.pk)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


def test_without_the_choice_it_goes_as_it_was_confirmed():
    group = make_people(2)
    mailing = mailings.confirm(make_ready(group), None, at=timezone.now() + timedelta(hours=1))
    join(group, 100)
    come_due(mailing)
    assert mailing.status == MailingStatus.SENDING and Message.objects.filter(mailing=mailing).count() == 2


def test_now_needs_no_recalculation():
    mailing = mailings.confirm(make_ready(make_people(1)), None, recount=True)
    assert (mailing.status, mailing.recount) == (MailingStatus.SENDING, False)


def test_the_choice_is_made_in_step_3_and_asked_once_more(client_for):
    mailing, client = make_ready(make_people(1)), client_for("marketer")
    day = timezone.localdate() + timedelta(days=1)
    data = {"version": mailing.version, "when": "at", "day": day.isoformat(), "hour": "09:00", "recount": "on", "do": "launch"}
    url = f"/sms/mailings/{mailing.pk}/plan/"
    question = client.post(url, data).content.decode()
    assert "The recipients are recalculated at that time" in question and 'name="recount" value="on"' in question
    client.post(url, data | {"sure": "1"})
    mailing.refresh_from_db()
    assert (mailing.status, mailing.recount) == (MailingStatus.SCHEDULED, True)


def test_what_can_no_longer_be_prepared_is_a_draft_that_says_why(client_for):
    mailing = scheduled(make_people(1))
    Group.objects.all().delete()
    come_due(mailing)
    assert mailing.status == MailingStatus.DRAFT and "Nobody is chosen yet" in mailing.problem
    assert "It waits for you" in client_for("viewer").get(f"/sms/mailings/{mailing.pk}/").content.decode()


def test_texts_that_grew_wait_for_somebody_even_without_a_price():
    group = make_people(4)
    mailing = scheduled(group, text="Hello {contact.first_name}" + "!" * 130, max_segments=2)
    Contact.objects.update(first_name="L" * 60)
    come_due(mailing)
    prepare(mailing.pk)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY and "grew from 4 to 8 segments" in mailing.problem


def test_while_it_is_recounted_only_who_may_launch_can_call_it_off(client_for):
    mailing = scheduled(make_people(2))
    come_due(mailing)
    author, url = client_for("author"), f"/sms/mailings/{mailing.pk}"
    assert author.post(f"{url}/stop/").status_code == 403
    author.post(f"{url}/delete/")
    author.post(f"{url}/content/", {"version": mailing.version, "text": "Another text", "do": "later"})
    mailing.refresh_from_db()
    assert (mailing.status, mailing.text) == (MailingStatus.PREPARING, "Hello {contact.first_name}")
    client_for("marketer").post(f"{url}/stop/")
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.DRAFT


def test_the_mailing_says_that_it_will_be_recounted(client_for):
    mailing = scheduled(make_people(1))
    assert "Recipients are recalculated then." in client_for("viewer").get(f"/sms/mailings/{mailing.pk}/").content.decode()


def test_the_log_says_what_came_of_it():
    mailing = scheduled(make_people(1))
    come_due(mailing)
    prepare(mailing.pk)
    assert "sent after recount" in LogEntry.objects.get_for_object(mailing).latest().changes


# --- while it runs ---


def test_it_can_be_paused_meanwhile_and_then_waits(client_for, user_for):
    mailing = scheduled(make_people(2))
    come_due(mailing)
    url = f"/sms/mailings/{mailing.pk}/"
    page = client_for("marketer").get(url).content.decode()
    assert f"{url}hold/" in page and f"{url}stop/" in page and f"{url}delete/" not in page
    assert f"{url}hold/" not in client_for("author").get(url).content.decode()
    assert client_for("author").post(f"{url}hold/").status_code == 403
    client_for("marketer").post(f"{url}hold/")
    prepare(mailing.pk)
    mailing.refresh_from_db()
    assert (mailing.status, mailing.confirmed_at, mailing.recount) == (MailingStatus.READY, None, False)
    assert "It was paused while" in mailing.problem and "It was paused while" in client_for("author").get(f"{url}plan/").content.decode()
    assert mailings.confirm(mailing, user_for("marketer")).status == MailingStatus.SENDING


def test_an_ordinary_preparation_is_not_paused(client_for):
    mailing = mailings.prepare(make_mailing(make_people(1)), None)
    url = f"/sms/mailings/{mailing.pk}/"
    assert f"{url}hold/" not in client_for("marketer").get(url).content.decode()
    assert "not possible now" in client_for("marketer").post(f"{url}hold/", follow=True).content.decode()


def test_a_plan_that_waits_can_be_cancelled_by_those_who_launch(client_for):
    mailing = make_ready(make_people(2))
    url = f"/sms/mailings/{mailing.pk}/cancel/"
    assert client_for("author").post(url).status_code == 403
    assert "Cancel the 2 texts not yet gone?" in client_for("marketer").get(url).content.decode()
    client_for("marketer").post(url)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.CANCELLED and not mailing.chunks.filter(state=0).exists()


def test_the_home_page_shows_it_under_way(client_for):
    mailing = scheduled(make_people(2), name="Recounted now")
    come_due(mailing)
    mailings.prepare(make_mailing(make_people(1), name="A mere draft"), None)
    page = client_for("viewer").get("/").content.decode()
    assert "Recounted now" in page and "recipients are recalculated" in page and "A mere draft" not in page
