"""Smart groups that ask for other groups: in what order they are refreshed, who says that a refresh is due, and no circles."""

import pytest

from contacts.models import Contact, Group
from contacts.services import groups, smart_groups
from contacts.services.errors import ContactsError
from contacts.smart import refresh
from contacts.smart.problems import RulesProblem
from contacts.tests.factories import make_contact, make_group
from contacts.tests.smart_groups import FRENCH, State, member_of, members, smart, states

pytestmark = pytest.mark.django_db


def test_nested_groups_are_refreshed_first():
    ann = make_contact(language="fr")
    inner = smart()
    outer = smart(member_of(inner.pk))
    outmost = smart({"none": [{"q": "group", "test": "any", "value": [outer.pk]}]})
    other = make_contact(language="en")
    refresh.bring_up_to_date([outmost.pk])
    assert (members(inner), members(outer), members(outmost)) == ({ann.pk}, {ann.pk}, {other.pk})


@pytest.mark.parametrize("kind", ["static", "smart"])
def test_groups_that_read_a_changed_one_say_so_until_they_are_refreshed(kind):
    ann, bob = make_contact(language="fr"), make_contact(language="fr")
    inner = smart() if kind == "smart" else make_group(ann, bob)
    outer = smart(member_of(inner.pk))
    outmost, apart = smart(member_of(outer.pk)), smart()
    refresh.bring_up_to_date([outmost.pk, apart.pk])
    groups.remove_members(inner, [ann.pk])
    assert [states(outer), states(outmost), states(apart)] == [State.WAITING, State.WAITING, State.FRESH]
    refresh.work_on_due()
    assert (states(outmost), members(outmost)) == (State.FRESH, {bob.pk})
    groups.add_members(inner, [ann.pk])
    refresh.work_on_due()
    assert members(outmost) == {ann.pk, bob.pk}


def test_a_refresh_that_changed_the_members_lets_the_readers_follow():
    ann = make_contact(language="fr")
    inner = smart()
    outer, broken = smart(member_of(inner.pk)), smart(member_of(inner.pk))
    refresh.bring_up_to_date([outer.pk, broken.pk])
    Group.objects.filter(pk=broken.pk).update(state=State.FAILED)
    refresh.refresh(inner.pk)
    assert (states(outer), states(broken)) == (State.FRESH, State.FAILED)  # nobody left, nobody joined
    Contact.objects.filter(pk=ann.pk).update(language="en")
    refresh.work_on([inner.pk])
    assert (states(outer), states(broken), members(outer)) == (State.WAITING, State.FAILED, {ann.pk})


def test_what_a_group_reads_may_change_while_it_is_refreshed(monkeypatch):
    inner = make_group(ann := make_contact())
    outer = smart(member_of(inner.pk))
    real = refresh.rules.parse

    def changed_while_read(tree):
        groups.remove_members(inner, [ann.pk])
        return real(tree)

    monkeypatch.setattr(refresh.rules, "parse", changed_while_read)
    refresh.refresh(outer.pk)
    assert states(outer) == State.WAITING


def test_static_and_unknown_groups_are_up_to_date():
    refresh.bring_up_to_date([make_group(make_contact()).pk, 999_999])


def test_a_circle_is_refused_with_the_way_round():
    one = smart(name="One")
    two = smart(member_of(one.pk), name="Two")
    three = smart(member_of(two.pk), name="Three")
    with pytest.raises(RulesProblem, match="One → Three → Two → One"):
        smart_groups.save(one, tree=member_of(three.pk))
    with pytest.raises(RulesProblem, match="cannot ask for its own members"):
        smart_groups.save(one, tree={"none": [member_of(one.pk)]})
    one.refresh_from_db()
    assert one.rules == FRENCH


def test_a_circle_that_came_about_all_the_same_ends():
    one, two = smart(), smart()
    Group.objects.filter(pk=one.pk).update(rules=member_of(two.pk))
    Group.objects.filter(pk=two.pk).update(rules=member_of(one.pk))
    refresh.bring_up_to_date([one.pk])


def test_a_group_that_is_read_elsewhere_is_not_deleted():
    inner = make_group(name="Choir")
    reader = smart(member_of(inner.pk), name="Singers")
    with pytest.raises(ContactsError, match="“Singers”"):
        groups.delete(inner)
    smart_groups.save(reader, tree=FRENCH)
    groups.delete(inner)


def test_an_archived_group_is_refreshed_for_those_who_read_it():
    archived = smart()
    reader = smart(member_of(archived.pk))
    Group.objects.filter(pk=archived.pk).update(archived=True, state=State.FRESH, tried_at=None)
    ann = make_contact(language="fr")
    refresh.work_on_due()
    assert members(reader) == {ann.pk}
