"""Step 3 of a mailing: the plan with its numbers, one launch, now or later."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns.models import MailingEvent
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready, make_sending
from campaigns.texts import Texts
from campaigns.wizard import plan, send
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}


def step(mailing, name):
    return f"/sms/mailings/{mailing.pk}/{name}/"


def body(response):
    return response.content.decode()


def launch(mailing, **changes):
    return {"version": mailing.version, "when": "now", "do": "launch", "sure": "1", **changes}


def test_the_plan_shows_its_numbers_and_the_people_left_out(client_for):
    group = make_group(make_contact(fictional(1)), make_contact(fictional(2), first_name=""), make_contact(None))
    page = body(client_for("marketer").get(step(make_ready(group, provider=make_provider(price_per_segment="0.07")), "plan")))
    assert "of 3 chosen" in page and "Send 2 texts" in page and "€0.14" in page
    assert "1 person has nothing for {contact.first_name}" in page and "reason=no_number" in page


@pytest.mark.parametrize(("price", "total", "rows"), [("0.0336", "€0.13", ["0.07", "0.03", "0.03"]), ("0.0349", "€0.14", ["0.07", "0.04", "0.03"])])
def test_the_costs_of_the_countries_add_up_to_the_total_that_is_shown(client_for, price, total, rows):
    people = [make_contact(fictional(1)), make_contact(fictional(2)), make_contact("+447700900142"), make_contact("+12025550142")]
    mailing = make_ready(make_group(*people), provider=make_provider(price_per_segment=price))
    assert [str(line.cost) for line in plan.page(mailing).countries] == rows
    assert total in body(client_for("marketer").get(step(mailing, "plan")))


def test_opening_the_plan_of_a_draft_offers_to_make_it_and_says_what_is_missing(client_for):
    client = client_for("author")
    assert "Make the plan" in body(client.get(step(make_mailing(make_people(1)), "plan")))
    assert "Include at least one group" in body(client.get(step(make_mailing(), "plan")))


def test_the_progress_of_the_preparation_reloads_the_page_when_it_is_over(client_for):
    mailing, client = mailings.prepare(make_mailing(make_people(2)), None), client_for("author")
    assert "The plan is being made" in body(client.get(step(mailing, "plan")))
    assert "HX-Refresh" not in client.get(f"{step(mailing, 'plan')}progress/")
    prepare(mailing.pk)
    assert client.get(f"{step(mailing, 'plan')}progress/")["HX-Refresh"] == "true"


def test_sending_asks_once_more_with_the_numbers(client_for):
    mailing, client = make_ready(make_people(2)), client_for("marketer")
    data = launch(mailing)
    del data["sure"]
    page = body(client.post(step(mailing, "plan"), data))
    assert "Send 2 texts now?" in page and "people get a text" in page
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


@pytest.mark.parametrize(("many", "price", "words"), [(1, "0.07", "for €0.14 in all"), (1, "0", "What it costs is not known"), (2, "0.07", "")])
def test_a_launch_to_many_is_said_in_a_sentence(client_for, monkeypatch, many, price, words):
    monkeypatch.setattr(send, "MANY", many)
    mailing = make_ready(make_people(2), provider=make_provider(price_per_segment=price))
    data = launch(mailing)
    del data["sure"]
    for headers in ({}, HTMX):
        page = body(client_for("marketer").post(step(mailing, "plan"), data, headers=headers))
        assert ("You are about to text 2 people" in page and words in page) is bool(words)


def test_a_double_submit_launches_once(client_for):
    mailing, client = make_ready(make_people(2)), client_for("marketer")
    for _click in range(3):
        assert client.post(step(mailing, "plan"), launch(mailing))["Location"] == f"/sms/mailings/{mailing.pk}/"
    assert MailingEvent.objects.filter(mailing=mailing, status=MailingStatus.SENDING).count() == 1


def test_authors_see_who_may_launch_and_cannot(client_for, user_for):
    user_for("marketer", first_name="Claire", last_name="Fontaine")
    mailing, client = make_ready(make_people(1)), client_for("author")
    page = body(client.get(step(mailing, "plan")))
    assert "Claire Fontaine" in page and "Send 1 text" not in page
    client.post(step(mailing, "plan"), launch(mailing))
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


def test_scheduling_keeps_the_time_of_the_persons_zone(client_for):
    mailing = make_ready(make_people(1))
    day = timezone.localdate() + timedelta(days=1)
    client_for("marketer", time_zone="Asia/Tokyo").post(step(mailing, "plan"), launch(mailing, when="at", day=day.isoformat(), hour="09:00"))
    mailing.refresh_from_db()
    assert (mailing.status, mailing.scheduled_at.strftime("%H:%M")) == (MailingStatus.SCHEDULED, "00:00")


@pytest.mark.parametrize(
    ("day", "hour", "words"),
    [("2020-01-01", "10:00", "is past"), ("", "10:00", "Say the date"), ("2099-13-45", "25:99", "Not a time that can be read"), ("2027-03-28", "02:30", "does not exist")],
)
def test_times_that_cannot_be_are_refused_in_words(client_for, day, hour, words):
    mailing = make_ready(make_people(1))
    response = client_for("marketer", time_zone="Europe/Paris").post(step(mailing, "plan"), launch(mailing, when="at", day=day, hour=hour))
    assert response.status_code == 200 and words in body(response)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


def test_an_hour_that_comes_twice_is_told_before_it_is_scheduled(client_for):
    mailing = make_ready(make_people(1))
    data = launch(mailing, when="at", day="2027-10-31", hour="02:30")
    del data["sure"]
    assert "comes twice" in body(client_for("marketer", time_zone="Europe/Paris").post(step(mailing, "plan"), data))


def test_a_mistake_in_the_dialog_comes_back_into_the_page(client_for):
    mailing = make_ready(make_people(1))
    response = client_for("marketer").post(step(mailing, "plan"), launch(mailing, when="at", day="2020-01-01", hour="10:00"), headers=HTMX)
    assert response["HX-Retarget"] == "#main"


def test_a_plan_that_somebody_changed_is_not_launched(client_for):
    mailing = make_ready(make_people(1))
    seen = launch(mailing)
    mailings.save_content(mailing, by=None, version=mailing.version, provider=mailing.provider, sender="36111", texts=Texts("Other text"))
    mailings.prepare(mailing, None)
    prepare(mailing.pk)
    response = client_for("marketer").post(step(mailing, "plan"), seen, follow=True)
    assert "Somebody changed this meanwhile" in body(response)
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.READY


def test_nobody_to_text_is_a_blocker_in_words(client_for):
    page = body(client_for("marketer").get(step(make_ready(make_group(make_contact(None))), "plan")))
    assert "Nobody would get this text" in page and "disabled" in page


@pytest.mark.parametrize("name", ["recipients", "content", "plan"])
def test_a_launched_mailing_can_no_longer_be_changed(client_for, name):
    mailing = make_sending(make_people(1))
    assert client_for("author").get(step(mailing, name))["Location"] == f"/sms/mailings/{mailing.pk}/"
    assert client_for("author").post(step(mailing, name), {"do": "next", "name": "x", "version": 0})["Location"] == f"/sms/mailings/{mailing.pk}/"


@pytest.mark.parametrize("name", ["recipients", "content", "plan"])
def test_every_step_leads_to_the_preview_once_there_is_a_text(client_for, name):
    client, group = client_for("author"), make_people(1)
    for mailing, leads in ((make_ready(group), True), (make_mailing(group), True), (make_mailing(group, text=""), False)):
        assert (step(mailing, "preview") in body(client.get(step(mailing, name)))) is leads
    assert client.get(step(make_mailing(group), "preview")).status_code == 200
