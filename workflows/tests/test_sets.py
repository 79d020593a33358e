"""Sets of people against Python's own: empty ones, people named twice, ids on both sides of a block's border, and very large ids."""

from functools import reduce

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from contacts.tests.factories import make_contact
from workflows import sets
from workflows.models.people import BLOCK
from workflows.tests.working import ids, people, performed

pytestmark = pytest.mark.django_db
BORDERS = [1, 2, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK - 1, 2 * BLOCK, 10**12 - 1, 10**12]
PEOPLE = some.lists(some.sampled_from(BORDERS) | some.integers(1, 3 * BLOCK), max_size=30)


@settings(max_examples=50)
@given(PEOPLE)
def test_a_population_has_each_person_once(them):
    assert ids(people(them)) == set(them)


@settings(max_examples=50)
@given(some.lists(PEOPLE, min_size=1, max_size=5))
def test_a_union_is_everybody(several):
    populations = [people(them) for them in several]
    assert ids(sets.union(populations)) == set().union(*several)
    assert ids(sets.union([populations[0], populations[0]])) == set(several[0])


@settings(max_examples=50)
@given(some.lists(PEOPLE, min_size=1, max_size=5))
def test_an_intersection_is_who_is_everywhere(several):
    populations = [people(them) for them in several]
    assert ids(sets.intersection(populations)) == reduce(set.intersection, map(set, several))
    assert ids(sets.intersection([populations[0], populations[0]])) == set(several[0])


@settings(max_examples=50)
@given(PEOPLE, some.lists(PEOPLE, max_size=4))
def test_an_exclusion_is_the_main_one_without_the_others(main, others):
    first, rest = people(main), [people(them) for them in others]
    assert ids(sets.exclusion(first, rest)) == set(main).difference(*others)
    assert ids(sets.exclusion(first, [first])) == set()


@settings(max_examples=25)
@given(some.lists(PEOPLE, min_size=4, max_size=4))
def test_steps_one_after_the_other_are_the_same_algebra(four):
    first, second, third, fourth = four
    both = performed("intersection", first, second)["out"]
    either = performed("union", both, third)["out"]
    left = performed("exclusion", either, ("minus", fourth))
    assert left == {"out": ((set(first) & set(second)) | set(third)) - set(fourth), "taken": ((set(first) & set(second)) | set(third)) & set(fourth)}


def test_a_hundred_thousand_people_are_a_handful_of_rows_and_one_statement(django_assert_num_queries):
    many, most = sets.save("SELECT generate_series(1, 100000)"), sets.save("SELECT generate_series(50001, 200000)")
    assert many.blocks.count() == 100_000 // BLOCK + 1
    with django_assert_num_queries(5):  # a row for the set, its people, how many they are; room to sort before, and as it was after
        common = sets.intersection([many, most])
    assert (common.size, min(ids(common)), max(ids(common))) == (50_000, 50_001, 100_000)


def test_who_was_merged_comes_as_who_they_became_too():
    loser, winner = make_contact(None), make_contact(None)
    population = people([loser.pk])
    loser.merged_into = winner
    loser.save()
    assert {next(iter(row.values())) for query in population.living() for row in query} == {loser.pk, winner.pk}
