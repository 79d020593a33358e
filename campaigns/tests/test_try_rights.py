"""Send test: who may try which text, and when there is nothing to try."""


import pytest
from django.contrib.auth.models import Group, Permission
from django.test import Client

from campaigns.models import Message, TestSend
from campaigns.tests.factories import make_people, make_provider, make_ready, make_sending, make_template
from campaigns.tests.trying import NEW, ONE, TWO, draft, form, texts_sent
from campaigns.tests.writing import body
from contacts.models import Contact
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


ROLES = ("viewer", "staff", "author", "marketer", "administrator")
WRITERS = ROLES[2:]


@pytest.mark.parametrize("role", ROLES)
def test_who_may_write_a_mailing_may_test_it(client_for, role):
    mailing, client, may = draft(), client_for(role), role in WRITERS
    for url in (f"/sms/mailings/{mailing.pk}/content/", f"/sms/mailings/{mailing.pk}/plan/", f"{NEW}?mailing={mailing.pk}"):
        assert client.get(url).status_code == (200 if may else 403)
    for do in ("show", "readers", "find"):
        assert client.post(NEW, form(mailing, do=do, rq="zoë")).status_code == (200 if may else 403)
    assert client.post(NEW, form(mailing, ONE)).status_code == (302 if may else 403)
    assert len(texts_sent()) == may
    assert (NEW in body(client.get(f"/sms/mailings/{mailing.pk}/"))) is may


@pytest.mark.parametrize("role", ROLES)
def test_who_may_see_a_template_and_send_texts_may_test_it(client_for, role):
    template, provider, client, may = make_template(), make_provider(), client_for(role), role != "viewer"
    assert client.get(f"{NEW}?template={template.pk}").status_code == (200 if may else 403)
    assert client.post(NEW, form(template, ONE, origin=f"{provider.pk}:36111")).status_code == (302 if may else 403)
    assert (NEW in body(client.get(f"/sms/templates/{template.pk}/"))) is may


def test_a_template_that_nobody_showed_them_is_not_tested(client_for, user_for):
    template, client = make_template(), client_for("staff")
    Group.objects.get(name="Staff").permissions.remove(*Permission.objects.filter(codename="view_smstemplate"))
    assert client.get(f"/sms/templates/{template.pk}/").status_code == client.get(f"{NEW}?template={template.pk}").status_code == 403
    assert client.post(NEW, form(template, ONE)).status_code == 403


def test_who_sees_mailings_sees_what_was_tested(client_for):
    client_for("author").post(NEW, form(draft(), ONE))
    page = body(client_for("viewer").get(f"/sms/tests/{TestSend.objects.get().key}/"))
    assert "Bonjour Zoë" in page and NEW not in page
    assert NEW not in body(client_for("staff").get(f"/sms/tests/{TestSend.objects.get().key}/"))
    assert NEW in body(client_for("author").get(f"/sms/tests/{TestSend.objects.get().key}/"))


def test_nobody_logged_in_is_asked_to_log_in():
    assert "/account/login/" in Client().get(f"{NEW}?mailing=1")["Location"]


@pytest.mark.parametrize("query", ["", "?mailing=0", "?mailing=x", "?template=99", "?mailing=" + "9" * 40])
def test_without_a_text_there_is_no_page(client_for, query):
    assert client_for("author").get(NEW + query).status_code == 404


def test_a_mailing_without_provider_or_text_says_what_it_lacks(client_for):
    mailing = draft(text="  ")
    type(mailing).objects.update(provider=None)
    page = body(client_for("author").get(f"{NEW}?mailing={mailing.pk}"))
    assert "Choose an active provider in step 2." in page and "Write the text in step 2." in page
    assert "Choose an active provider" in body(client_for("author").post(NEW, form(mailing, ONE)))
    assert not Message.objects.exists()


def test_a_launched_mailing_is_not_tested_any_more(client_for):
    mailing = make_sending(make_people(1))
    assert "was launched" in body(client_for("author").post(NEW, form(mailing, ONE)))
    assert not texts_sent()
    assert NEW not in body(client_for("author").get(f"/sms/mailings/{mailing.pk}/"))


def test_step_3_leads_to_the_test_as_the_person_of_its_preview(client_for):
    mailing = make_ready(make_people(1))
    reader = Contact.objects.get()
    assert f"{NEW}?mailing={mailing.pk}&amp;reader={reader.pk}" in body(client_for("author").get(f"/sms/mailings/{mailing.pk}/plan/"))


def test_step_2_keeps_the_draft_and_tests_it_as_the_person_on_the_phone(client_for):
    mailing, reader = draft(), make_contact(TWO, first_name="Amina")
    data = {"version": 0, "origin": f"{mailing.provider_id}:36111", "text": "Good evening {contact.first_name}", "language": "en", "do": "test", "at": reader.pk}
    page = body(client_for("author").post(f"/sms/mailings/{mailing.pk}/content/", data, follow=True))
    assert "Good evening Amina" in page
    mailing.refresh_from_db()
    assert mailing.text == "Good evening {contact.first_name}"
