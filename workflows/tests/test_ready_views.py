"""Workflows to start from over HTTP: where they are offered, and what opens."""

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.tests.factories import make_provider
from workflows import ready
from workflows.models import Workflow
from workflows.tests.factories import make_workflow

pytestmark = pytest.mark.django_db
NEW = "/workflows/new/"


def test_they_are_offered_where_a_workflow_is_made_and_where_there_is_none(client_for):
    author = client_for("author")
    for address in (NEW, reverse("workflows:list")):
        page = author.get(address).content.decode()
        assert all(f"{NEW}?ready={one.name}" in page and str(one.label) in page for one in ready.ALL)
    make_workflow()
    assert "?ready=" not in author.get(reverse("workflows:list")).content.decode()


def test_only_who_may_make_workflows_is_offered_them(client_for):
    assert "?ready=" not in client_for("viewer").get(reverse("workflows:list")).content.decode()
    assert client_for("viewer").post(f"{NEW}?ready=birthday", {"label": "Birthdays", "time_zone": "Europe/Paris"}).status_code == 403
    assert Client().post(f"{NEW}?ready=birthday").status_code == 302
    assert not Workflow.objects.exists()


def test_one_opens_as_a_drawing_whose_blanks_are_marked_on_their_steps(client_for):
    make_provider()
    author = client_for("author")
    form = author.get(f"{NEW}?ready=welcome").content.decode()
    assert "Welcome to a group" in form and "Or an empty canvas" not in form
    page = author.post(f"{NEW}?ready=welcome", {"label": "Hello new ones", "time_zone": "Europe/London"}, follow=True).content.decode()
    workflow = Workflow.objects.get()
    assert (workflow.label, workflow.time_zone, workflow.state) == ("Hello new ones", "Europe/London", "editing")
    assert page.count("Needs a look") == 2
    assert "Choose the group whose new members are welcomed." in page and "[What comes next.]" in page
    rules = author.get(reverse("workflows:rules", args=[workflow.pk, "s2"])).content.decode()
    assert "Choose the group whose new members are welcomed." in rules and 'value="7"' in rules
    saved = author.post(reverse("workflows:options", args=[workflow.pk, "s2"]), {"version": workflow.version}, follow=True).content.decode()
    assert "Choose the group whose new members are welcomed." in saved
    refused = author.post(reverse("workflows:run_action", args=[workflow.pk, "start"]), follow=True).content.decode()
    workflow.refresh_from_db()
    assert workflow.state == "editing" and "Choose the group" in refused


def test_without_a_label_nothing_is_made_and_an_unknown_name_is_an_empty_canvas(client_for):
    author = client_for("author")
    assert "Give the workflow a label" in author.post(f"{NEW}?ready=birthday", {"time_zone": "Europe/Paris"}).content.decode()
    assert not Workflow.objects.exists()
    author.post(f"{NEW}?ready=nonsense", {"label": "Mine", "time_zone": "Europe/Paris"})
    assert not Workflow.objects.get().drawing.steps


def test_who_reads_french_makes_it_in_french(client_for):
    make_provider()
    author = client_for("author", language="fr")
    author.post(f"{NEW}?ready=birthday", {"label": "Anniversaires", "time_zone": "Europe/Paris"}, headers={"accept-language": "fr"})
    page = author.get(reverse("workflows:sms", args=[Workflow.objects.get().pk, "s3"]), follow=True, headers={"accept-language": "fr"}).content.decode()
    assert "Joyeux anniversaire" in page


def test_a_rule_keeps_how_it_asks_when_its_blank_is_filled(client_for):
    from contacts.tests.factories import make_field

    make_field("appointment", "date")
    make_provider()
    author = client_for("author")
    author.post(f"{NEW}?ready=reminder", {"label": "Reminders", "time_zone": "Europe/Paris"})
    address = reverse("workflows:rules", args=[Workflow.objects.get().pk, "s2"])
    page = author.post(address, {"node": ["r2.1"], "how-1": "all", "q-2": "", "test-2": "ahead", "do": "ask:2:custom.appointment"}).content.decode()
    assert '<option value="ahead" selected>' in page
