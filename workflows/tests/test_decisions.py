"""The steps Test, Deduplication and External signal, where who goes on hangs on figures, doubles and other workflows."""

from datetime import UTC, datetime

import pytest

from campaigns.models import Mailing, MailingTally
from campaigns.statuses import MessageStatus
from contacts.models import Contact
from contacts.tests.factories import make_contact, make_group
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.errors import WorkflowError
from workflows.models import Send
from workflows.steps.external_signal import ExternalSignalForm
from workflows.tests.factories import drawn, group_step, make_workflow

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


def way(options, people=3, prepare=None):
    """The exit that people take."""
    group = make_group(*(make_contact(None) for _number in range(people)))
    workflow = start.start(make_workflow(drawn({"s1": group_step(group), "s2": ("test", options)}, "s1 s2")), None, NOW)
    if prepare:
        prepare(workflow.runs.get())
    advance(workflow.runs.get().pk, NOW)
    return next(arrival.out for arrival in workflow.runs.get().arrivals.filter(step="s2", live=True))


@pytest.mark.parametrize(
    ("test", "number", "out"),
    [("least", 3, "yes"), ("least", 4, "no"), ("most", 3, "yes"), ("most", 2, "no"), ("same", 3, "yes"), ("same", 2, "no"), ("most", 0, "no")],
)
def test_people_who_come_are_compared(test, number, out):
    assert way({"figure": "people", "test": test, "number": number}) == out


def test_members_of_a_group_are_counted_without_deleted_ones():
    group = make_group(make_contact(None), make_contact(None), make_contact(None, deleted_at=NOW))
    assert way({"figure": "members", "group": group.pk, "test": "same", "number": 2}) == "yes"


def sent(**texts):
    """A mailing of the run with so many texts of each status."""

    def send(run):
        mailing = Mailing.objects.create(name="Sent")
        Send.objects.create(mailing=mailing, parent=mailing, workflow=run.workflow, run=run, step="s9")
        for status, number in texts.items():
            MailingTally.objects.create(mailing=mailing, status=MessageStatus[status], messages=number, segments=number)

    return send


def test_texts_of_the_run_are_counted():
    texts = sent(DELIVERED=97, UNDELIVERED=2, FAILED=1, SKIPPED=50)
    assert way({"figure": "texted", "test": "same", "number": 99}, prepare=texts) == "yes"
    assert way({"figure": "failed", "test": "same", "number": 3}, prepare=texts) == "yes"
    assert way({"figure": "failed", "test": "least", "number": 1}, prepare=sent(DELIVERED=999, FAILED=1)) == "yes"  # one in a thousand is not none
    assert way({"figure": "failed", "test": "same", "number": 0}) == "yes"  # nothing was sent


def test_a_test_says_the_figure_in_the_log_and_in_its_name():
    group = make_group(make_contact(None))
    workflow = start.start(make_workflow(drawn({"s1": group_step(group), "s2": ("test", {"figure": "people", "test": "most", "number": 5})}, "s1 s2")), None, NOW)
    advance(workflow.runs.get().pk, NOW)
    assert workflow.log.filter(words="The figure was 1.").exists()
    from workflows.steps import registry

    assert registry.name_of(workflow.drawing.steps["s2"]) == "People who come in: at most 5?"


def split(by, *people, keep="oldest"):
    steps = {"s1": group_step(make_group(*people)), "s2": ("deduplication", {"by": by, "keep": keep}), "s3": ("end", {})}
    return start.start(make_workflow(drawn(steps, "s1 s2", "s2.doubles s3")), None, NOW)


def left(workflow):
    advance(workflow.runs.get().pk, NOW)
    found = {arrival.out: arrival.people for arrival in workflow.runs.get().arrivals.filter(step="s2", live=True)}
    return {out: set(people.ids().values_list("contact", flat=True)) for out, people in found.items()}


@pytest.mark.parametrize(("by", "facts"), [("email", {"email": "A@x.fr"}), ("name", {"first_name": "Ann", "last_name": "Bee"}), ("number", {})])
def test_of_doubles_one_goes_on_and_who_lacks_what_is_compared_is_nobodys_double(by, facts):
    numbers = ["+33639980001", "+33639980001"] if by == "number" else [None, None]
    first, second = (make_contact(number, **facts) for number in numbers)
    blank = [make_contact(None, first_name="", last_name="", email="") for _number in range(2)]
    assert left(split(by, first, second, *blank)) == {"out": {first.pk, *(one.pk for one in blank)}, "doubles": {second.pk}}
    assert left(split(by, first, second, keep="newest")) == {"out": {second.pk}, "doubles": {first.pk}}


def test_a_deleted_person_takes_no_living_ones_place():
    first, second = (make_contact(None, email="a@x.fr") for _number in range(2))
    workflow = start.start(make_workflow(drawn(
        {"s1": group_step(make_group(first, second)), "s2": ("wait", {"amount": 1, "unit": "days"}), "s3": ("deduplication", {"by": "email"})}, "s1 s2", "s2 s3",
    )), None, NOW)  # fmt: skip
    advance(workflow.runs.get().pk, NOW)
    Contact.objects.filter(pk=first.pk).update(deleted_at=NOW)
    start.run_now(workflow, "s2", None)
    advance(workflow.runs.get().pk)
    assert set(workflow.runs.get().arrivals.get(step="s3", out="out").people.ids().values_list("contact", flat=True)) == {second.pk}


# --- other workflows ---


def after(other):
    return "external_signal", {"by": "workflow", "workflow_ended": other.pk if other else None}


def test_workflows_that_would_begin_each_other_for_ever_are_refused():
    first = make_workflow(drawn({"s1": ("end", {})}), label="First")
    second = make_workflow(drawn({"s1": after(first), "s2": group_step(make_group())}, "s1 s2"), label="Second")
    third = make_workflow(drawn({"s1": after(second), "s2": group_step(make_group())}, "s1 s2"), label="Third")
    first.graph = drawn({"s1": ("external_signal", {}), "s2": group_step(make_group())}, "s1 s2").as_json()
    first.save()

    def refused(other):
        form = ExternalSignalForm({"by": "workflow", "workflow_ended": other.pk}, workflow=first, node=first.drawing.steps["s1"])
        return str(form.errors.get("workflow_ended", ""))

    assert "begins itself" in refused(first)
    assert "“Second” begins at the end of this one" in refused(second) and "“Third” begins at the end of this one" in refused(third)
    assert not refused(make_workflow())
    first.graph = drawn({"s1": after(third), "s2": group_step(make_group())}, "s1 s2").as_json()
    first.save()
    with pytest.raises(WorkflowError, match="for ever"):
        start.start(first, None, NOW)


def test_a_workflow_in_the_archive_is_not_waited_for_and_one_for_programs_remembers_none():
    other = make_workflow(label="Old", archived=True)
    workflow = make_workflow(drawn({"s1": after(other), "s2": group_step(make_group())}, "s1 s2"))
    with pytest.raises(WorkflowError, match="“Old” is in the archive"):
        start.start(workflow, None, NOW)
    active = make_workflow()
    form = ExternalSignalForm({"by": "api", "workflow_ended": active.pk}, workflow=workflow, node=workflow.drawing.steps["s1"])
    assert form.is_valid() and form.options()["workflow_ended"] is None
