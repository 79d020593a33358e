"""The boxes of step 1: sizes as the page of groups says them, counted once."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.services import audience_count
from campaigns.tests.factories import make_people
from campaigns.wizard.picker import Picker
from contacts.services import contacts
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


def test_sizes_count_active_people_up_to_a_bound(monkeypatch, client_for):
    monkeypatch.setattr("contacts.group_sizes.MOST", 2)
    people = [make_contact() for _person in range(4)]
    contacts.delete(people[3])
    make_group(*people, name="Large")
    small = make_group(*people[2:], name="Small")
    boxes = Picker(include=[small.pk]).boxes()
    sizes = {group.name: (group.size.n, group.size.more) for box in boxes.values() for group in box}
    assert sizes == {"Large": (2, True), "Small": (1, False)}
    assert '<span class="num">2+</span>' in client_for("author").get("/sms/mailings/new/").content.decode()


def test_a_click_counts_groups_and_audience_once():
    groups = [make_people(2), make_group(name="Other")]
    picker = Picker(include=[groups[0].pk], exclude=[groups[1].pk])
    with CaptureQueriesContext(
        connection,
    ) as queries:
        picker.boxes()
        audience_count.count(picker.include, picker.exclude)
    counting = [query["sql"] for query in queries if "contacts_membership" in query["sql"]]
    assert len(counting) == 2


def test_an_archived_group_stays_where_it_was_chosen():
    chosen, other = make_group(name="Chosen", archived=True), make_group(name="Other", archived=True)
    boxes = Picker(include=[chosen.pk]).boxes()
    assert [group.name for group in boxes["included"]] == ["Chosen"]
    assert other not in boxes["available"]
