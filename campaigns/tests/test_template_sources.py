"""Pages of mailings, messages and activities name the template and the version that a text was made from."""

import uuid

import pytest

from campaigns.models import Message
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings, quick_send, templates
from campaigns.tests.factories import make_mailing, make_people, make_provider, make_template
from campaigns.tests.working import send_all
from campaigns.texts import Texts
from contacts.models import Activity
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db(transaction=True)


def used(text="Hello", **changes):
    """A draft made from version 1 of a template whose text is another one by now."""
    template = make_template("Hello", name="Greeting")
    draft = make_mailing(make_people(1), **changes)
    draft = mailings.save_content(draft, by=None, version=0, provider=draft.provider, sender="36111", texts=Texts(text), template=template)
    templates.change(template, None, texts=Texts("Good evening"))
    return template, draft


def links_to(client, url, template, number):
    page = client.get(url).content.decode()
    return f'<a href="/sms/templates/{template.pk}/versions/{number}/">Greeting, version {number}</a>' in page


def test_a_mailing_its_messages_and_activities_lead_to_the_version(client_for, gateway):
    template, draft = used()
    mailings.prepare(draft, None)
    prepare(draft.pk)
    mailings.confirm(draft, None)
    send_all(draft)
    client, message, activity = client_for("viewer"), Message.objects.get(), Activity.objects.get()
    for url in (f"/sms/mailings/{draft.pk}/", f"/sms/messages/{message.pk}/", f"/contacts/{message.contact_id}/activities/{activity.pk}/"):
        assert links_to(client, url, template, 1)
    assert "changed by hand" not in client.get(f"/sms/mailings/{draft.pk}/").content.decode()


def test_a_text_that_was_changed_by_hand_says_so(client_for):
    template, draft = used("Hello you")
    assert links_to(client_for("viewer"), f"/sms/mailings/{draft.pk}/", template, 1)
    assert "changed by hand" in client_for("viewer").get(f"/sms/mailings/{draft.pk}/").content.decode()


def test_a_one_off_text_leads_to_the_version_of_its_day(client_for):
    template, person, provider = make_template("Hello", name="Greeting"), make_contact(), make_provider()
    facts = {"author": None, "provider": provider, "sender": "36111", "subject": "Hi", "recipients": [(person.pk, person.sms_number)], "template": template}
    (message,) = quick_send.queue(texts=Texts("Hello"), key=str(uuid.uuid4()), **facts)
    templates.change(template, None, texts=Texts("Good evening"))
    assert message.template_version == 1
    activity = person.activities.get()
    for url in (f"/sms/messages/{message.pk}/", f"/contacts/{person.pk}/activities/{activity.pk}/"):
        assert links_to(client_for("viewer"), url, template, 1)


def test_a_text_that_says_an_old_version_leads_to_that_one(client_for):
    template, person, provider = make_template("Hello", name="Greeting"), make_contact(), make_provider()
    templates.change(template, None, texts=Texts("Good evening"))
    facts = {"author": None, "provider": provider, "sender": "36111", "subject": "Hi", "recipients": [(person.pk, person.sms_number)], "template": template}
    versions = [quick_send.queue(texts=Texts(text), key=text, **facts)[0].template_version for text in ("Hello", "Good evening", "Changed by hand")]
    assert versions == [1, 2, 2]
