"""Quiet hours on screens: the Django admin, the plan, the page of a mailing and its lists, and the question before a one-off text."""

import re
import uuid
from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.test import Client

from campaigns.models import Chunk, Message, OpenHours, QuietDay, QuietHours
from campaigns.services import mailings, quiet_hours, rounds
from campaigns.tests.factories import fictional, make_hours, make_people, make_provider, make_ready
from campaigns.tests.test_quiet_hours import EVENING, MORNING
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db(transaction=True)
ADD, ADMIN = "/admin/campaigns/quiethours/add/", "/admin/campaigns/quiethours/"
INLINE = {"days-TOTAL_FORMS": "1", "days-INITIAL_FORMS": "0", "days-0-day": "", "days-0-note": ""}
FRANCE = {"country": "fr", "active": "on", "monday": "8-20", "tuesday": "8h-20h", "limit": "8-22", "note": "Ours", **INLINE}


def words(response):
    """What a page says, without its marks."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", response.content.decode()))


# --- administrators ---


def test_administrators_only(client_for):
    make_hours("FR")
    for role, status in (("administrator", 200), ("marketer", 302), ("staff", 302)):
        assert client_for(role).get(ADMIN).status_code == status
    assert Client().get(ADMIN).status_code == 302


def test_a_rule_is_kept_as_the_console_writes_it_and_holds_at_once(client_for):
    client = client_for("administrator")
    response = client.post(ADD, {**FRANCE, "days-0-day": "2026-12-24", "days-0-closed": "on", "days-0-note": "Choir"})
    assert response.status_code == 302, words(response)
    row = QuietHours.objects.get()
    assert (row.country, row.monday, row.tuesday, row.sunday, row.limit) == ("FR", "08:00–20:00", "08:00–20:00", "", "08:00–22:00")
    assert QuietDay.objects.get().closed and OpenHours.objects.get().country == "FR"
    assert LogEntry.objects.filter(content_type__model="quiethours", object_pk=row.pk).exists()
    page = words(client.get(f"{ADMIN}{row.pk}/change/"))
    assert "14 July" in page and "On the clocks of those who are texted" in page
    assert "France" in words(client.get(ADMIN))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"monday": "all day"}, "is no span of hours"),
        ({"monday": "7-20"}, "go beyond 08:00–22:00"),
        ({"country": "XX"}, "No country has these two letters"),
        ({"monday": "", "tuesday": ""}, "No day of the week has hours"),
    ],
)
def test_what_makes_no_sense_is_told(client_for, changes, sentence):
    assert sentence in words(client_for("administrator").post(ADD, FRANCE | changes))
    assert not QuietHours.objects.exists()


def test_a_rule_that_is_deleted_holds_no_more(client_for):
    row = make_hours("FR")
    client_for("administrator").post(f"{ADMIN}{row.pk}/delete/", {"post": "yes"})
    assert OpenHours.objects.get().closes_at is None


# --- the plan ---


def test_the_plan_tells_what_waits_and_when_the_last_text_leaves(clock, client_for):
    clock.set(EVENING)
    make_hours("FR")
    mailing = make_ready(make_people(3), provider=make_provider(rate=1))
    client = client_for("marketer", time_zone="Europe/Paris")
    page = words(client.get(f"/sms/mailings/{mailing.pk}/plan/"))
    assert "3 texts (France) wait until Wednesday 2 December at 08:00, Paris time" in page
    assert "the last text would leave on Wednesday 2 December at about 08:00" in page
    assert "get it at night" not in page
    asked = words(client.post(f"/sms/mailings/{mailing.pk}/plan/", {"version": mailing.version, "when": "now", "do": "launch"}))
    assert "3 texts (France) wait until Wednesday 2 December at 08:00, Paris time" in asked


def test_one_text_that_waits_is_spoken_of_as_one_and_by_whose_clock(clock, client_for):
    clock.set(EVENING)
    make_hours("FR")
    mailing = make_ready(make_people(1), provider=make_provider(rate=1))
    page = words(client_for("marketer", time_zone="America/New_York").get(f"/sms/mailings/{mailing.pk}/plan/"))
    assert "1 text (France) waits until Wednesday 2 December at 02:00, New York time" in page and "hold it back; it leaves by itself" in page


def test_another_start_tells_another_story(clock, client_for):
    clock.set(EVENING)
    make_hours("FR")
    mailing = make_ready(make_people(3), provider=make_provider(rate=1))
    client = client_for("marketer", time_zone="Europe/Paris")
    url = f"/sms/mailings/{mailing.pk}/plan/times/"
    noon = words(client.get(url, {"version": 0, "when": "at", "day": "2026-12-02", "hour": "12:00"}))
    assert "wait until" not in noon and "Wednesday 2 December at 12:00" in noon
    late = words(client.get(url, {"version": 0, "when": "at", "day": "2026-12-05", "hour": "19:59"}))
    assert "wait until" not in late
    sunday = words(client.get(url, {"version": 0, "when": "at", "day": "2026-12-06", "hour": "10:00"}))
    assert "First text on Monday 7 December at 08:00" in sunday
    short = words(client.get(url, {"version": 0, "when": "at", "day": "2026-12-06", "hour": "10:00", "give_up_after": "3"}))
    assert "3 texts would not leave in time" in short


def test_giving_up_is_chosen_with_the_start(clock, client_for):
    clock.set(EVENING)
    mailing = make_ready(make_people(1))
    data = {"version": mailing.version, "when": "now", "do": "launch", "sure": "1", "give_up_after": "12"}
    assert client_for("marketer").post(f"/sms/mailings/{mailing.pk}/plan/", data).status_code == 302
    mailing.refresh_from_db()
    assert mailing.give_up_after == 12 and mailing.expires_at
    assert "what has not left by" in words(client_for("marketer").get(f"/sms/mailings/{mailing.pk}/"))


# --- the mailing, and lists ---


def test_the_page_and_the_lists_say_what_waits(clock, client_for):
    clock.set(EVENING)
    make_hours("FR")
    mailing = mailings.confirm(make_ready(make_people(3)), None)
    rounds.look_around()
    client = client_for("marketer", time_zone="Europe/Paris")
    page = client.get(f"/sms/mailings/{mailing.pk}/")
    assert "3 texts (France) wait until Wednesday 2 December at 08:00, Paris time" in words(page)
    assert "Nothing moves" not in words(page) and "done at about" not in words(page) and "every 20s" in page.content.decode()
    for url in ("/sms/mailings/", "/"):
        assert "quiet hours until" in words(client.get(url))
    clock.set(MORNING)
    assert "wait until" not in words(client.get(f"/sms/mailings/{mailing.pk}/"))


def test_lists_ask_twice_for_all(clock, django_assert_num_queries):
    clock.set(EVENING)
    make_hours("FR")
    waiting = [mailings.confirm(make_ready(make_group(make_contact(fictional(n)))), None) for n in range(3)]
    with django_assert_num_queries(2):
        assert quiet_hours.next_openings([mailing.pk for mailing in waiting]) == dict.fromkeys([mailing.pk for mailing in waiting], MORNING)


# --- one-off texts ---


def one_off(client, *people, **changes):
    numbers = [person.numbers.get().pk for person in people]
    provider = make_provider()
    data = {"key": str(uuid.uuid4()), "origin": f"{provider.pk}:36111", "subject": "Rehearsal", "text": "At six", "to": numbers, "do": "send", "when": "now"}
    return client.post("/sms/send/", {**data, **changes})


def test_a_person_is_asked_and_may_send_anyway(clock, client_for):
    clock.set(EVENING.replace(hour=22, minute=14))
    make_hours("FR")
    client, ana = client_for("staff", time_zone="Europe/Paris"), make_contact(fictional(1), first_name="Ana")
    page = words(one_off(client, ana))
    assert "It is 22:14 for this person. Send anyway?" in page and "08:00" in page and not Message.objects.exists()
    assert one_off(client, ana, quiet="1").status_code == 302
    assert Message.objects.get().kind == Message.Kind.ONE_OFF and Chunk.objects.get().hours_id is None


def test_of_several_people_those_are_named_for_whom_it_is_quiet(clock, client_for):
    clock.set(EVENING)
    make_hours("FR")
    page = words(one_off(client_for("staff"), make_contact(fictional(1), first_name="Ana"), make_contact("+447700900001", first_name="Ben")))
    assert "For 1 of them it is a quiet hour. Send anyway?" in page and "21:00 for" in page


def test_what_is_scheduled_is_asked_about_for_its_own_time(clock, client_for):
    clock.set(EVENING)
    make_hours("FR")
    client, ana = client_for("staff", time_zone="Europe/Paris"), make_contact(fictional(1))
    assert "It will be 03:00 for this person. Send anyway?" in words(one_off(client, ana, when="at", day="2026-12-02", hour="03:00"))
    assert one_off(client, ana, when="at", day="2026-12-02", hour="09:00").status_code == 302


def test_in_the_day_nobody_is_asked(clock, client_for):
    clock.set(MORNING + timedelta(hours=1))
    make_hours("FR")
    assert one_off(client_for("staff"), make_contact(fictional(1))).status_code == 302
