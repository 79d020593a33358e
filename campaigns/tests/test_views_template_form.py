"""Writing templates: what is wrong is said, and two people who change one are told of each other."""

import re

import pytest

from campaigns.models import SmsTemplate
from campaigns.services import templates
from campaigns.tests.factories import make_provider, make_template
from campaigns.tests.templating import LIST, edited, form, page_of
from campaigns.tests.writing import body
from campaigns.texts import Texts
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


def test_a_template_in_two_languages_is_made(client_for, user_for):
    provider = make_provider()
    data = form(text_fr="Bonjour {contact.first_name|à vous}", origin=f"{provider.pk}:36111", max_segments="2")
    response = client_for("marketer").post(f"{LIST}new/", data, follow=True)
    template = SmsTemplate.objects.get()
    assert (template.language, template.translations) == ("en", {"fr": "Bonjour {contact.first_name|à vous}"})
    assert (template.provider, template.sender, template.max_segments, template.changed_by) == (provider, "36111", 2, user_for("marketer"))
    page = response.content.decode()
    assert "“Rehearsal moved” is saved." in page and "Bonjour {contact.first_name|à vous}" in page


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": ""}, "Give the template a name"),
        ({"name": " \t"}, "Give the template a name"),
        ({"text": ""}, "Write the text first."),
        ({"text": "Hello {contact.frist_name}"}, "Did you mean {contact.first_name}?"),
        ({"text_fr": "Bonjour {contact.frist_name}"}, "Did you mean {contact.first_name}?"),
        ({"text_en": "Hello"}, "There is another text in this language (English)"),
        ({"kind": "other"}, "not among the choices"),
        ({"language": "xx"}, "not among the choices"),
        ({"origin": "999:36111"}, "not among the choices"),
        ({"text": "a" * 2001}, "2000"),
        ({"text": "a\0b"}, "cannot be kept"),
        ({"name": "reminder"}, "There is a template “Rémïnder” already."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_saved(client_for, changes, words):
    make_template(name="Rémïnder")
    page = body(client_for("author").post(f"{LIST}new/", form(**changes)))
    assert words in page
    assert SmsTemplate.objects.count() == 1
    assert "Hello {contact" in page or "text" in changes


def test_only_senders_of_the_provider_can_be_chosen(client_for):
    one, other = make_provider(senders=["36111"]), make_provider(senders=["36222"])
    client = client_for("author")
    assert "not among the choices" in body(client.post(f"{LIST}new/", form(origin=f"{one.pk}:36222")))
    assert client.post(f"{LIST}new/", form(origin=f"{other.pk}:36222")).status_code == 302
    assert client.post(f"{LIST}new/", form(name="Any sender", origin=f"{one.pk}:")).status_code == 302
    assert SmsTemplate.objects.get(name="Any sender").sender == ""


def test_a_provider_that_was_switched_off_stays_with_its_template(client_for):
    provider = make_provider(name="Old gateway")
    template = make_template(provider=provider, sender="36111")
    type(provider).objects.update(active=False)
    client = client_for("author")
    assert "no longer in use" in body(client.get(page_of(template, "edit/")))
    assert client.post(page_of(template, "edit/"), edited(template, name="Renamed", origin=f"{provider.pk}:36111")).status_code == 302
    template.refresh_from_db()
    assert (template.name, template.provider) == ("Renamed", provider)


def test_more_than_one_segment_is_for_those_who_may(client_for):
    assert client_for("author").post(f"{LIST}new/", form(max_segments="5")).status_code == 302
    assert SmsTemplate.objects.get().max_segments == 1
    template = make_template(max_segments=3)
    assert client_for("author").post(page_of(template, "edit/"), edited(template, text="Other", max_segments="9")).status_code == 302
    template.refresh_from_db()
    assert (template.text, template.max_segments) == ("Other", 3)  # what somebody else allowed stays


def test_a_change_makes_a_version_and_the_difference_is_shown(client_for):
    template = make_template("See you at 18:00", language="en")
    assert client_for("author").post(page_of(template, "edit/"), edited(template, text="See you at 19:00")).status_code == 302
    page = body(client_for("viewer").get(page_of(template, "versions/2/")))
    assert re.search(r"<del>.*18.*</del>", page) and re.search(r"<ins>.*19.*</ins>", page)
    assert "What changed from version 1 to version 2" in page
    assert "The first version" in body(client_for("viewer").get(page_of(template, "versions/1/")))
    assert "What changed from version 1 to version 2" in body(client_for("viewer").get(page_of(template, "versions/1/?with=2")))
    for wanted in ("99", "x", "-1", "9" * 30):
        assert client_for("viewer").get(page_of(template, f"versions/2/?with={wanted}")).status_code == 200
    assert client_for("viewer").get(page_of(template, "versions/3/")).status_code == 404


def test_hostile_text_stays_text(client_for):
    template = make_template("<script>alert(1)</script>", name="<b>Name</b>", language="en")
    templates.change(template, None, texts=Texts("<img src=x>", "en"))
    for end in ("", "edit/", "versions/", "versions/2/", "archive/", "delete/"):
        page = body(client_for("author").get(page_of(template, end)))
        assert "<script>alert" not in page and "<b>Name" not in page and "<img" not in page
    assert "<b>Name" not in body(client_for("author").get(LIST))


def test_somebody_elses_change_is_told_and_nothing_is_lost(client_for, user_for):
    template = make_template("See you at 18:00", name="Evening", language="en")
    mine = edited(template, text="See you at 20:00")
    templates.change(template, user_for("marketer"), texts=Texts("See you at 19:00", "en"))
    client = client_for("author")
    answer = client.post(page_of(template, "edit/"), mine)
    page = body(answer)
    assert "Marketer saved “Evening” while you were writing" in page
    assert "See you at 20:00" in page and re.search(r"<del>.*19.*</del>", page)
    template.refresh_from_db()
    assert template.text == "See you at 19:00"
    again = mine | {"seen": answer.context["form"]["seen"].value()}
    assert client.post(page_of(template, "edit/"), again).status_code == 302
    assert list(template.versions.values_list("text", flat=True)) == ["See you at 20:00", "See you at 19:00", "See you at 18:00"]


def test_somebody_elses_setting_is_not_put_back_unseen(client_for, user_for):
    template = make_template("Hello", language="en")
    mine = edited(template, name="Another name")
    templates.change(template, user_for("marketer"), kind="marketing")
    assert "while you were writing" in body(client_for("author").post(page_of(template, "edit/"), mine))
    template.refresh_from_db()
    assert template.kind == "marketing"


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-13-45T99:99", "0", "2020-01-01"])
def test_a_form_that_has_seen_nothing_is_asked_to_look(client_for, seen):
    template = make_template("Hello", language="en")
    templates.change(template, None, texts=Texts("Changed", "en"))
    assert "while you were writing" in body(client_for("author").post(page_of(template, "edit/"), edited(template, text="Mine", seen=seen)))


def test_a_copy_begins_with_everything_but_the_name(client_for):
    template = make_template("Hello", name="Evening", language="en", translations={"fr": "Bonjour"}, kind="marketing")
    page = body(client_for("author").get(f"{LIST}new/?from={template.pk}"))
    assert "Copy of Evening" in page and ">\nHello</textarea>" in page and "Bonjour</textarea>" in page
    for wanted in ("0", "x", "9" * 30, ""):
        assert client_for("author").get(f"{LIST}new/?from={wanted}").status_code == 200


def test_the_page_shows_it_as_real_people_would_read_it(client_for):
    template = make_template("Hello {contact.first_name}", language="en", translations={"fr": "Bonjour {contact.first_name}"})
    assert "As somebody would read it" not in body(client_for("viewer").get(page_of(template)))
    one, two = make_contact("+33639985001", first_name="Ben", language="en"), make_contact("+33639985002", first_name="Zoë", language="fr")
    assert "Hello Ben" in body(client_for("viewer").get(page_of(template)))
    assert "Bonjour Zoë" in body(client_for("viewer").get(page_of(template, f"?show=next&at={one.pk}")))
    assert "Hello Ben" in body(client_for("viewer").get(page_of(template, f"?show=previous&at={two.pk}")))
    for query in ("?show=longest", "?show=x&at=y", "?at=" + "9" * 30, "?within=gaps"):
        assert client_for("viewer").get(page_of(template, query)).status_code == 200
