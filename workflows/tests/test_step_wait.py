"""Wait: how long; that it lets go at its time and not before is the engine's test."""

import pytest

from workflows.graph import Node
from workflows.models import Workflow
from workflows.steps.wait import Wait, WaitForm


def form(**data):
    return WaitForm({"unit": "days", **data}, workflow=Workflow(), node=Node("s1", "wait"))


@pytest.mark.parametrize(("amount", "good"), [("1", True), ("366", True), ("367", False), ("0", False), ("", False)])
def test_a_wait_lasts_from_one_unit_to_a_year(amount, good):
    assert form(amount=amount).is_valid() == good


def test_what_it_does_is_said_and_that_nothing_was_chosen_too():
    assert str(Wait().says(Node("s1", "wait", options={"amount": 3, "unit": "days"}))) == "3 days"
    assert "how long" in str(Wait().problem(Workflow(), Node("s1", "wait")))
