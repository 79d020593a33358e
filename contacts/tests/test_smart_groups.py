"""Smart groups: who is in, who stays out, in what order they are refreshed, and what their rules may not be."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from contacts.models import Activity, Contact, CustomField, Group, Membership, Removal
from contacts.services import groups, smart_groups
from contacts.services.errors import ContactsError
from contacts.smart import refresh
from contacts.smart.patience import large_sets
from contacts.smart.problems import RulesProblem
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
FRENCH = {"all": [{"q": "language", "test": "is", "value": ["fr"]}]}
State = Group.State


def smart(tree=FRENCH, **names):
    return smart_groups.save(None, tree=tree, **({"name": f"Smart {Group.objects.count()}"} | names))


def member_of(*ids):
    return {"all": [{"q": "group", "test": "any", "value": list(ids)}]}


def members(group):
    return set(group.memberships.values_list("contact_id", flat=True))


def refreshed(group):
    refresh.refresh(group.pk)
    group.refresh_from_db()
    return members(group)


def test_a_refresh_brings_who_matches_and_takes_who_does_not():
    ann, bob = make_contact(language="fr"), make_contact(language="en")
    make_contact(language="fr", deleted_at=timezone.now())
    group = smart()
    assert (group.state, members(group)) == (State.WAITING, set())
    assert refreshed(group) == {ann.pk}
    assert (group.state, group.problem) == (State.FRESH, "") and group.refreshed_at
    Contact.objects.filter(pk=ann.pk).update(language="en")
    Contact.objects.filter(pk=bob.pk).update(language="fr")
    assert refreshed(group) == {bob.pk}
    assert refreshed(group) == {bob.pk}
    assert Membership.objects.filter(group=group, by_hand=True).count() == 0


def test_who_is_added_by_hand_stays_and_who_is_removed_by_hand_stays_out(user_for):
    author = user_for("author")
    ann, bob, eve = make_contact(language="fr"), make_contact(language="en"), make_contact(language="fr")
    group = smart()
    refreshed(group)
    assert groups.add_members(group, Contact.objects.filter(pk__in=[bob.pk, eve.pk]), author=author) == 2
    assert groups.remove_members(group, [ann.pk], author=author) == 1
    assert refreshed(group) == {bob.pk, eve.pk}
    Contact.objects.update(language="")
    assert refreshed(group) == {bob.pk, eve.pk}
    removal = Removal.objects.get()
    assert (removal.contact_id, removal.author) == (ann.pk, author)
    assert list(Activity.objects.filter(contact=ann, subject="group_left").values_list("details", "author")) == [(group.name, author.pk)]


def test_added_by_hand_after_a_removal_is_in_again():
    ann = make_contact(language="fr")
    group = smart()
    refreshed(group)
    groups.remove_members(group, [ann.pk])
    assert groups.add_members(group, [ann.pk]) == 1
    assert not Removal.objects.exists()
    assert refreshed(group) == {ann.pk}


def test_let_back_in():
    ann, bob = make_contact(language="fr"), make_contact(language="fr")
    group = smart()
    refreshed(group)
    groups.remove_members(group, [ann.pk, bob.pk])
    assert smart_groups.let_back_in(group, [ann.pk]) == 1
    assert smart_groups.let_back_in(group, [ann.pk]) == 0
    assert refreshed(group) == {ann.pk}


def test_a_membership_that_slipped_in_beside_a_removal_goes_with_the_next_refresh():
    ann = make_contact(language="fr")
    group = smart()
    Removal.objects.create(group=group, contact=ann)
    Membership.objects.create(group=group, contact=ann, by_hand=False)
    assert refreshed(group) == set()


def test_removing_from_a_static_group_keeps_nobody_out():
    ann = make_contact()
    group = make_group(ann)
    assert groups.remove_members(group, [ann.pk]) == 1
    assert not Removal.objects.exists()
    assert groups.add_members(group, Contact.objects.none()) == 0


def test_adding_people_found_by_percent_signs_and_lists():
    make_contact(first_name="50%", email="a@example.org")
    found = Contact.objects.filter(first_name__contains="%", email__in=["a@example.org", "b@example.org"])
    assert groups.add_members(make_group(), found) == 1


def test_a_refresh_joins_and_never_looks_through_everybody_for_each_member():
    with connection.cursor() as cursor, large_sets():
        cursor.execute(refresh.FIND.format(matching="SELECT id FROM contacts_contact"))
        for statement in refresh.CHANGE[:-1]:
            cursor.execute("EXPLAIN " + statement, {"group": 1})
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "SubPlan" not in plan and "Nested Loop" not in plan, plan


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


def states(group):
    return Group.objects.get(pk=group.pk).state


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


def test_rules_that_cannot_be_used_any_longer_fail_with_their_reason():
    field = CustomField.objects.create(key="level", label="Level", type="text")
    ann = make_contact(language="fr", custom={"level": "gold"})
    group = smart({"q": "custom.level", "test": "is", "value": "gold"}, name="Gold")
    assert refreshed(group) == {ann.pk}
    field.delete()
    with pytest.raises(refresh.NotRefreshed, match=r"“Gold” could not be refreshed\. Rule 1: This question does not exist"):
        refresh.bring_up_to_date([group.pk])
    group.refresh_from_db()
    assert group.state == State.FAILED and group.problem.startswith("Rule 1:")
    assert members(group) == {ann.pk}
    refresh.work_on([group.pk])


def test_a_fault_while_refreshing_changes_nothing_and_is_said(monkeypatch):
    make_contact(language="fr")
    group = smart()
    monkeypatch.setattr(refresh, "CHANGE", (*refresh.CHANGE, "SELECT 1/0"))
    with pytest.raises(refresh.NotRefreshed, match="fault of the console"):
        refresh.refresh(group.pk)
    group.refresh_from_db()
    assert (group.state, members(group)) == (State.FAILED, set())


def test_a_lost_database_leaves_the_group_to_the_next_tick(monkeypatch):
    group = smart()

    def lost(_group_id):
        raise OperationalError("server closed the connection")

    monkeypatch.setattr(refresh, "_refresh", lost)
    with pytest.raises(OperationalError):
        refresh.refresh(group.pk)
    group.refresh_from_db()
    assert group.state == State.REFRESHING


def test_rules_that_take_too_long_are_told(monkeypatch):
    monkeypatch.setattr(refresh, "CHANGE", ("SELECT pg_sleep(5)",))
    monkeypatch.setattr(refresh, "LONGEST", timedelta(milliseconds=50))
    group = smart()
    with pytest.raises(refresh.NotRefreshed, match="took longer than"):
        refresh.refresh(group.pk)
    assert Group.objects.get(pk=group.pk).state == State.FAILED


def test_rules_changed_meanwhile_stay_waiting(monkeypatch):
    group = smart()
    real = refresh.rules.parse

    def changed_while_read(tree):
        Group.objects.filter(pk=group.pk).update(rules={"all": [{"q": "deceased", "test": "is", "value": True}]}, state=State.WAITING)
        return real(tree)

    monkeypatch.setattr(refresh.rules, "parse", changed_while_read)
    refresh.refresh(group.pk)
    group.refresh_from_db()
    assert group.state == State.WAITING


def test_the_tick_takes_what_is_due(django_assert_num_queries):
    now = timezone.now()
    _fresh, old, waiting, left, failed, archived = [smart() for _n in range(6)]
    Group.objects.update(state=State.FRESH, tried_at=now, refreshed_at=now)
    Group.objects.filter(pk=old.pk).update(tried_at=now - timedelta(minutes=11))
    Group.objects.filter(pk=waiting.pk).update(state=State.WAITING)
    Group.objects.filter(pk=left.pk).update(state=State.REFRESHING)
    Group.objects.filter(pk=failed.pk).update(state=State.FAILED)
    Group.objects.filter(pk=archived.pk).update(state=State.WAITING, archived=True)
    refresh.work_on_due()
    tried = set(Group.objects.filter(tried_at__gt=now).values_list("pk", flat=True))
    assert tried == {old.pk, waiting.pk, left.pk}
    with django_assert_num_queries(1):
        refresh.work_on_due()


def test_an_archived_group_is_refreshed_for_those_who_read_it():
    archived = smart()
    reader = smart(member_of(archived.pk))
    Group.objects.filter(pk=archived.pk).update(archived=True, state=State.FRESH, tried_at=None)
    ann = make_contact(language="fr")
    refresh.work_on_due()
    assert members(reader) == {ann.pk}


def test_names_are_unique_and_audited(user_for):
    from auditlog.models import LogEntry

    group = smart(name="Gold")
    with pytest.raises(ContactsError, match="already has this name"):
        smart(name="Gold")
    smart_groups.save(group, tree={"q": "deceased", "test": "is", "value": True})
    assert "rules" in LogEntry.objects.get_for_object(group).first().changes
    refreshed(group)
    assert LogEntry.objects.get_for_object(group).count() == 2
