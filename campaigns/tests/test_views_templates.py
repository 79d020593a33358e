"""The pages of templates: list, form, versions, uses, archive, delete; who may what."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from campaigns import slots
from campaigns.models import Message, SmsTemplate
from campaigns.services import mailings, quick_send, templates
from campaigns.slots import TemplateUse
from campaigns.tests.factories import make_mailing, make_people, make_provider, make_sending, make_template
from campaigns.texts import Texts
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db
LIST = "/sms/templates/"
VIEWERS = ("viewer", "staff", "author", "marketer", "administrator")
AUTHORS = ("author", "marketer", "administrator")


def page_of(template, end=""):
    return f"{LIST}{template.pk}/{end}"


def form(**changes):
    return {"name": "Rehearsal moved", "kind": "service", "origin": "", "language": "en", "text": "Hello {contact.first_name|friend}", **changes}


def edited(template, **changes):
    facts = {name: getattr(template, name) for name in ("name", "kind", "language", "text")}
    return {**facts, "origin": "", "seen": template.updated_at.isoformat(), **changes}


def read(response):
    assert response.status_code == 200
    return response.content.decode()


# --- who may ---


@pytest.mark.parametrize("role", VIEWERS)
def test_everybody_reads_templates_and_authors_write_them(client_for, role):
    client, template = client_for(role), make_template()
    for end in ("", "versions/", "versions/1/", "texts/"):
        assert client.get(page_of(template, end)).status_code == 200
    assert client.get(LIST).status_code == 200
    code = 200 if role in AUTHORS else 403
    for end in ("edit/", "archive/", "delete/", "versions/1/restore/"):
        assert client.get(page_of(template, end)).status_code == code
        if code == 403:
            assert client.post(page_of(template, end), form()).status_code == 403
    assert client.get(f"{LIST}new/").status_code == code
    assert client.post(f"{LIST}new/", form()).status_code == (302 if code == 200 else 403)
    assert ("New template" in read(client.get(LIST))) == (code == 200)


def test_nobody_logged_in_is_asked_to_log_in():
    assert "/account/login/" in Client().get(LIST)["Location"]


def test_the_rail_leads_there(client_for):
    assert f'href="{LIST}"' in read(client_for("viewer").get("/"))


def test_search_finds_templates_too(client_for):
    template = make_template(name="Rappel d’été")
    templates.archive(make_template(name="Été passé"), None)
    page = read(client_for("viewer").get("/search/?q=ete"))
    assert page_of(template) in page and "Été passé" in page and "Archived" in page


# --- the list ---


def test_the_list_shows_what_each_is_and_how_often_it_was_used(client_for, user_for, django_assert_max_num_queries):
    provider = make_provider()
    used = make_template("é" * 161, name="Bilingual", language="en", translations={"fr": "ê" * 80}, kind="marketing")
    make_sending(make_people(2), template=used)
    quick_send.queue(
        author=user_for("staff"), provider=provider, sender="36111", subject="One", texts=Texts("Hi"), recipients=[(make_contact("+33639985555").pk, "+33639985555")], key="k", template=used
    )  # fmt: skip
    make_template(name="Fresh")
    client = client_for("viewer")
    client.get(LIST)
    with django_assert_max_num_queries(14):
        page = re.sub(r"\s+", " ", read(client.get(LIST)))
    assert "Bilingual" in page and "Marketing" in page and "English, French" in page
    assert "1 mailing, 1 one-off text" in page and "never" in page
    assert '<td class="end col-wide num">2</td>' in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=rappel", {"Rappel d’été"}),
        ("q=ETE", {"Rappel d’été"}),
        ("q=déjà", {"Rappel d’été"}),  # in the French text only
        ("q=deja", {"Rappel d’été"}),
        ("q=hello", {"Greeting", "Rappel d’été"}),
        ("q=nothing", set()),
        ("kind=service", {"Greeting"}),
        ("language=fr", {"Rappel d’été"}),
        ("language=xx", {"Greeting", "Rappel d’été"}),  # what makes no sense is left out
        ("provider=0", {"Greeting", "Rappel d’été"}),
        ("q=%00", {"Greeting", "Rappel d’été"}),
        ("archived=1", {"Old one"}),
        ("archived=1&q=old", {"Old one"}),
        ("archived=1&q=greeting", set()),
    ],
)
def test_filters(client_for, query, found):
    make_template("Hello", name="Greeting", language="en")
    make_template("Hello", name="Rappel d’été", language="en", translations={"fr": "Bonjour, déjà"}, kind="marketing")
    templates.archive(make_template(name="Old one"), None)
    page = read(client_for("viewer").get(f"{LIST}?{query}"))
    assert {name for name in ("Greeting", "Rappel d’été", "Old one") if f">{name}</a>" in page} == found
    assert ("No template matches" in page) == (not found)


def test_the_list_filters_by_provider(client_for):
    provider = make_provider()
    make_template(name="Mine", provider=provider)
    make_template(name="Open")
    page = read(client_for("viewer").get(f"{LIST}?provider={provider.pk}"))
    assert ">Mine</a>" in page and ">Open</a>" not in page


def test_the_list_goes_on_page_by_page(client_for):
    for number in range(52):
        make_template(name=f"Template {number:03d} of many")
    page = read(client_for("viewer").get(LIST))
    assert "Template 049 of many" in page and "Template 050 of many" not in page
    after = re.search(r'href="(\?after=[^"]+)"', page)[1]
    assert "Template 051 of many" in read(client_for("viewer").get(LIST + after))


def test_an_empty_list_says_how_to_begin(client_for):
    assert "No templates yet" in read(client_for("author").get(LIST))
    assert "No template is archived" in read(client_for("author").get(f"{LIST}?archived=1"))


# --- writing ---


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
    page = read(client_for("author").post(f"{LIST}new/", form(**changes)))
    assert words in page
    assert SmsTemplate.objects.count() == 1
    assert "Hello {contact" in page or "text" in changes


def test_only_senders_of_the_provider_can_be_chosen(client_for):
    one, other = make_provider(senders=["36111"]), make_provider(senders=["36222"])
    client = client_for("author")
    assert "not among the choices" in read(client.post(f"{LIST}new/", form(origin=f"{one.pk}:36222")))
    assert client.post(f"{LIST}new/", form(origin=f"{other.pk}:36222")).status_code == 302
    assert client.post(f"{LIST}new/", form(name="Any sender", origin=f"{one.pk}:")).status_code == 302
    assert SmsTemplate.objects.get(name="Any sender").sender == ""


def test_a_provider_that_was_switched_off_stays_with_its_template(client_for):
    provider = make_provider(name="Old gateway")
    template = make_template(provider=provider, sender="36111")
    type(provider).objects.update(active=False)
    client = client_for("author")
    assert "no longer in use" in read(client.get(page_of(template, "edit/")))
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
    page = read(client_for("viewer").get(page_of(template, "versions/2/")))
    assert re.search(r"<del>.*18.*</del>", page) and re.search(r"<ins>.*19.*</ins>", page)
    assert "What changed from version 1 to version 2" in page
    assert "The first version" in read(client_for("viewer").get(page_of(template, "versions/1/")))
    assert "What changed from version 1 to version 2" in read(client_for("viewer").get(page_of(template, "versions/1/?with=2")))
    for wanted in ("99", "x", "-1", "9" * 30):
        assert client_for("viewer").get(page_of(template, f"versions/2/?with={wanted}")).status_code == 200
    assert client_for("viewer").get(page_of(template, "versions/3/")).status_code == 404


def test_hostile_text_stays_text(client_for):
    template = make_template("<script>alert(1)</script>", name="<b>Name</b>", language="en")
    templates.change(template, None, texts=Texts("<img src=x>", "en"))
    for end in ("", "edit/", "versions/", "versions/2/", "archive/", "delete/"):
        page = read(client_for("author").get(page_of(template, end)))
        assert "<script>alert" not in page and "<b>Name" not in page and "<img" not in page
    assert "<b>Name" not in read(client_for("author").get(LIST))


def test_somebody_elses_change_is_told_and_nothing_is_lost(client_for, user_for):
    template = make_template("See you at 18:00", name="Evening", language="en")
    mine = edited(template, text="See you at 20:00")
    templates.change(template, user_for("marketer"), texts=Texts("See you at 19:00", "en"))
    client = client_for("author")
    answer = client.post(page_of(template, "edit/"), mine)
    page = read(answer)
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
    assert "while you were writing" in read(client_for("author").post(page_of(template, "edit/"), mine))
    template.refresh_from_db()
    assert template.kind == "marketing"


@pytest.mark.parametrize("seen", ["", "yesterday", "2026-13-45T99:99", "0", "2020-01-01"])
def test_a_form_that_has_seen_nothing_is_asked_to_look(client_for, seen):
    template = make_template("Hello", language="en")
    templates.change(template, None, texts=Texts("Changed", "en"))
    assert "while you were writing" in read(client_for("author").post(page_of(template, "edit/"), edited(template, text="Mine", seen=seen)))


def test_a_copy_begins_with_everything_but_the_name(client_for):
    template = make_template("Hello", name="Evening", language="en", translations={"fr": "Bonjour"}, kind="marketing")
    page = read(client_for("author").get(f"{LIST}new/?from={template.pk}"))
    assert "Copy of Evening" in page and ">\nHello</textarea>" in page and "Bonjour</textarea>" in page
    for wanted in ("0", "x", "9" * 30, ""):
        assert client_for("author").get(f"{LIST}new/?from={wanted}").status_code == 200


def test_the_page_shows_it_as_real_people_would_read_it(client_for):
    template = make_template("Hello {contact.first_name}", language="en", translations={"fr": "Bonjour {contact.first_name}"})
    assert "As somebody would read it" not in read(client_for("viewer").get(page_of(template)))
    one, two = make_contact("+33639985001", first_name="Ben", language="en"), make_contact("+33639985002", first_name="Zoë", language="fr")
    assert "Hello Ben" in read(client_for("viewer").get(page_of(template)))
    assert "Bonjour Zoë" in read(client_for("viewer").get(page_of(template, f"?show=next&at={one.pk}")))
    assert "Hello Ben" in read(client_for("viewer").get(page_of(template, f"?show=previous&at={two.pk}")))
    for query in ("?show=longest", "?show=x&at=y", "?at=" + "9" * 30, "?within=gaps"):
        assert client_for("viewer").get(page_of(template, query)).status_code == 200


# --- versions, uses, archive, delete ---


def test_an_old_version_comes_back_as_a_new_one(client_for):
    template = make_template("One", language="en", translations={"fr": "Un"})
    templates.change(template, None, texts=Texts("Two", "en"))
    client = client_for("author")
    assert "Go back to version 1" in read(client.get(page_of(template, "versions/1/restore/")))
    assert client.post(page_of(template, "versions/1/restore/")).status_code == 302
    template.refresh_from_db()
    assert (template.text, template.translations, template.version) == ("One", {"fr": "Un"}, 3)
    assert client.post(page_of(template, "versions/9/restore/")).status_code == 404


def test_the_page_says_where_it_is_used_and_in_which_version(client_for, monkeypatch):
    template = make_template("One")
    draft = make_mailing(make_people(1), name="The evening")
    mailings.save_content(draft, by=None, version=0, provider=draft.provider, sender="36111", texts=Texts("One"), template=template)
    templates.change(template, None, texts=Texts("Two"))
    monkeypatch.setattr(slots.template_uses, "_items", {})
    slots.template_uses.register("flows", lambda found: [TemplateUse("Welcome flow", "/flows/1/", "Workflow")] if found.pk == template.pk else [])
    page = read(client_for("viewer").get(page_of(template)))
    assert "The evening" in page and f'href="{page_of(template, "versions/1/")}">1</a>' in page
    assert "Welcome flow" in page and "always the newest" in page


def test_a_page_costs_the_same_however_often_it_was_used(client_for):
    template, people, provider = make_template(), make_people(1), make_provider()
    client = client_for("viewer")

    def cost():
        with CaptureQueriesContext(connection) as queries:
            client.get(page_of(template))
        return len(queries)

    make_mailing(people, template=template, provider=provider)
    templates.change(template, None, texts=Texts("Two"))
    once = (cost(), cost())[1]
    for number in range(5):
        make_mailing(people, template=template, provider=provider)
        templates.change(template, None, texts=Texts(f"Three {number}"))
    assert cost() == once


def test_one_off_texts_stand_behind_their_number_and_tests_do_not(client_for):
    template, provider, person = make_template(), make_provider(), make_contact()
    Message.objects.create(kind=Message.Kind.ONE_OFF, template=template, provider=provider, contact=person, number="+33639980001", text="Hi")
    Message.objects.create(kind=Message.Kind.TEST, template=template, provider=provider, number="+33639980002", text="Hi")
    assert "1 one-off text" in read(client_for("viewer").get(page_of(template)))
    page = read(client_for("viewer").get(page_of(template, "texts/")))
    assert "+33 6 39 98 00 01" in page and "+33 6 39 98 00 02" not in page


def test_an_archived_template_is_offered_nowhere_and_drafts_keep_their_text(client_for):
    template = make_template("Old text", name="Old one")
    draft = make_mailing(make_people(1), template=template, text="Old text")
    client = client_for("author")
    assert "1" in read(client.get(page_of(template, "archive/")))
    assert client.post(page_of(template, "archive/"), {"archived": "1"}).status_code == 302
    for url in ("/sms/send/", f"/sms/mailings/{draft.pk}/content/", "/sms/count/templates/"):
        assert f'<option value="{template.pk}"' not in read(client.get(url))
        assert f'value="template:{template.pk}"' not in read(client.get(url))
    draft.refresh_from_db()
    assert (draft.text, draft.template) == ("Old text", template)
    assert client.post(page_of(template, "archive/"), {"archived": "0"}).status_code == 302
    assert "Old one" in read(client.get("/sms/send/")) and "Old one" in read(client.get("/sms/count/templates/"))


def test_a_template_that_was_never_used_can_be_deleted(client_for):
    template = make_template(name="Mistake")
    client = client_for("author")
    assert "cannot be brought back" in read(client.get(page_of(template, "delete/")))
    assert client.post(page_of(template, "delete/")).status_code == 302
    assert not SmsTemplate.objects.exists()


@pytest.mark.parametrize("how", ["draft", "one-off", "elsewhere"])
def test_a_template_that_was_used_is_kept(client_for, monkeypatch, how):
    template = make_template(name="Useful")
    if how == "draft":
        make_mailing(template=template)
    elif how == "one-off":
        Message.objects.create(kind=Message.Kind.ONE_OFF, template=template, provider=make_provider(), number="+33639980001", text="Hi")
    else:
        monkeypatch.setattr(slots.template_uses, "_items", {})
        slots.template_uses.register("flows", lambda found: [TemplateUse("Welcome flow", "/flows/1/", "Workflow")])
    client = client_for("author")
    assert "was used and cannot be deleted" in read(client.get(page_of(template, "delete/")))
    page = client.post(page_of(template, "delete/"), follow=True).content.decode()
    assert "Archive it" in page and SmsTemplate.objects.exists()
