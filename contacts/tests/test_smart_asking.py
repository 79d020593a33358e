"""The two ways to ask for the same people, which of them comes first, and when a page or a count gives up."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from contacts.models import Activity, Contact
from contacts.smart import counting, finding, rules
from contacts.smart.asking import People
from contacts.smart.counting import Counted
from contacts.smart.criteria import At
from contacts.smart.patience import TookTooLong, patience
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
TREE = {"any": [{"q": "language", "test": "is", "value": ["fr"]}, {"q": "texted", "test": "ever"}]}


def people(tree=TREE):
    return People(Contact.objects.active(), rules.parse(tree).condition(At.current()))


def slow(milliseconds=300):
    return Contact.objects.extra(where=[f"pg_sleep({milliseconds / 1000}) IS NOT NULL"])


class Two:
    """People who are asked for in ways of different speed."""

    def __init__(self, *, walked, collected, few):
        self.walked, self.collected, self.placed, self.are_few = walked, collected, collected, few


def statement(queryset):
    return str(queryset.values("pk").query)


def test_an_or_is_collected_part_by_part():
    assert "UNION" in statement(people().collected) and "UNION" not in statement(people().walked)
    plain = {"any": [{"q": "language", "test": "is", "value": ["fr"]}, {"q": "deceased", "test": "is", "value": True}]}
    assert "UNION" not in statement(people(plain).collected)


def test_a_not_stands_at_each_subquery():
    group = make_group()
    tree = {"none": [{"q": "group", "test": "any", "value": [group.pk]}, {"q": "replied", "test": "ever"}]}
    assert "NOT (EXISTS" in statement(people(tree).collected) or "NOT EXISTS" in statement(people(tree).collected)
    assert "UNION" not in statement(people(tree).collected)


def test_walked_people_are_looked_at_one_by_one():
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + people({"q": "texted", "test": "ever"}).walked.order_by("sort_name", "id")[:50].query.sql_with_params()[0], people({"q": "texted", "test": "ever"}).walked.order_by("sort_name", "id")[:50].query.sql_with_params()[1])
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "contact_by_name" in plan and "activity_by_date" in plan and "hashed" not in plan


def test_merged_people_are_found_by_what_happened_before():
    winner = make_contact()
    loser = make_contact(merged_into=winner, deleted_at=timezone.now())
    Activity.objects.create(contact=loser, kind="sms_sent", at=timezone.now())
    for test, found in (("ever", [winner]), ("never", [])):
        asked = people({"q": "texted", "test": test})
        assert list(asked.walked) == list(asked.collected) == found


@pytest.mark.parametrize("few", [True, False])
@pytest.mark.parametrize("broken", ["walked", "collected"])
def test_the_other_way_helps_when_one_takes_long(few, broken, monkeypatch):
    monkeypatch.setattr(finding, "SHORT", timedelta(milliseconds=10))
    monkeypatch.setattr(finding, "LONG", timedelta(milliseconds=5_000))
    ann = make_contact()
    fast = Contact.objects.all()
    ways = Two(walked=slow() if broken == "walked" else fast, collected=slow() if broken == "collected" else fast, few=few)
    assert finding.page(ways, lambda contacts, order: list(contacts)) == [ann]


def test_a_page_gives_up_when_no_way_is_quick(monkeypatch):
    monkeypatch.setattr(finding, "SHORT", timedelta(milliseconds=10))
    monkeypatch.setattr(finding, "LONG", timedelta(milliseconds=20))
    make_contact()
    with pytest.raises(TookTooLong):
        finding.page(Two(walked=slow(), collected=slow(), few=True), lambda contacts, order: list(contacts))
    assert Contact.objects.count() == 1


def test_both_ways_sort_alike():
    for last in ("Zoo", "Éa", "ab", "Ab", "a b", "O’Neil"):
        make_contact(last_name=last, first_name="", language="fr")
    asked = people()
    assert list(asked.placed.order_by(*finding.BY_PLACE)) == list(asked.walked.order_by(*finding.BY_NAME))


@pytest.mark.parametrize(
    ("walked", "collected", "few", "counted"),
    [
        ("fast", "fast", True, Counted(3)),
        ("fast", "slow", True, Counted(2, more=True)),
        ("slow", "slow", True, Counted(None)),
        ("fast", "fast", False, Counted(3)),
        ("fast", "slow", False, Counted(2, more=True)),
        ("slow", "fast", False, Counted(3)),
        ("slow", "slow", False, Counted(None)),
    ],
)
def test_counts_are_exact_or_bounded_or_given_up(walked, collected, few, counted, monkeypatch):
    monkeypatch.setattr(counting, "A_MOMENT", timedelta(milliseconds=60))
    monkeypatch.setattr(counting, "MOST", 2)
    for _n in range(3):
        make_contact(None)
    speeds = {"fast": Contact.objects.all(), "slow": slow()}
    assert counting.count_people(Two(walked=speeds[walked], collected=speeds[collected], few=few)) == counted


def test_few_people_are_counted_by_walking_alone(monkeypatch):
    make_contact(None)
    assert counting.count_people(Two(walked=Contact.objects.all(), collected=None, few=False)) == Counted(1)
    assert counting.count(Contact.objects.all()) == Counted(1)
    assert counting.count(Contact.objects.none()) == Counted(0)


def test_patience_leaves_other_faults_and_later_statements_alone():
    with pytest.raises(OperationalError), patience(timedelta(seconds=1)):
        raise OperationalError("gone")
    with patience(timedelta(milliseconds=50)):
        pass
    assert len(slow(100)) == 0


def test_the_estimate_is_asked_for_once(django_assert_num_queries):
    asked = people()
    with django_assert_num_queries(1):
        assert asked.are_few == asked.are_few
