"""Who started and stopped an import, who made and deleted a group, is written down."""

import pytest
from auditlog.models import LogEntry
from django.urls import reverse

from contacts.models import Group, ImportJob
from contacts.services import imports
from contacts.services.errors import ContactsError

pytestmark = pytest.mark.django_db
State = ImportJob.State


def noted(obj) -> list[tuple[str, str]]:
    entries = LogEntry.objects.get_for_object(obj).order_by("id")
    return [(what, entry.actor.username) for entry in entries for what in entry.changes if what.startswith("import")]


def test_imports(client_for, user_for):
    job, client = ImportJob.objects.create(author=user_for("author"), file_name="gens.csv", path="x.csv", state=State.CHECKED, total=3), client_for("author")
    client.post(reverse("contacts:import_start", args=[job.pk]))
    client.post(reverse("contacts:import_stop", args=[job.pk]))
    client.post(reverse("contacts:import_stop", args=[job.pk]))
    client.post(reverse("contacts:import_start", args=[job.pk]))
    assert noted(job) == [("import started", "author"), ("import stopped", "author"), ("import resumed", "author")]
    job.refresh_from_db()
    with pytest.raises(ContactsError):
        imports.start(job, user_for("author"))
    assert len(noted(job)) == 3


def test_groups(client_for):
    client = client_for("author")
    client.post(reverse("contacts:group_create"), {"name": "Choir"})
    group = Group.objects.get()
    client.post(reverse("contacts:group_archive", args=[group.pk]))
    client.post(reverse("contacts:group_delete", args=[group.pk]))
    entries = LogEntry.objects.filter(object_id=group.pk, content_type__model="group", content_type__app_label="contacts").order_by("id")
    action = LogEntry.Action
    assert [(entry.action, entry.actor.username) for entry in entries] == [(kind, "author") for kind in (action.CREATE, action.UPDATE, action.DELETE)]
