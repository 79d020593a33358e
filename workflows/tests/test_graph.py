"""Drawings: what may be started, in which order it runs, where steps stand."""

import pytest

from workflows.graph import Graph, Link, Node, NoGraph, Shape, check, columns, heights
from workflows.tests.factories import drawn

SHAPES = {
    "begin": Shape(("out",), (), 0, 0, begins=True), "find": Shape(("out",), ("in",), 0, 1), "join": Shape(("out",), ("in",), 2, None),
    "less": Shape(("out",), ("main", "minus"), 2, None), "two": Shape(("yes", "no"),), "end": Shape((), ("in",), 1, None),
}  # fmt: skip


def shape(node):
    return SHAPES.get(node.kind)


def codes(graph):
    return [(problem.step, problem.code) for problem in check(graph, shape)]


GOOD = drawn({"s1": ("begin", {}), "s2": ("find", {}), "s3": ("find", {}), "s4": ("join", {}), "s5": ("end", {})}, "s1 s2", "s2 s4", "s3 s4", "s4 s5")


@pytest.mark.parametrize(
    ("graph", "found"),
    [
        (Graph(), [("", "empty")]),
        (GOOD, []),
        (drawn({"s1": ("nonsense", {})}), [("s1", "unknown_kind")]),
        (drawn({"s1": ("two", {})}), [("s1", "no_input")]),
        (drawn({"s1": ("find", {}), "s2": ("join", {})}, "s1 s2"), [("s2", "no_input")]),
        (drawn({"s1": ("find", {}), "s2": ("begin", {})}, "s1 s2"), [("s2", "too_many_inputs")]),
        (drawn({"s1": ("find", {}), "s2": ("find", {}), "s3": ("find", {})}, "s1 s3", "s2 s3"), [("s3", "too_many_inputs")]),
        (drawn({"s1": ("find", {}), "s2": ("find", {}), "s3": ("less", {})}, "s1 s3.minus", "s2 s3.minus"), [("s3", "no_main")]),
        (drawn({"s1": ("find", {}), "s2": ("find", {}), "s3": ("less", {})}, "s1 s3.main", "s2 s3.minus"), []),
        (drawn({"s1": ("find", {}), "s2": ("end", {})}, "s1.other s2"), [("s1", "unknown_out")]),
        (drawn({"s1": ("find", {}), "s2": ("find", {})}, "s1 s2", "s2 s1"), [("s1", "circle"), ("s2", "circle")]),
    ],
)
def test_what_is_wrong_is_said_at_its_step(graph, found):
    assert codes(graph) == found


@pytest.mark.parametrize("raw", [None, [], {}, {"steps": [{}], "links": []}, {"steps": [{"id": "x", "kind": "end"}], "links": []},
                                 {"steps": [], "links": [{"from": "s1", "out": "out", "to": "s2"}]}, {"steps": 3, "links": 4},
                                 {"steps": [{"id": "s1", "kind": "end", "options": []}], "links": []}])  # fmt: skip
def test_nonsense_is_no_drawing(raw):
    with pytest.raises(NoGraph):
        Graph.read(raw)


def test_a_drawing_is_stored_as_it_was():
    assert Graph.read(GOOD.as_json()) == GOOD


def test_a_run_has_what_its_beginning_reaches_and_what_that_needs():
    two = drawn({"s1": ("begin", {}), "s2": ("begin", {}), "s3": ("find", {}), "s4": ("join", {}), "s5": ("find", {})}, "s1 s3", "s3 s4", "s5 s4", "s2 s5")
    assert two.covered("s1", lambda node: SHAPES[node.kind]) == {"s1", "s3", "s4", "s5"}
    assert two.covered("s2", lambda node: SHAPES[node.kind]) == {"s2", "s3", "s4", "s5"}


def test_a_step_that_goes_takes_its_links_along():
    assert [link.target for link in GOOD.without_step("s4").links] == ["s2"]


def test_an_output_leads_to_one_step():
    assert GOOD.with_link(Link("s1", "out", "s3")).out_of("s1")["out"].target == "s3"
    assert len(GOOD.with_link(Link("s1", "out", "s3")).links) == len(GOOD.links)


def test_steps_stand_below_what_leads_to_them_and_never_on_each_other():
    rows = heights(GOOD)
    places = columns(GOOD, rows)
    assert rows == {"s1": 1, "s2": 2, "s3": 2, "s4": 3, "s5": 4}
    assert len({(rows[step], places[step]) for step in GOOD.steps}) == 5
    assert places["s2"] == places["s1"]


def test_a_new_step_gets_an_id_that_was_not_used():
    assert GOOD.without_step("s2").free_id() == "s6"
    assert Graph().with_step(Node("s1", "find")).free_id() == "s2"
