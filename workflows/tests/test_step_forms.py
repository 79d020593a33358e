"""What people may type into any step: every form refuses nonsense with a sentence of the house, and a step whose group went says so."""

from datetime import UTC, datetime

import pytest

from campaigns.models import SmsTemplate
from contacts.models import Group
from contacts.tests.factories import make_contact, make_field, make_group
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.errors import WorkflowError
from workflows.states import WorkflowState
from workflows.steps import registry
from workflows.tests.factories import drawn, group_step, make_workflow

pytestmark = pytest.mark.django_db
NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)
HOSTILE = ("", "0", "-1", "1e9", "99999999999999999999", "9" * 400, "\0", "x\0y", "'; DROP TABLE contacts_contact; --", "<script>", "None", "½", "\u202e1", "x" * 5_000)
DJANGO = ("Select a valid choice", "This field is required", "Enter a ", "Ensure this", "is not one of the available")  # beginnings of sentences that are not ours


@pytest.mark.parametrize("kind", sorted(registry.kinds()))
def test_every_field_of_every_step_takes_or_refuses_anything_in_our_words(kind, user_for):
    workflow = make_workflow(drawn({"s1": (kind, {})}))
    asked = {"workflow": workflow, "node": workflow.drawing.steps["s1"], "user": user_for("author")}
    names = list(registry.kinds()[kind].form(**asked).fields)
    for value in HOSTILE:
        form = registry.kinds()[kind].form(dict.fromkeys(names, value), **asked)
        if form.is_valid():
            form.options()
        said = [str(error) for errors in form.errors.values() for error in errors]
        assert all(said) and not [words for words in said if words.startswith(DJANGO)], (value[:20], said)
    assert registry.kinds()[kind].form({}, **asked).is_valid() in (True, False)


def test_an_unknown_or_archived_group_cannot_be_chosen():
    archived = make_group(archived=True)
    workflow = make_workflow(drawn({"s1": ("read_group", {}), "s2": ("save_group", {}), "s3": ("test", {})}))
    for step, kind in (("s1", "read_group"), ("s2", "save_group"), ("s3", "test")):
        form = registry.kinds()[kind].form(
            {"group": str(archived.pk), "how": "add", "figure": "members", "test": "least", "number": "1"}, workflow=workflow, node=workflow.drawing.steps[step],
        )  # fmt: skip
        assert "not among the choices" in str(form.errors["group"])


def problem(graph):
    with pytest.raises(WorkflowError) as refused:
        start.start(make_workflow(graph), None, NOW)
    return str(refused.value)


def test_what_a_step_lacks_is_said_before_the_start():
    archived, smart = make_group(archived=True, name="Old"), make_group(kind=Group.Kind.SMART)
    to = {"how": "add", "group": smart.pk}
    some = ("query", {"rules": {"all": [{"q": "first_name", "test": "filled"}]}})
    assert "“Old” is in the archive" in problem(drawn({"s1": group_step(archived)}))
    assert "“Old” is in the archive" in problem(drawn({"s1": some, "s2": ("save_group", to | {"group": archived.pk})}, "s1 s2"))
    assert "smart group cannot be written to" in problem(drawn({"s1": some, "s2": ("save_group", to)}, "s1 s2"))
    assert "Choose the group to write to." in problem(drawn({"s1": some, "s2": ("save_group", {"how": "add"})}, "s1 s2"))
    assert "no longer exists" in problem(drawn({"s1": some, "s2": ("test", {"figure": "members", "group": 999})}, "s1 s2"))
    assert "Say how long to wait." in problem(drawn({"s1": some, "s2": ("wait", {})}, "s1 s2"))
    assert "Name at least one segment." in problem(drawn({"s1": some, "s2": ("segmentation", {})}, "s1 s2"))
    segments = {"segments": [{"name": "part1", "label": "VIP", "group": 999}]}
    assert "Segment “VIP”: its group no longer exists" in problem(drawn({"s1": some, "s2": ("segmentation", segments)}, "s1 s2"))
    bad = {"segments": [{"name": "part1", "label": "VIP", "rules": {"q": "nonsense", "test": "x"}}]}
    assert "Segment “VIP”:" in problem(drawn({"s1": some, "s2": ("segmentation", bad)}, "s1 s2"))


