"""What upper apps rely on: the selection, the slots, the search of the console."""

import pytest
from django.http import QueryDict
from django.urls import reverse

from contacts import finds, selection, slots, timeline
from contacts.models import Contact
from contacts.services import contacts, groups, history
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


def chosen(text: str, user) -> set[str]:
    return set(selection.chosen(QueryDict(text), user).values_list("first_name", flat=True))


def test_selection_takes_ticked_people_or_all_that_match(user_for):
    ann, bob = make_contact(first_name="Ann"), make_contact("+33639980002", first_name="Bob")
    gone = make_contact("+33639980003", first_name="Gone")
    contacts.delete(gone)
    group = make_group(ann)
    user = user_for("viewer")
    assert chosen(f"contact={ann.pk}&contact={gone.pk}&contact=x&contact={'9' * 30}", user) == {"Ann"}
    assert chosen("all=1", user) == {"Ann", "Bob"}
    assert chosen("all=1&q=bo", user) == {"Bob"}
    assert chosen(f"all=1&group={group.pk}&sms=yes&contact={bob.pk}", user) == {"Ann"}
    assert chosen("", user) == set()


def test_selection_of_somebody_without_rights_is_empty(django_user_model):
    make_contact()
    assert chosen("all=1", django_user_model.objects.create(username="nobody")) == set()


def test_selection_can_be_posted_again():
    assert selection.fields(QueryDict("all=1&q=bo&group=3&sms=yes&contact=1")) == [("all", "1"), ("q", "bo"), ("group", "3"), ("sms", "yes")]
    assert selection.fields(QueryDict("contact=1&contact=2&to=9")) == [("contact", "1"), ("contact", "2")]


def test_a_search_by_number_can_fill_a_group(user_for):
    make_contact("+33639980001", external_id="998000")
    make_contact("+33639980002")
    group = make_group()
    assert groups.add_members(group, selection.chosen(QueryDict("all=1&q=06 39 98 00 01"), user_for("author"))) == 1
    assert groups.add_members(group, selection.chosen(QueryDict("all=1&q=998000"), user_for("author"))) == 1


class Action:
    label, icon, permission = "Send SMS to them", "chat", "contacts.view_contact"

    def __init__(self, why_not: str = "") -> None:
        self.why_not = why_not

    def url(self, contact: Contact) -> str:
        return f"/send/{contact.pk}/"

    def disabled_reason(self, request) -> str:
        return self.why_not


@pytest.fixture
def empty_slots(monkeypatch):
    for name in ("contact_actions", "list_actions", "activity_renderers", "group_actions"):
        monkeypatch.setattr(getattr(slots, name), "_items", {})


def test_actions_of_upper_apps_stand_on_the_page_or_say_why_not(client_for, empty_slots):
    contact = make_contact()
    slots.contact_actions.register("send", Action())
    slots.contact_actions.register("call", Action("No provider is active."))
    html = client_for("viewer").get(reverse("contacts:detail", args=[contact.pk])).content.decode()
    assert f'href="/send/{contact.pk}/"' in html and "No provider is active." in html


def test_list_actions_get_the_selection(client_for, empty_slots):
    make_contact()
    slots.list_actions.register("send", slots.ListAction("send", "Send SMS", "chat", "contacts.view_contact", "/sms/new/"))
    slots.list_actions.register("secret", slots.ListAction("secret", "Secret", "x", "contacts.merge_contacts", "/secret/"))
    html = client_for("viewer").get(reverse("contacts:list"), {"q": "aubert"}).content.decode()
    assert 'formaction="/sms/new/"' in html and "/secret/" not in html
    assert '<input type="hidden" name="q" value="aubert">' in html


def test_renderers_are_called_once_per_page_and_the_rest_has_a_look_of_its_own(empty_slots):
    contact = make_contact()
    calls = []

    def render(activities):
        calls.append(len(activities))
        return {activities[0].pk: slots.ActivityView(text="rendered", tone="green", icon="check2-all", status_label="Delivered")}

    slots.activity_renderers.register("sms_sent", render)
    sent = [history.record(contact, "sms_sent", f"SMS {n}", source=n) for n in range(3)]
    note = history.record(contact, "note", "Called", details="Text")
    left = history.record(contact, "change", "group_left", details="100% <b>")
    lines = {line.activity.pk: line.view for line in timeline.lines([*sent, note, left])}
    assert calls == [3]
    assert (lines[sent[0].pk].text, lines[sent[0].pk].title) == ("rendered", "SMS 0")
    assert (lines[note.pk].text, lines[left.pk].title) == ("Text", "Removed from 100% <b>")


def test_an_upper_app_can_say_why_a_group_stays(client_for, monkeypatch):
    monkeypatch.setattr(slots.group_guards, "_items", {})
    slots.group_guards.register("mailing", lambda group: f"{group.name} is excluded by a scheduled mailing.")
    group = make_group(name="Choir")
    html = client_for("author").post(reverse("contacts:group_delete", args=[group.pk]), follow=True).content.decode()
    assert "Choir is excluded by a scheduled mailing." in html
    group.refresh_from_db()


def test_search_of_the_console_finds_contacts_and_groups(rf, user_for):
    make_contact("+33639980001", first_name="Léa", last_name="Martin")
    make_group(name="Martinique")
    request = rf.get("/")
    request.user = user_for("viewer")
    assert [hit[0] for hit in finds.contacts(request, "martin")] == ["Léa Martin"]
    assert [hit[0] for hit in finds.groups(request, "martin")] == ["Martinique"]
