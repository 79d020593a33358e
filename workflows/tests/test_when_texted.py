"""When texts of runs leave: nobody gets a single SMS twice, or a recurring one twice on one day unless that is planned, and nobody in the night."""

from collections import Counter
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.urls import reverse

from campaigns.models import Exclusion, Mailing
from campaigns.services import made, rounds
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_hours, make_provider, make_template
from contacts.tests.factories import make_contact
from workflows.engine import start
from workflows.errors import WorkflowError
from workflows.tests.factories import drawn, make_workflow, query
from workflows.tests.starting import choose
from workflows.tests.working import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_slices")]
PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def marketer(user_for):
    make_provider()
    return user_for("marketer")


@pytest.fixture
def at(clock):
    """`at("09:00")`: it is three seconds later than that on 21 June, and the workers have done what was due."""

    def be(time, day=21):
        clock.set(datetime.fromisoformat(f"2027-06-{day}T{time}:03").replace(tzinfo=PARIS))
        rounds.look_around()  # hours begin and end
        work()

    return be


def texts(marketer, who, *times):
    """A workflow that texts people at these times, and asks nobody."""
    content = made.keep_content("Wishes", marketer, template=make_template("All the best, {contact.first_name}"))
    sms = {"content": content.pk, "how": "recurring", "period": "month", "afterwards": "none", "confirm": False}
    return make_workflow(drawn({"s1": ("scheduler", {"rule": rule(*times)}), "s2": who, "s3": ("sms", sms)}, "s1 s2", "s2 s3"), marketer)


def rule(*times):
    return {"every": "day", "times": [*times], "from": "2027-01-01", "zone": "Europe/Paris"}


def born(number, day=21):
    return make_contact(fictional(number), birth_date=date(1984, 6, day))


def test_a_birthday_is_celebrated_once_however_many_runs_its_day_has(marketer, gateway, at):
    born(1), born(2), born(9, day=22)
    workflow = texts(marketer, query(q="birthday", test="today"), "09:00")
    at("08:00")
    start.start(workflow, marketer)
    assert start.run_now(workflow, "s1", marketer) == "Run 1 has begun."
    at("08:30")
    assert gateway.calls == Counter({fictional(1): 1, fictional(2): 1})
    late = born(3)
    at("09:00")
    assert gateway.calls == Counter({fictional(1): 1, fictional(2): 1, late.sms_number: 1}), "the planned run texts whom the one by hand did not"
    planned = Mailing.objects.filter(made_by__run__number=2).get()
    assert planned.status == MailingStatus.FINISHED
    assert Exclusion.objects.filter(mailing=planned, reason="texted_that_day").count() == 2, "and says of whom it left out why"

    at("10:00")
    start.run_now(workflow, "s1", marketer)
    at("10:30")
    start.stop(workflow, marketer)
    start.start(choose(workflow, "s1", marketer, rule=rule("18:00")), marketer)
    at("18:00")
    assert workflow.runs.count() == 4 and sum(gateway.calls.values()) == 3, "neither again by hand, nor after a second start with another time"
    at("18:00", day=22)
    assert gateway.calls[fictional(9)] == 1 and sum(gateway.calls.values()) == 4, "the next day is another one"


def test_a_single_sms_reaches_each_person_once_whatever_begins_its_runs(marketer, gateway, at):
    first, second = make_contact(fictional(1)), None
    content = made.keep_content("Welcome", marketer, template=make_template("Welcome, {contact.first_name}"))
    sms = {"content": content.pk, "how": "single", "afterwards": "none", "confirm": False}
    workflow = make_workflow(drawn({"s1": query(), "s2": ("sms", sms)}, "s1 s2"), marketer)
    for day in (21, 22, 23):
        start.start(workflow, marketer)
        at("12:00", day=day)
        second = second or make_contact(fictional(2))
    assert gateway.calls == Counter({first.sms_number: 1, second.sms_number: 1}), "who came later got it at the next run"
    assert Exclusion.objects.filter(mailing__made_by__workflow=workflow, reason="texted_before").count() == 3


def test_what_is_planned_twice_a_day_comes_twice_and_not_three_times(marketer, gateway, at):
    person = make_contact(fictional(1))
    workflow = texts(marketer, query(), "09:00", "17:00")
    at("08:00")
    start.start(workflow, marketer)
    at("09:00")
    start.run_now(workflow, "s1", marketer)
    at("12:00")
    start.restart(workflow, marketer)
    assert gateway.calls[person.sms_number] == 1
    at("17:00")
    assert gateway.calls[person.sms_number] == 2


def test_a_run_in_the_night_texts_in_the_morning_and_says_until_when(marketer, client_for, gateway, at):
    make_contact(fictional(1))
    workflow = texts(marketer, query(), "03:00")
    at("02:00")
    make_hours("FR")
    start.start(workflow, marketer)
    at("03:00")
    content = workflow.drawing.steps["s3"].options["content"]
    mailing = Mailing.objects.get(made_by__parent=content)
    assert mailing.status == MailingStatus.SENDING and not gateway.calls, "nobody was asked, and nothing has left"
    for page in (reverse("workflows:parent", args=[content]), reverse("campaigns:mailing", args=[mailing.pk])):
        assert "08:00" in client_for("marketer").get(page).content.decode(), page
    at("07:59")
    with pytest.raises(WorkflowError, match=r"waits until .*08:00, for quiet hours"):
        start.run_now(workflow, "s1", marketer)
    assert not gateway.calls
    at("08:00")
    assert gateway.calls == Counter({fictional(1): 1})
