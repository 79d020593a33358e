"""The refresh of smart groups: quick, all or nothing, failing in words, and taken up when it is due."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from contacts.models import CustomField, Group
from contacts.smart import refresh
from contacts.smart.patience import large_sets
from contacts.tests.factories import make_contact
from contacts.tests.smart_groups import State, members, refreshed, smart

pytestmark = pytest.mark.django_db


def test_a_refresh_joins_and_never_looks_through_everybody_for_each_member():
    with connection.cursor() as cursor, large_sets():
        cursor.execute(refresh.FIND.format(matching="SELECT id FROM contacts_contact"))
        for statement in refresh.CHANGE[:-1]:
            cursor.execute("EXPLAIN " + statement, {"group": 1})
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "SubPlan" not in plan and "Nested Loop" not in plan, plan


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
