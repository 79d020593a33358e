"""A year of a birthday workflow, day by day: who is texted when, how often, and what the year looks like afterwards."""

from collections import Counter
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Sum

from campaigns.models import Mailing, MailingTally, Message
from campaigns.services import made
from campaigns.statuses import ACCEPTED, MailingStatus
from campaigns.tests.factories import fictional, make_provider, make_template
from contacts.tests.factories import make_contact
from workflows.engine import start
from workflows.models import Execution, Run
from workflows.states import RunState, WorkflowState
from workflows.tests.factories import drawn, make_workflow, query
from workflows.tests.working import work

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long, pytest.mark.usefixtures("short_slices")]
PARIS = ZoneInfo("Europe/Paris")
BORN = [  # month and day; the clocks change on 28 March and 31 October 2027
    (1, 1), (1, 15), (2, 28), (2, 29), (3, 28), (4, 9), (5, 1), (6, 21), (6, 21), (7, 14), (8, 15), (9, 3), (10, 31), (11, 11), (12, 25), (12, 31),
]  # fmt: skip
LEAP_DAY = fictional(BORN.index((2, 29)))


@pytest.fixture
def birthdays(user_for):
    """A workflow that texts people on their birthday, at nine in the morning, counted by months; nobody is asked."""
    for number, (month, day) in enumerate(BORN):
        make_contact(fictional(number), birth_date=date(1984, month, day))
    make_contact(fictional(90), birth_date=date(1984, 2, 14), do_not_sms=True)
    make_contact(fictional(91))
    make_provider()
    marketer = user_for("marketer")
    content = made.keep_content("Birthday", marketer, template=make_template("Happy birthday, {contact.first_name}"))
    sms = {"content": content.pk, "how": "recurring", "period": "month", "afterwards": "none", "confirm": False}
    daily = {"every": "day", "times": ["09:00"], "from": "2027-01-01", "zone": "Europe/Paris"}
    graph = drawn({"s1": ("scheduler", {"rule": daily}), "s2": query(q="birthday", test="today"), "s3": ("sms", sms)}, "s1 s2", "s2 s3")
    return make_workflow(graph, marketer), marketer


def nine(day):
    """A moment after nine, when beat looks."""
    return datetime(day.year, day.month, day.day, 9, 0, 3, tzinfo=PARIS)


def live(clock, first, last):
    """Day by day, both included."""
    day = first
    while day <= last:
        clock.set(nine(day))
        work()
        day += timedelta(days=1)


def texted_on():
    """{number: the days on which it was texted}."""
    found = {}
    for number, at in Message.objects.filter(status__in=ACCEPTED).order_by("sent_at").values_list("number", "sent_at"):
        found.setdefault(number, []).append(at.astimezone(PARIS).date())
    return found


def test_a_year_of_birthdays(birthdays, clock, gateway):
    workflow, marketer = birthdays
    clock.set(datetime(2027, 1, 1, 8, 0, tzinfo=PARIS))
    start.start(workflow, marketer)
    live(clock, date(2027, 1, 1), date(2027, 12, 31))

    runs = Run.objects.filter(workflow=workflow)
    assert runs.count() == runs.filter(state=RunState.FINISHED).count() == 365
    times = [due.astimezone(PARIS) for due in runs.values_list("due_at", flat=True)]
    assert {time.strftime("%H:%M") for time in times} == {"09:00"} and len({time.date() for time in times}) == 365

    celebrated = {fictional(number): [date(2027, month, min(day, 28) if month == 2 else day)] for number, (month, day) in enumerate(BORN)}
    assert texted_on() == celebrated, "each once, on the day; who was born on 29 February on the 28th"
    assert gateway.calls == Counter(dict.fromkeys(celebrated, 1))

    executions = Execution.objects.filter(parent__sends__workflow=workflow).distinct()
    assert [found.key for found in executions.order_by("first")] == [f"2027-{month:02}" for month in range(1, 13)]
    sends = Mailing.objects.filter(made_by__workflow=workflow, role="send")
    assert sends.filter(status=MailingStatus.FINISHED).count() == len({*BORN}) - 1, "one a day with birthdays; 28 February has two kinds of them"
    assert sends.filter(status=MailingStatus.CANCELLED).count() == 1, "of the day on which nobody may be texted"
    by_period = {found.key: _texts(found.sends.values("mailing")) for found in executions}
    assert by_period["2027-06"] == 2 and by_period["2027-02"] == 2
    assert sum(by_period.values()) == _texts(sends.values("pk")) == len(BORN), "the parent has what its periods have together"
    workflow.refresh_from_db()
    assert workflow.state == WorkflowState.RUNNING


def _texts(mailings):
    return MailingTally.objects.filter(mailing__in=mailings, status__in=ACCEPTED).aggregate(texts=Sum("messages"))["texts"]


def test_in_a_leap_year_the_29th_of_february_is_its_own_day(birthdays, clock, gateway):
    workflow, marketer = birthdays
    clock.set(datetime(2028, 2, 27, 8, 0, tzinfo=PARIS))
    start.start(workflow, marketer)
    live(clock, date(2028, 2, 27), date(2028, 3, 1))
    assert texted_on() == {fictional(BORN.index((2, 28))): [date(2028, 2, 28)], LEAP_DAY: [date(2028, 2, 29)]}


def test_a_run_that_comes_after_midnight_texts_the_people_of_its_own_day_and_nobody_twice(birthdays, clock, gateway):
    workflow, marketer = birthdays
    clock.set(datetime(2027, 2, 26, 10, 0, tzinfo=PARIS))
    start.start(workflow, marketer)
    clock.set(datetime(2027, 3, 1, 0, 10, tzinfo=PARIS))  # nothing ran for two days
    work()
    live(clock, date(2027, 3, 1), date(2027, 3, 2))
    assert gateway.calls == Counter({fictional(BORN.index((2, 28))): 1, LEAP_DAY: 1})
    assert Run.objects.filter(workflow=workflow).count() == 3
    assert workflow.log.filter(words__contains="began late").count() == 1
    assert [*Execution.objects.values_list("key", flat=True)] == ["2027-02"]
