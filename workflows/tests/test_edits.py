"""Changes of a drawing as people make them: where a new step goes, what closes a gap, what is refused."""

import pytest

from workflows.errors import WorkflowError
from workflows.services import edits
from workflows.tests.factories import drawn


def links(graph):
    return {(link.source, link.out, link.target) for link in graph.links}


@pytest.fixture
def chain():
    return drawn({"s1": ("scheduler", {}), "s2": ("query", {}), "s3": ("end", {})}, "s1 s2", "s2 s3")


def test_a_step_on_a_transition_stands_between(chain):
    grown = edits.add(edits.name_link(chain, "s2", "out", "everybody"), "deduplication", "s2", "out")
    assert links(grown) == {("s1", "out", "s2"), ("s2", "out", "s4"), ("s4", "out", "s3")}
    assert grown.out_of("s2")["out"].label == "everybody"


def test_an_sms_between_two_lets_people_go_on(chain):
    grown = edits.add(chain, "sms", "s2", "out")
    assert ("s4", "out", "s3") in links(grown) and grown.steps["s4"].options["afterwards"] == "same"


def test_an_end_between_two_stands_beside_and_does_not_move_there(chain):
    grown = edits.add(chain, "end", "s1", "out")
    assert links(grown) == links(chain) and "s4" in grown.steps
    with pytest.raises(WorkflowError, match="Nothing can follow this step"):
        edits.move(grown, "s4", "s1", "out")


def test_a_scheduler_on_a_step_stands_before_it():
    grown = edits.add(drawn({"s1": ("query", {})}), "scheduler", "s1")
    assert links(grown) == {("s2", "out", "s1")}


def test_what_is_removed_between_two_leaves_no_gap(chain):
    assert links(edits.remove(chain, "s2")) == {("s1", "out", "s3")}


def test_a_step_moves_onto_a_transition(chain):
    grown = edits.add(chain, "deduplication", "s2", "out")
    assert links(edits.move(grown, "s4", "s1", "out")) == {("s1", "out", "s4"), ("s4", "out", "s2"), ("s2", "out", "s3")}


def test_a_branch_moves_as_a_whole_and_not_behind_itself():
    graph = drawn({"s1": ("query", {}), "s2": ("test", {}), "s3": ("end", {}), "s4": ("end", {}), "s5": ("query", {})}, "s1 s2", "s2.yes s3", "s2.no s4")
    assert links(edits.move(graph, "s2", "s5", "out")) == {("s5", "out", "s2"), ("s2", "yes", "s3"), ("s2", "no", "s4")}
    with pytest.raises(WorkflowError, match="cannot stand behind"):
        edits.move(drawn({"s1": ("test", {}), "s2": ("query", {}), "s3": ("end", {})}, "s1.yes s2", "s1.no s3"), "s1", "s2", "out")


def test_a_link_in_a_circle_is_refused(chain):
    with pytest.raises(WorkflowError, match="in a circle"):
        edits.connect(edits.add(chain, "union", "s2", "out"), "s4", "out", "s2")