@pytest.mark.parametrize(
    ("kind", "options", "words"),
    [
        ("read_group", {}, "The group to read no longer exists"),
        ("save_group", {"how": "add"}, "The group to write to no longer exists"),
        ("save_group", {"how": "replace"}, "The group to write to no longer exists"),
        ("test", {"figure": "members"}, "The group whose members are counted no longer exists"),
        ("segmentation", {"segments": [{"name": "part1", "label": "VIP"}]}, "Segment “VIP”: its group no longer exists"),
    ],
)
def test_a_group_that_goes_while_the_workflow_runs_stops_it_with_its_sentence(kind, options, words):
    group, people = make_group(), make_group(make_contact(None))
    options = options | {"group": group.pk}
    if "segments" in options:
        options = {"segments": [{**options["segments"][0], "group": group.pk}]}
    graph = drawn({"s1": group_step(people), "s2": (kind, options)}, *(["s1 s2"] if kind != "read_group" else []))
    workflow = start.start(make_workflow(graph), None, NOW)
    group.delete()
    advance(workflow.runs.get().pk, NOW)
    workflow.refresh_from_db()
    assert workflow.state == WorkflowState.ERROR and words in workflow.trouble


def test_a_group_that_becomes_smart_is_not_written_to():
    group = make_group()
    workflow = start.start(make_workflow(drawn({"s1": group_step(make_group(make_contact(None))), "s2": ("save_group", {"how": "add", "group": group.pk})}, "s1 s2")), None, NOW)
    Group.objects.filter(pk=group.pk).update(kind=Group.Kind.SMART)
    advance(workflow.runs.get().pk, NOW)
    workflow.refresh_from_db()
    assert "smart group cannot be written to" in workflow.trouble and not group.memberships.exists()


def test_a_query_whose_group_goes_says_so_and_one_about_an_archived_field_goes_on():
    field = make_field("town")
    group, person = make_group(), make_contact(None, custom={"town": "Pau"})
    rules = {"all": [{"q": "custom.town", "test": "is", "value": "Pau"}]}
    field.archived = True
    field.save()
    workflow = start.start(make_workflow(drawn({"s1": ("query", {"rules": rules}), "s2": ("end", {})}, "s1 s2")), None, NOW)
    advance(workflow.runs.get().pk, NOW)
    assert list(workflow.runs.get().arrivals.get(step="s1").people.ids().values_list("contact", flat=True)) == [person.pk]
    gone = start.start(make_workflow(drawn({"s1": ("query", {"rules": {"all": [{"q": "group", "test": "any", "value": [group.pk]}]}})})), None, NOW)
    group.delete()
    advance(gone.runs.get().pk, NOW)
    gone.refresh_from_db()
    assert gone.state == WorkflowState.ERROR and "“Rules to mend”: Rule 1: Group: what was chosen here no longer exists." in gone.trouble


def test_a_segment_without_a_name_is_asked_for_one():
    workflow = make_workflow(drawn({"s1": ("segmentation", {})}))
    form = registry.kinds()["segmentation"].form({"label_1": "VIP", "limit_2": "5"}, workflow=workflow, node=workflow.drawing.steps["s1"])
    assert "Name this segment" in str(form.errors["label_2"])
    both = registry.kinds()["segmentation"].form({"label_1": "VIP", "limit_1": "5", "percent_1": "5"}, workflow=workflow, node=workflow.drawing.steps["s1"])
    assert "not by both" in str(both.errors["percent_1"])


def test_a_template_in_the_archive_is_not_offered(user_for):
    SmsTemplate.objects.create(name="Old", text="Hello", active=False)
    workflow = make_workflow(drawn({"s1": ("sms", {})}))
    assert "Old" not in str(registry.kinds()["sms"].form(workflow=workflow, node=workflow.drawing.steps["s1"], user=user_for("author"))["template"])
