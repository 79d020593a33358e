"""The composer and templates: found by name, taken over with what goes with them, kept while a text is sent; the kind of a mailing."""

import uuid

import pytest

from campaigns.models import Message, SmsTemplate
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_template
from campaigns.tests.writing import body, content
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
ONE_OFF, COUNT = "/sms/send/", "/sms/count/"


def one_off(provider, *people, **changes):
    to = [person.numbers.get().pk for person in people]
    return {"key": str(uuid.uuid4()), "origin": f"{provider.pk}:36111", "subject": "Moved", "text": "Hello", "to": to, "readers": "numbers", **changes}


# --- templates ---


def test_templates_are_found_by_name_with_what_tells_them_apart(client_for):
    make_template("Hé " + "é" * 160, name="Été prochain", language="fr", kind="marketing")
    make_template(name="Other")
    page = body(client_for("staff").get("/sms/count/templates/?q_template=ete"))
    assert "Été prochain" in page and "French" in page and "Marketing" in page and "2 segments" in page and "Other" not in page
    assert "No template has this in its name" in body(client_for("staff").get("/sms/count/templates/?q_template=zzz"))
    assert client_for("viewer").get("/sms/count/templates/").status_code == 403


def test_a_template_brings_its_settings_along_and_says_so(step_2):
    other = make_provider(name="Northline", senders=["1", "NORTH"], max_segments=5)
    template = make_template("Hello", name="Monthly", translations={"fr": "Bonjour"}, language="en", kind="service", provider=other, sender="NORTH", max_segments=4)
    mailing = make_mailing(make_people(1), text="")
    page = step_2(mailing, role="marketer", text="", do=f"template:{template.pk}")
    assert "It brought along: sender NORTH, most segments: 4, kind: Service, languages: 2." in page
    assert f'<option value="{other.pk}:NORTH" selected>' in page and '<option value="service" selected>' in page and "Bonjour</textarea>" in page


def test_a_template_that_is_gone_is_said(step_2):
    mailing = make_mailing(make_people(1))
    assert "This template is gone" in step_2(mailing, do="template:999999")
    assert "Choose a template from the list first" in step_2(mailing, do="template")


def test_a_text_can_leave_its_template(step_2):
    template, mailing = make_template("Old", name="Monthly"), make_mailing(make_people(1))
    for do in ("template:0", "template"):
        page = step_2(mailing, do=do, template=template.pk, template_seen=1, text="Mine")
        assert "The text belongs to no template any more" in page and "Mine</textarea>" in page and "Update template" not in page


def test_who_saw_no_version_overwrites_none(step_2):
    template, mailing = make_template("Old", name="Monthly"), make_mailing(make_people(1))
    assert "Somebody saved another text of “Monthly” meanwhile" in step_2(mailing, do="later", template=template.pk, save_changed="on", text="Mine")
    template.refresh_from_db()
    assert template.text == "Old"


def test_a_text_is_kept_as_a_new_template_while_it_is_sent(client_for):
    data = one_off(make_provider(), make_contact(), save_new="on", new_name="Moved again", language="en")
    assert client_for("author").post(ONE_OFF, data).status_code == 302
    template = SmsTemplate.objects.get()
    assert (template.name, template.text, template.language, Message.objects.get().template) == ("Moved again", "Hello", "en", template)
    assert client_for("author").post(ONE_OFF, data).status_code == 302, "a double click is told of its own template"


@pytest.mark.parametrize(("name", "words"), [("", "Give the template a name"), ("taken", "There is a template “Taken” already")])
def test_a_name_is_needed_and_unique_and_nothing_is_sent_without(client_for, name, words):
    make_template(name="Taken")
    page = body(client_for("author").post(ONE_OFF, one_off(make_provider(), make_contact(), save_new="on", new_name=name)))
    assert words in page and not Message.objects.exists() and SmsTemplate.objects.count() == 1


def test_a_template_is_updated_unless_somebody_changed_it_meanwhile(client_for, step_2):
    template, mailing = make_template("Old", name="Monthly"), make_mailing(make_people(1))
    data = content(mailing, do="later", template=template.pk, template_seen=1, save_changed="on", text="New")
    assert client_for("author").post(f"/sms/mailings/{mailing.pk}/content/", data).status_code == 302
    template.refresh_from_db()
    mailing.refresh_from_db()
    assert (template.text, template.version, mailing.template_version.number) == ("New", 2, 2)
    page = step_2(mailing, do="later", template=template.pk, template_seen=1, save_changed="on", text="Mine")
    assert "Somebody saved another text of “Monthly” meanwhile" in page and "Mine</textarea>" in page
    mailing.refresh_from_db()
    assert mailing.text == "New", "the draft was saved without its template"


def test_staff_have_no_boxes_to_keep_templates_and_posts_do_nothing(client_for):
    provider, person, template = make_provider(), make_contact(), make_template("Old")
    client = client_for("staff")
    assert "Save as new template" not in body(client.get(ONE_OFF))
    client.post(ONE_OFF, one_off(provider, person, save_new="on", new_name="Mine", template=template.pk, template_seen=1, save_changed="on"))
    template.refresh_from_db()
    assert (SmsTemplate.objects.count(), template.text, Message.objects.count()) == (1, "Old", 1)


# --- kind ---


def test_the_kind_is_kept_and_decides_who_is_shown(client_for):
    mailing = make_mailing(make_group(make_contact(fictional(1), first_name="Anis", opted_out=True)))
    client, data = client_for("author"), content(mailing, text="Hello {contact.first_name}")
    assert "Hello Anis" not in body(client.post(COUNT, data))
    assert "Hello Anis" in body(client.post(COUNT, data | {"kind": "service"}))
    client.post(f"/sms/mailings/{mailing.pk}/content/", data | {"kind": "service", "do": "later"})
    mailing.refresh_from_db()
    assert mailing.kind == "service"


def test_a_service_mailing_reaches_who_wants_no_advertising_and_a_marketing_one_does_not(client_for):
    group = make_group(make_contact(fictional(1), opted_out=True), make_contact(fictional(2)))
    for kind, texted in (("marketing", 1), ("service", 2)):
        mailing = mailings.prepare(make_mailing(group, kind=kind), None)
        prepare(mailing.pk)
        assert Message.objects.filter(mailing=mailing).count() == texted
        page = body(client_for("author").get(f"/sms/mailings/count/?include={group.pk}&mailing={mailing.pk}"))
        assert ("Opted out" in page) is (kind == "marketing")


def test_a_one_off_speaks_to_each_in_their_language(client_for):
    french, other = make_contact(fictional(1), language="fr"), make_contact(fictional(2))
    data = one_off(make_provider(), french, other, language="en", written=["fr"], text_fr="Bonjour")
    assert client_for("staff").post(ONE_OFF, data).status_code == 302
    assert dict(Message.objects.values_list("contact", "text")) == {french.pk: "Bonjour", other.pk: "Hello"}
