"""Read group: its members at that moment."""

import pytest
from django.utils import timezone

from contacts.models import Contact, Group
from contacts.tests.factories import make_contact, make_group
from workflows.graph import Node
from workflows.models import Workflow
from workflows.steps.base import StepError
from workflows.steps.read_group import ReadGroup
from workflows.tests.working import performed

pytestmark = pytest.mark.django_db


def test_members_who_exist_leave_it():
    ana, gone = make_contact(None), make_contact(None)
    group = make_group(ana, gone)
    Contact.objects.filter(pk=gone.pk).update(deleted_at=timezone.now())
    assert performed("read_group", group=group.pk)["out"] == {ana.pk}
    assert performed("read_group", group=make_group().pk)["out"] == set()


def test_a_smart_group_is_brought_up_to_date_first():
    group = Group.objects.create(name="Smart", kind=Group.Kind.SMART, rules={"all": [{"q": "first_name", "test": "is", "value": "Ana"}]})
    ana = make_contact(None, first_name="Ana")
    assert performed("read_group", group=group.pk)["out"] == {ana.pk}


def test_a_group_that_is_gone_is_an_error_with_its_reason():
    node = Node("s1", "read_group", options={"group": 0x7FFFFFFF})
    assert "no longer exists" in str(ReadGroup().problem(Workflow(), node))
    with pytest.raises(StepError, match="no longer exists"):
        performed("read_group", group=0x7FFFFFFF)
    assert "Choose the group" in str(ReadGroup().problem(Workflow(), Node("s1", "read_group")))
