"""A history in the order of its dates, however late something was written down."""

from datetime import timedelta

import pytest
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from contacts.models import Activity
from contacts.services import history
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


def page_of(client, contact, query=""):
    return client.get(reverse("contacts:activities", args=[contact.pk]) + query)


def test_a_call_of_yesterday_stands_under_yesterday(client_for):
    contact, noon = make_contact(), timezone.localtime().replace(hour=12, minute=0)
    for subject, days in [("Today", 1), ("Before", 3), ("Also today", 1), ("Late told", 2), ("Also before", 3)]:
        history.record(contact, "note", subject, at=noon - timedelta(days=days))
    response = page_of(client_for("viewer"), contact)
    assert [line.activity.subject for line in response.context["lines"]] == ["Also today", "Today", "Late told", "Also before", "Before"]
    assert response.content.decode().count("timeline-day") == 3
    shown = client_for("viewer").get(reverse("contacts:detail", args=[contact.pk])).context["lines"]
    assert [line.activity.subject for line in shown][:3] == ["Also today", "Today", "Late told"]


def test_pages_hold_each_line_once_where_moments_are_the_same(client_for):
    contact, now, client = make_contact(), timezone.now(), client_for("viewer")
    Activity.objects.bulk_create(Activity(contact=contact, kind="note", subject=f"{n:02}", at=now - timedelta(hours=n % 3)) for n in range(60))
    seen, url = [], ""
    while True:
        page = page_of(client, contact, url).context["page"]
        seen += [(activity.at, activity.pk) for activity in page]
        if not (url := page.next_url):
            break
    assert len(seen) == 60 and seen == sorted(seen, reverse=True)
    assert [(activity.at, activity.pk) for activity in page_of(client, contact, page.previous_url).context["page"]] == seen[25:50]


def test_a_page_is_read_from_the_index():
    contact, now = make_contact(), timezone.now()
    others = [make_contact(None) for _one in range(20)]
    Activity.objects.bulk_create(
        Activity(contact=person, kind="note", subject="x", at=now - timedelta(minutes=n)) for n in range(300) for person in [contact, *others]
    )
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE contacts_activity")
        for beyond in ("", "AND at <= now() AND (at < now() OR at = now() AND id < 1000000)"):
            cursor.execute(f"EXPLAIN SELECT * FROM contacts_activity WHERE contact_id IN (%s) {beyond} ORDER BY at DESC, id DESC LIMIT 26", [contact.pk])
            plan = "\n".join(row[0] for row in cursor.fetchall())
            assert "activity_by_date" in plan and "Sort" not in plan, plan
