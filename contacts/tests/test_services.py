"""Saving, deleting and restoring contacts, their numbers, groups and history."""

import pytest

from contacts.models import Activity, Contact
from contacts.services import contacts, groups, numbers
from contacts.services.errors import ContactsError
from contacts.tests.factories import add_number, make_contact, make_group

pytestmark = pytest.mark.django_db


def test_primary_mobile_is_the_one_texted():
    contact = make_contact("+33639980001")
    numbers.replace(contact, [("+33639980001", "mobile", False), ("+33639980002", "mobile", True)])
    assert contact.sms_number == "+33639980002"


def test_primary_landline_leaves_the_first_mobile():
    contact = make_contact(None)
    numbers.replace(contact, [("+33465712210", "landline", True), ("+33639980002", "mobile", False), ("+33639980003", "mobile", False)])
    assert (contact.sms_number, contact.reach) == ("+33639980002", Contact.Reach.MOBILE)


@pytest.mark.parametrize(
    ("phones", "reach"),
    [
        ([], Contact.Reach.NO_NUMBER),
        ([("+33465712210", "landline", False)], Contact.Reach.NOT_MOBILE),
        ([("+33639980001", "mobile", False)], Contact.Reach.MOBILE),
    ],
)
def test_reach_follows_the_numbers(phones, reach):
    contact = make_contact("+33639980009")
    numbers.replace(contact, phones)
    assert contact.reach == reach


def test_without_a_primary_the_first_mobile_becomes_it():
    contact = make_contact(None)
    numbers.replace(contact, [("+33465712210", "landline", False), ("+33639980002", "mobile", False)])
    assert contact.numbers.get(is_primary=True).number == "+33639980002"


def test_a_number_that_stays_keeps_its_row():
    contact = make_contact("+33639980001")
    before = contact.numbers.get().pk
    numbers.replace(contact, [("+33639980002", "mobile", True), ("+33639980001", "other", False), ("+33639980001", "mobile", False)])
    assert contact.numbers.get(number="+33639980001").pk == before
    assert contact.numbers.count() == 2


def test_saving_writes_history():
    contact = contacts.save_contact(first_name="Léa", phones=[("+33639980001", "mobile", True)])
    contacts.save_contact(contact, last_name="Martin")
    assert list(contact.activities.order_by("id").values_list("kind", "subject")) == [("change", "created"), ("change", "edited")]
    assert Contact.objects.get().name == "Léa Martin"


def test_external_id_belongs_to_one_contact():
    make_contact(external_id="A1")
    with pytest.raises(ContactsError) as refused:
        contacts.save_contact(first_name="Other", external_id="A1")
    assert (refused.value.code, refused.value.field) == ("external_id_taken", "external_id")
    assert Contact.objects.count() == 1


def test_delete_and_restore_happen_once():
    contact = make_contact()
    assert contacts.delete(contact)
    assert not contacts.delete(contact)
    assert not Contact.objects.active().exists()
    assert contacts.restore(contact)
    assert not contacts.restore(contact)
    assert list(contact.activities.order_by("id").values_list("subject", flat=True)) == ["deleted", "restored"]


def test_restore_tells_that_the_external_id_was_taken():
    contact = make_contact(external_id="A1")
    contacts.delete(contact)
    make_contact("+33639980002", external_id="A1")
    with pytest.raises(ContactsError):
        contacts.restore(contact)


def test_members_join_once_and_deleted_people_do_not():
    here, gone = make_contact(), make_contact("+33639980002")
    contacts.delete(gone)
    group = make_group()
    assert groups.add_members(group, [here.pk, gone.pk]) == 1
    assert groups.add_members(group, Contact.objects.all()) == 0
    assert Activity.objects.get(subject="group_joined").details == group.name


def test_members_chosen_by_a_query_leave_in_one_statement(django_assert_num_queries):
    people = [make_contact(f"+3363998{n:04}") for n in range(5)]
    group = make_group(*people)
    with django_assert_num_queries(2):  # history included; the second looks for smart groups that ask for it
        assert groups.remove_members(group, Contact.objects.filter(last_name__contains="Aubert")) == 5
    assert not group.memberships.exists()


def test_group_names_are_unique():
    group = groups.save_group(None, name="Choir")
    with pytest.raises(ContactsError):
        groups.save_group(None, name="Choir")
    assert groups.save_group(group, name="Choir", description="Tuesdays").description == "Tuesdays"


def test_added_number_of_another_kind_changes_nothing_for_texts():
    contact = make_contact()
    add_number(contact, "+33465712210", kind="landline")
    assert contact.sms_number == "+33639980001"


def test_somebody_without_a_name_is_called_by_the_number_as_people_write_it():
    contact = make_contact("+33639980417", first_name="", last_name="")
    assert contact.name == contact.list_name == "+33 6 39 98 04 17"
    assert make_contact(None, first_name="", last_name="").name == "No name"
