"""Before a group goes it is said which workflows use it; those that do not are not named."""

import pytest
from django.urls import reverse

from contacts.models import Group
from contacts.tests.factories import make_contact, make_group
from workflows.engine import start
from workflows.tests.factories import drawn, group_step, make_workflow, query

pytestmark = pytest.mark.django_db


def test_who_deletes_or_archives_a_group_is_told_which_workflows_use_it(client_for):
    choir, other = make_group(make_contact(None), name="Choir"), make_group(make_contact(None))
    rule = {"q": "group", "test": "any", "value": [choir.pk]}
    drawings = {
        "Reader": drawn({"s1": group_step(choir), "s2": ("end", {})}, "s1 s2"),
        "Asker": drawn({"s1": query(**rule), "s2": ("end", {})}, "s1 s2"),
        "Writer": drawn({"s1": group_step(other), "s2": ("save_group", {"how": "add", "group": choir.pk})}, "s1 s2"),
        "Maker": drawn({"s1": group_step(other), "s2": ("save_group", {"how": "create", "name": "New", "group": choir.pk})}, "s1 s2"),
    }
    for label, graph in drawings.items():
        start.start(make_workflow(graph, label=label), None)
    make_workflow(drawings["Reader"], label="Sketch")
    make_workflow(drawings["Reader"], label="Old", archived=True)
    author = client_for("author")
    asked = author.get(reverse("contacts:group_delete", args=[choir.pk])).content.decode()
    told = author.post(reverse("contacts:group_archive", args=[choir.pk]), follow=True).content.decode()
    for label in ("Reader", "Asker"):
        assert f"The workflow “{label}” reads it; its next run would stop there." in asked and f"“{label}” reads it, and goes on doing so." in told
    for page in (asked, told):
        assert "The workflow “Writer” writes to it; its next run would stop there." in page
        assert "The drawing of the workflow “Sketch” names it" in page and "Maker" not in page and "“Old”" not in page
    author.post(reverse("contacts:group_delete", args=[choir.pk]))
    assert not Group.objects.filter(pk=choir.pk).exists()  # told, not kept from it
