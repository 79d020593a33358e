"""The page of a template: versions, uses, archive, delete."""


import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns import slots
from campaigns.models import Message, SmsTemplate
from campaigns.services import mailings, templates
from campaigns.slots import TemplateUse
from campaigns.tests.factories import make_mailing, make_people, make_provider, make_template
from campaigns.tests.templating import page_of
from campaigns.tests.writing import body
from campaigns.texts import Texts
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


def test_an_old_version_comes_back_as_a_new_one(client_for):
    template = make_template("One", language="en", translations={"fr": "Un"})
    templates.change(template, None, texts=Texts("Two", "en"))
    client = client_for("author")
    assert "Go back to version 1" in body(client.get(page_of(template, "versions/1/restore/")))
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
    page = body(client_for("viewer").get(page_of(template)))
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
    assert "1 one-off text" in body(client_for("viewer").get(page_of(template)))
    page = body(client_for("viewer").get(page_of(template, "texts/")))
    assert "+33 6 39 98 00 01" in page and "+33 6 39 98 00 02" not in page


def test_an_archived_template_is_offered_nowhere_and_drafts_keep_their_text(client_for):
    template = make_template("Old text", name="Old one")
    draft = make_mailing(make_people(1), template=template, text="Old text")
    client = client_for("author")
    assert "1" in body(client.get(page_of(template, "archive/")))
    assert client.post(page_of(template, "archive/"), {"archived": "1"}).status_code == 302
    for url in ("/sms/send/", f"/sms/mailings/{draft.pk}/content/", "/sms/count/templates/"):
        assert f'<option value="{template.pk}"' not in body(client.get(url))
        assert f'value="template:{template.pk}"' not in body(client.get(url))
    draft.refresh_from_db()
    assert (draft.text, draft.template) == ("Old text", template)
    assert client.post(page_of(template, "archive/"), {"archived": "0"}).status_code == 302
    assert "Old one" in body(client.get("/sms/send/")) and "Old one" in body(client.get("/sms/count/templates/"))


def test_a_template_that_was_never_used_can_be_deleted(client_for):
    template = make_template(name="Mistake")
    client = client_for("author")
    assert "cannot be brought back" in body(client.get(page_of(template, "delete/")))
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
    assert "was used and cannot be deleted" in body(client.get(page_of(template, "delete/")))
    page = client.post(page_of(template, "delete/"), follow=True).content.decode()
    assert "Archive it" in page and SmsTemplate.objects.exists()


def test_the_preview_names_the_tokens_that_are_empty(client_for):
    make_contact(first_name="")
    template = make_template("Hello {contact.first_name} {sender.number}. {contact.last_name}", provider=None)
    page = body(client_for("viewer").get(page_of(template)))
    assert "Empty for this person: contact.first_name, sender.number." in page
    other = make_template("Hello {contact.last_name} {sender.number|us}")
    assert "Empty for this person" not in body(client_for("viewer").get(page_of(other)))
