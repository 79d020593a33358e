"""Save group: adds, replaces, or makes a group of the day; the people go on as they came."""

import pytest

from contacts.models import Group
from contacts.tests.factories import make_contact, make_group
from workflows.graph import Node
from workflows.models import Workflow
from workflows.steps.base import StepError
from workflows.steps.save_group import SaveGroup, SaveGroupForm
from workflows.tests.working import performed

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana():
    return make_contact(None)


@pytest.fixture
def ben():
    return make_contact(None)


def members(group):
    return set(group.memberships.values_list("contact", flat=True))


@pytest.mark.parametrize(("how", "both"), [("add", True), ("replace", False)])
def test_people_join_a_group_beside_those_who_are_in_it_or_instead(how, both, ana, ben):
    group = make_group(ana)
    for _twice in range(2):
        assert performed("save_group", [ben.pk], how=how, group=group.pk)["out"] == {ben.pk}
        assert members(group) == ({ana.pk, ben.pk} if both else {ben.pk})


def test_a_new_group_has_the_day_of_the_run_in_its_name_and_the_run_where_that_is_taken(ana):
    for _twice in range(2):
        performed("save_group", [ana.pk], how="create", name="Birthdays")
    names = [*Group.objects.order_by("id").values_list("name", flat=True)]
    assert names[0].startswith("Birthdays ") and "2027" in names[0] and names[1] == f"{names[0]} · 1"
    with pytest.raises(StepError, match="of that name"):
        performed("save_group", [ana.pk], how="create", name="Birthdays")


def test_a_mere_sign_writes_nothing(ana):
    group = make_group(ana)
    assert performed("save_group", None, how="replace", group=group.pk) == {"out": None} and members(group) == {ana.pk}


def test_where_to_must_be_said_and_be_a_static_group():
    smart = Group.objects.create(name="Smart", kind=Group.Kind.SMART, rules={})
    node = Node("s1", "save_group", options={"how": "add", "group": smart.pk})
    assert "static" in str(SaveGroup().problem(Workflow(), node))
    assert "Choose the group" in str(SaveGroupForm({"how": "add"}, workflow=Workflow(), node=node).errors)
    assert "begin with" in str(SaveGroupForm({"how": "create"}, workflow=Workflow(), node=node).errors)
    too_long = SaveGroupForm({"how": "create", "name": "x" * 500}, workflow=Workflow(), node=node)
    assert ["too long" in words for words in too_long.errors["name"]] == [True]
    assert len(SaveGroupForm({"how": "add", "group": "0"}, workflow=Workflow(), node=node).errors["group"]) == 1
    with pytest.raises(StepError, match="no longer exists"):
        performed("save_group", [1], how="add", group=0x7FFFFFFF)
