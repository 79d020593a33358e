"""Generated rules over generated people: the database finds whom a naive reading in Python finds."""

import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from contacts.smart import rules
from contacts.smart.asking import People
from contacts.smart.criteria import At, Catalogue
from contacts.tests.naive import MOMENTS, TAGS, ZONE, World, holds

pytestmark = pytest.mark.django_db
TEXT = st.sampled_from(["e", "ANNE", "élodie", "strasse", "o'neil", "Le", "x%", "_", "ann@EXAMPLE.org", "zoe", "M-0"])
DATES = st.sampled_from(["1990-02-28", "2001-03-01", "2026-11-23", "2026-11-16", "2026-12-31", "1999-01-01"])
DAYS = st.sampled_from([1, 3, 7, 8, 30, 100])
SMALL = st.sampled_from([-1, 0, 2.5, 18, 36, 38, 100])


def pair(of):
    return st.tuples(of, of).map(lambda two: sorted(two))


def value_for(world, question, comparison):
    """A strategy of values as rules store them."""
    widget, name = comparison.value.widget, question.name
    if widget in ("rows", "rows_within"):
        rows = st.lists(st.sampled_from([group.pk for group in world.groups]), min_size=1, max_size=3, unique=True)
        return rows if widget == "rows" else st.fixed_dictionaries({"days": DAYS, "rows": rows})
    if name == "tags" and widget == "choices":
        return st.lists(st.sampled_from([*TAGS, "other"]), min_size=1, max_size=2, unique=True)
    if widget == "choices":
        return st.lists(st.sampled_from([str(key) for key, _label in comparison.value.choices()][:80]), min_size=1, max_size=3, unique=True)
    if name == "number":
        return st.sampled_from(["33", "4477", "0009", "99800"])
    if name == "birthday" and widget == "whole":
        return st.sampled_from([1, 3, 7, 60, 300, 364, 365, 366])
    if widget == "pair":
        return pair(value_for(world, question, type("of", (), {"value": comparison.value.of})))
    whole = st.sampled_from([17, 18, 36, 37, 38, 65]) if name == "age" else DAYS
    return {
        "none": st.none(), "text": TEXT, "texts": st.lists(TEXT, min_size=1, max_size=3, unique=True), "date": DATES, "whole": whole, "number": SMALL,
        "choice": st.booleans(), "day_month": st.sampled_from(["02-28", "02-29", "03-01", "12-30", "01-03", "11-23"]),
    }[widget]  # fmt: skip


@st.composite
def trees(draw, world, questions, depth=3):
    """A branch of rules and branches."""
    parts = []
    for _n in range(draw(st.integers(1, 3))):
        if depth > 1 and draw(st.booleans()):
            parts.append(draw(trees(world, questions, depth - 1)))
        else:
            question = draw(st.sampled_from(questions))
            comparison = draw(st.sampled_from(list(question.comparisons)))
            parts.append({"q": question.name, "test": comparison.name, "value": draw(value_for(world, question, comparison))})
    return {draw(st.sampled_from(["all", "any", "none"])): parts}


def naive(world, person, tree):
    if "q" in tree:
        return holds(world, person, tree["q"], tree["test"], tree["value"])
    (how, parts), = tree.items()
    found = [naive(world, person, part) for part in parts]
    return {"all": all(found), "any": any(found), "none": not any(found)}[how]


def questions_of_contacts():
    """All but those of upper apps, the search box and imports, which have tests of their own."""
    return [question for question in Catalogue() if question.name not in {"search", "import"} and not question.name.startswith(("mailing", "campaign"))]


def found_by(world, tree):
    """In each of the ways to ask, which must agree."""
    condition = rules.parse(tree).condition(At(world.now, ZONE))
    people = People(Contact.objects.active(), condition)
    plain, walked, collected = (
        set(found.values_list("id", flat=True)) for found in (Contact.objects.active().filter(condition), people.walked, people.collected)
    )
    assert walked == collected == plain
    return plain


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%Y-%m-%d}")
def test_rules_find_whom_a_naive_reading_finds(now):
    world = World(random.Random(f"{now}"), now)
    questions = questions_of_contacts()

    @settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
    @given(tree=trees(world, questions))
    def check(tree):
        assert found_by(world, tree) == {person["id"] for person in world.people if person["alive"] and naive(world, person, tree)}, tree

    check()


@pytest.mark.parametrize("now", MOMENTS, ids=lambda now: f"{now:%Y-%m-%d}")
def test_each_question_alone_agrees_with_the_naive_reading(now):
    world = World(random.Random(f"{now} alone"), now)
    for question in questions_of_contacts():
        for comparison in question.comparisons:
            compare(world, question.name, comparison.name, value_for(world, question, comparison))


def compare(world, question, test, values):
    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(value=values)
    def check(value):
        assert found_by(world, {"q": question, "test": test, "value": value}) == {
            person["id"] for person in world.people if person["alive"] and holds(world, person, question, test, value)
        }, (question, test, value)

    check()
