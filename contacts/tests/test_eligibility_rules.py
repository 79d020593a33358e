"""The rules say the same in Python and in SQL, of whoever they are asked; all reasons in their order."""

import pytest
from hypothesis import HealthCheck, given, settings

from contacts import eligibility
from contacts.eligibility_rules import Number, Person, World, is_textable, reasons, reasons_for_number, texted_number
from contacts.models import Contact, PhoneNumber
from contacts.tests.generated import people, possibly_merged, stored, worlds

MOBILE = Number("+33639980001", "mobile", "mobile", "FR")
LANDLINE = Number("+33142685300", "landline", "fixed", "FR")


@pytest.mark.parametrize(
    ("person", "world", "expected"),
    [
        (Person([MOBILE]), World(), []),
        (Person([]), World(), ["no_number"]),
        (Person([LANDLINE]), World(), ["not_mobile"]),
        (Person([LANDLINE]), World(kinds=["mobile", "landline"]), []),
        (Person([Number("+331234567", "mobile", "unknown")]), World(), ["invalid_number"]),
        (Person([MOBILE], deleted=True, deceased=True, do_not_sms=True, opted_out=True), World(), ["deleted", "deceased", "do_not_sms", "opted_out"]),
        (Person([MOBILE]), World(suppressed=[MOBILE.number], quarantined=[MOBILE.number]), ["suppressed", "quarantined"]),
        (Person([LANDLINE]), World(suppressed=[LANDLINE.number]), ["not_mobile"]),  # nobody would text that number
        (Person([MOBILE]), World(countries=["GB"], real_only=True), ["country_not_allowed", "fictional_number"]),
    ],
)
def test_all_reasons_of_a_person_in_order(person, world, expected):
    assert reasons(person, world, marketing=True) == expected


def test_opted_out_counts_for_marketing_only():
    person = Person([MOBILE], opted_out=True)
    assert reasons(person, World(), marketing=False) == reasons_for_number(person, MOBILE, World(), marketing=False) == []


def test_the_primary_number_is_texted_when_it_can_be():
    second = Number("+33639980002", "mobile", "mobile", "FR", primary=True)
    assert texted_number(Person([MOBILE, second]), World()) == second
    assert texted_number(Person([MOBILE, Number("+33142685300", "landline", "fixed", primary=True)]), World()) == MOBILE


@pytest.mark.parametrize("line", ["premium", "satellite", "personal", "unknown"])
@pytest.mark.parametrize("kind", ["mobile", "landline", "other"])
def test_dear_and_impossible_lines_are_never_texted_unless_their_range_is_allowed(line, kind):
    every = ["mobile", "landline", "other"]
    assert not is_textable("+881631555123", kind, line, every, [])
    assert is_textable("+881631555123", kind, line, every, ["+8816"])


@pytest.mark.django_db
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(world=worlds, first=possibly_merged(), second=people())
def test_python_and_sql_say_the_same(world, first, second):
    with stored(world, first, second) as everybody:
        for marketing in (True, False):
            judged = dict(eligibility.judge(Contact.objects.all(), marketing=marketing).values_list("id", "reason"))
            by_number = dict(eligibility.judge_numbers(PhoneNumber.objects.all(), marketing=marketing).values_list("id", "reason"))
            for each in everybody:
                assert judged[each.contact.id] == next(iter(reasons(each.person, world, marketing=marketing)), None)
                for person, number, row in each.pairs():
                    assert by_number[row.id] == next(iter(reasons_for_number(person, number, world, marketing=marketing)), None)
                texted = texted_number(each.person, world)
                each.contact.refresh_from_db()
                assert each.contact.sms_number == (texted and texted.number)
