"""Query: whom its rules find, on the day of the run, by the workflow's clock."""

from datetime import UTC, date, datetime

import pytest
from django.utils import timezone

from contacts.models import Contact, Group
from contacts.tests.factories import make_contact, make_group
from workflows.engine import start, wake
from workflows.engine.advance import advance
from workflows.graph import Node
from workflows.models import Workflow
from workflows.steps.base import StepError
from workflows.steps.query import Query
from workflows.tests.factories import EVERYBODY, drawn, make_workflow, query
from workflows.tests.working import ids, performed

pytestmark = pytest.mark.django_db
BIRTHDAY = {"all": [{"q": "birthday", "test": "today"}]}


def test_rules_find_people_who_exist():
    ana, gone = make_contact(None, first_name="Ana"), make_contact(None, first_name="Ben")
    Contact.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    assert performed("query", rules=EVERYBODY)["out"] == {ana.pk}
    assert performed("query", rules={"q": "first_name", "test": "is", "value": "Zoé"})["out"] == set()


def test_a_smart_group_that_it_asks_for_is_refreshed_first():
    group = Group.objects.create(name="Smart", kind=Group.Kind.SMART, rules={"all": [{"q": "first_name", "test": "is", "value": "Ana"}]})
    ana = make_contact(None, first_name="Ana")
    assert performed("query", rules={"q": "group", "test": "any", "value": [group.pk]})["out"] == {ana.pk}


def test_rules_that_lack_something_are_told_before_the_start_and_again_when_they_run():
    assert "no rules yet" in str(Query().problem(Workflow(), Node("s1", "query")))
    gone = make_group()
    rules = {"q": "group", "test": "any", "value": [gone.pk]}
    gone.delete()
    assert str(Query().problem(Workflow(), Node("s1", "query", options={"rules": rules})))
    with pytest.raises(StepError):
        performed("query", rules=rules)


def found(workflow, now):
    """Whom the query of the run that goes on finds at that moment."""
    run = workflow.runs.latest("pk")
    advance(run.pk, now)
    return ids(run.arrivals.get(step="s2").people)


@pytest.mark.parametrize(("zone", "born"), [("Europe/Paris", date(1980, 3, 2)), ("America/New_York", date(1980, 3, 1)), ("Asia/Tokyo", date(1980, 3, 2))])
def test_today_is_the_day_of_the_workflow(zone, born):
    """At half past midnight in Paris it is still the day before in New York."""
    people = {day: make_contact(None, birth_date=date(1980, 3, day)) for day in (1, 2)}
    workflow = make_workflow(drawn({"s1": ("external_signal", {"by": "api"}), "s2": query(q="birthday", test="today")}, "s1 s2"), time_zone=zone)
    moment = datetime(2027, 3, 1, 23, 30, tzinfo=UTC)
    start.start(workflow, None, moment)
    wake.signal(workflow, "s1")
    assert found(workflow, moment) == {people[born.day].pk}


@pytest.mark.parametrize(("between", "born"), [(("end", {}), None), (("wait", {"amount": 2, "unit": "days"}), date(1980, 3, 4))])
def test_a_scheduled_run_keeps_its_day_until_something_has_waited(between, born):
    """It was to begin at 23:50 and comes to its query after midnight."""
    people = {day: make_contact(None, birth_date=date(1980, 3, day)) for day in (1, 2, 4)}
    rule = {"every": "day", "times": ["23:50"], "from": "2027-03-01", "zone": "Europe/Paris"}
    waits = between[0] == "wait"
    links = ["s1 s3", "s3 s2"] if waits else ["s1 s2"]
    steps = {"s1": ("scheduler", {"rule": rule}), "s2": query(q="birthday", test="today"), **({"s3": between} if waits else {})}
    workflow = start.start(make_workflow(drawn(steps, *links)), None, datetime(2027, 3, 1, 8, tzinfo=UTC))
    wake.tick(datetime(2027, 3, 1, 22, 50, tzinfo=UTC))
    late = datetime(2027, 3, 1, 23, 20, tzinfo=UTC)
    if waits:
        advance(workflow.runs.get().pk, late)
        late = datetime(2027, 3, 3, 23, 20, tzinfo=UTC)
    assert found(workflow, late) == {people[born.day if born else 1].pk}
