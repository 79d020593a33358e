"""Segmentation against a loop over people: in order, the first that fits, limits by number and by share, and the rest."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from contacts.tests.factories import make_contact, make_group
from workflows.graph import Node
from workflows.models import Workflow
from workflows.steps.segmentation import Segmentation, SegmentationForm
from workflows.tests.crowds import crowd
from workflows.tests.working import performed

pytestmark = pytest.mark.django_db
NAMES = ["Ana", "Ben", "Chloé"]
LIMITS = some.one_of(
    some.just({}), some.integers(1, 6).map(lambda most: {"limit": most}), some.integers(1, 100).map(lambda share: {"percent": share})
)
SEGMENT = some.builds(
    lambda name, limit, order: {"label": name or "all", "rules": name and {"q": "first_name", "test": "is", "value": name}, "who": name, "order": order, **limit},
    some.sampled_from([None, *NAMES]), LIMITS, some.sampled_from(["first", "last", "random"]),
)  # fmt: skip


@settings(max_examples=40)
@given(some.lists(some.sampled_from([*NAMES, "Dora"]), max_size=12), some.lists(SEGMENT, min_size=1, max_size=4))
def test_each_goes_by_the_first_part_that_fits_and_has_room(names, segments):
    segments = [{**segment, "name": f"part{number}"} for number, segment in enumerate(segments, start=1)]
    people = crowd([{"first_name": name} for name in names])
    outs = performed("segmentation", [one.pk for one in people], segments=segments)
    left = people
    for segment in segments:
        fits = [one.pk for one in left if segment["who"] in (None, one.first_name)]
        most = segment.get("limit", len(people) * segment["percent"] // 100 if "percent" in segment else len(people))
        taken = outs[segment["name"]]
        if segment["order"] == "random":
            assert taken <= set(fits) and len(taken) == min(most, len(fits))
        else:
            assert taken == set((fits if segment["order"] == "first" else fits[::-1])[:most])
        left = [one for one in left if one.pk not in taken]
    assert outs["rest"] == {one.pk for one in left}


def test_members_of_a_group_and_rules_must_both_fit():
    ana, ben = make_contact(None, first_name="Ana"), make_contact(None, first_name="Ben")
    other = make_contact(None, first_name="Ana")
    part = {"name": "part1", "label": "Ours", "group": make_group(ana, ben).pk, "rules": {"q": "first_name", "test": "is", "value": "Ana"}}
    assert performed("segmentation", [ana.pk, ben.pk, other.pk], segments=[part]) == {"part1": {ana.pk}, "rest": {ben.pk, other.pk}}


def test_by_name_the_limit_takes_the_first_in_the_list():
    people = [make_contact(None, last_name=name) for name in ("Zola", "Arnaud", "Martin")]
    part = {"name": "part1", "label": "Two", "limit": 2, "order": "name"}
    assert performed("segmentation", [one.pk for one in people], segments=[part])["part1"] == {people[1].pk, people[2].pk}


def test_segments_that_lack_something_are_told():
    def told(*segments):
        return str(Segmentation().problem(Workflow(), Node("s1", "segmentation", options={"segments": segments})))

    assert "Name at least one" in told()
    assert "no longer exists" in told({"name": "part1", "label": "Gone", "group": 0x7FFFFFFF})
    assert "Odd" in told({"name": "part1", "label": "Odd", "rules": {"q": "shoe_size", "test": "is", "value": 44}})


def test_a_limit_is_a_number_or_a_share_not_both():
    form = SegmentationForm(
        {"label_1": "A", "limit_1": "5", "percent_1": "10", "order_1": "first"}, workflow=Workflow(), node=Node("s1", "segmentation")
    )
    assert "not by both" in str(form.errors)
