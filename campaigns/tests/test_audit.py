"""Who launched, paused, cancelled or deleted what is written down."""

from datetime import timedelta

import pytest
from auditlog.models import LogEntry
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Campaign, SmsTemplate
from campaigns.services import mailings, putting_away, templates
from campaigns.tests.factories import make_mailing, make_people, make_ready, make_sending, make_template
from campaigns.texts import Texts

pytestmark = pytest.mark.django_db


def noted(obj) -> list[tuple[str, str]]:
    """(what, who) in order."""
    return [(next(iter(entry.changes)), entry.actor.username if entry.actor else "") for entry in LogEntry.objects.get_for_object(obj).order_by("id")]


def test_the_life_of_a_mailing(user_for):
    mailing, person = make_ready(make_people(2)), user_for("marketer")
    mailings.confirm(mailing, person)
    mailings.pause(mailing, person, reason="Wrong text")
    mailings.resume(mailing, person)
    mailings.cancel(mailing, person)
    assert noted(mailing) == [(what, "marketer") for what in ("launched", "paused", "resumed", "cancelled")]
    assert LogEntry.objects.get_for_object(mailing).get(changes__has_key="paused").changes["reason"] == ["", "Wrong text"]


def test_what_was_refused_is_no_entry(user_for):
    mailing = make_sending(make_people(1))
    with pytest.raises(mailings.CampaignError):
        mailings.resume(mailing, user_for("marketer"))
    assert noted(mailing) == [("launched", "")]


def test_a_deleted_draft_leaves_its_name(user_for):
    mailing = make_mailing(make_people(1))
    putting_away.archive(mailing, user_for("author"))
    putting_away.archive(mailing, user_for("author"), archived=False)
    entries = LogEntry.objects.filter(object_id=mailing.pk, content_type__model="mailing")
    putting_away.delete(mailing, user_for("author"))
    assert [next(iter(entry.changes)) for entry in entries.order_by("id")] == ["archived", "brought back", "deleted"]
    assert entries.last().object_repr == str(mailing)


def test_the_page_adds_where_from(client_for):
    mailing = mailings.confirm(make_ready(make_people(1)), None, at=timezone.now() + timedelta(hours=1))
    client_for("marketer").post(reverse("campaigns:act", args=[mailing.pk, "take-back"]))
    entry = LogEntry.objects.get_for_object(mailing).get(changes__has_key="taken back")
    assert (entry.actor.username, entry.remote_addr, entry.changes["before"]) == ("marketer", "127.0.0.1", ["", "scheduled"])


def test_templates_and_campaigns(client_for):
    client_for("author").post("/sms/campaigns/new/", {"name": "Autumn"})
    entry = LogEntry.objects.get_for_object(Campaign.objects.get()).get()
    assert (entry.action, entry.actor.username) == (LogEntry.Action.CREATE, "author")
    template = SmsTemplate.objects.create(name="Reminder", text="See you")
    template.text = "See you soon"
    template.save()
    assert LogEntry.objects.get_for_object(template).first().changes == {"text": ["See you", "See you soon"]}


def test_changes_of_a_template_are_written_down(user_for):
    template = make_template("One")
    templates.change(template, user_for("author"), texts=Texts("Two"))
    templates.restore(template, 1, user_for("marketer"))
    assert LogEntry.objects.get_for_object(template).get(changes__has_key="restored").actor == user_for("marketer")
    templates.delete(template, user_for("author"))
    assert LogEntry.objects.filter(content_type__model="smstemplate", action=LogEntry.Action.DELETE).exists()
