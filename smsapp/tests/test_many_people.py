"""Pages with tens of thousands of people: the planner finds its way along indexes, with a bounded number of statements, and no page breaks."""

import os

import pytest
from django.db import connection

from benchmarks import pages, plans, seed, stage
from campaigns.models import Exclusion, Message
from contacts.smart.patience import by_index
from smsapp.testing import databases

pytestmark = pytest.mark.long

PEOPLE = 60_000  # enough for the planner to choose as it would with a million
MOST_STATEMENTS = 40  # of a page, transactions and settings included; see the tests of each page for its own number


@pytest.fixture(scope="module")
def many_people(django_db_setup, django_db_blocker):
    """A console full of people, in a database of its own, for the statistics of one that is rolled back say nothing."""
    name = f"sms_console_many_{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}"
    with django_db_blocker.unblock(), stage.scratch_database(name, databases.pattern_name()):
        world = seed.fill(seed.Size(PEOPLE, mailings=4, notes=0.5))
        stage.quiet_start()
        _keep_statistics()
        yield world


def _keep_statistics():
    """What the pages' own mailing adds is most of so small a table, and none of a real one: the planner is not to hear of it in the middle."""
    with connection.cursor() as cursor:
        for model in (Message, Exclusion):
            cursor.execute(f"ALTER TABLE {model._meta.db_table} SET (autovacuum_enabled = off)")


def test_no_page_goes_through_a_whole_table(many_people):
    client = pages.signed_in()
    faults = []
    for page in pages.pages(many_people):
        with plans.watched() as watch:
            faults += pages.faults(client, page)
        faults += [f"{page.name} asks {watch.statements} times"] if watch.statements > MOST_STATEMENTS else []
    assert faults == []


def test_the_watch_sees_a_scan(many_people):
    from contacts.models import Contact

    with plans.watched() as watch:
        list(Contact.objects.filter(organisation="Nobody")[:1])
        list(Contact.objects.filter(id=1))
    assert [scan.how for scan in watch.scans] == ["contacts_contact"]
    assert watch.statements == 2


def test_the_watch_sees_an_index_that_is_read_from_end_to_end(many_people):
    from contacts.models import Contact

    people = Contact.objects.active().filter(deceased=False)
    with plans.watched(cheap=0) as watch, by_index():
        list(people.order_by("sort_name", "id")[:50])  # stops after a page
        list(people.order_by("first_name")[:50])
    assert [scan.table for scan in watch.scans] == ["contacts_contact"]
    assert watch.scans[0].index
