"""Send SMS: the form, its checks, and one send however often it is posted."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.models import Message
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional, make_people, make_provider, make_template
from campaigns.tests.one_off import URL, form, number_of
from campaigns.views.sent import headline
from contacts.models import Contact, PhoneNumber, Suppression
from contacts.tests.factories import make_contact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("staff", 200), ("author", 200), ("marketer", 200), ("administrator", 200)])
def test_staff_may_send_viewers_may_not(client_for, role, status):
    make_provider()
    assert client_for(role).get(URL).status_code == status
    assert client_for(role).get("/sms/send/numbers/?q=cam").status_code == status


def test_nobody_logged_in_is_asked_to_log_in():
    for url in (URL, "/sms/send/numbers/?q=a", f"/sms/send/{uuid.uuid4()}/"):
        assert "/account/login/" in Client().get(url)["Location"]
    assert Client().post(URL, {"key": "x"}).status_code == 302


def test_a_viewer_cannot_post(client_for):
    person = make_contact()
    assert client_for("viewer").post(URL, form(make_provider(), number_of(person))).status_code == 403
    assert not Message.objects.exists()


def test_sending_queues_one_text_and_shows_it(client_for):
    client, person = client_for("staff"), make_contact(first_name="Camille")
    data = form(make_provider(), number_of(person))
    response = client.post(URL, data, follow=True)
    assert response.redirect_chain[-1][0] == f"/sms/send/{data['key']}/"
    message = Message.objects.get()
    assert (message.text, message.subject, message.contact_id) == ("Hello Camille", "Rehearsal moved", person.pk)
    assert "1 text is queued</h1>" in response.content.decode()
    for status, title in (("sent", "1 text was sent"), ("delivered", "1 text was delivered"), ("failed", "1 text did not arrive"), ("unknown", "Nobody knows whether 1 text was sent")):
        Message.objects.update(status=MessageStatus[status.upper()])
        again = client.get(f"/sms/send/{data['key']}/", headers={"hx-request": "true"}).content.decode()
        assert f'<h1 id="sent-title" hx-swap-oob="true">{title}</h1>' in again
    assert reverse("contacts:activity", args=[person.pk, person.activities.get().pk]) in response.content.decode()


@pytest.mark.parametrize(
    ("stages", "title"),
    [
        (["queued", "prepared"], "2 texts are queued"), (["scheduled"], "1 text is scheduled"), (["sent", "delivered"], "2 texts were sent"),
        (["failed", "undelivered"], "2 texts did not arrive"), (["delivered", "queued", "sending"], "1 of 3 texts were sent, 2 still to go"),
        (["delivered", "delivered", "failed"], "2 of 3 texts were sent"), (["cancelled"], "1 text was cancelled"),
    ],
)  # fmt: skip
def test_the_title_says_what_has_become_of_the_texts(stages, title):
    assert headline(stages) == title


def test_a_double_click_sends_once(client_for):
    client, data = client_for("staff"), form(make_provider(), number_of(make_contact()))
    assert client.post(URL, data).status_code == client.post(URL, data).status_code == 302
    assert Message.objects.count() == 1


def test_as_long_as_nobody_is_chosen_the_button_has_no_number(client_for):
    make_provider()
    page = client_for("staff").get(URL).content.decode()
    assert ">Send SMS</span></button>" in page and "Send 0 texts" not in page


def test_the_contact_of_the_address_is_chosen(client_for):
    make_provider()
    person = make_contact(first_name="Rania", last_name="Trabelsi")
    page = client_for("staff").get(f"{URL}?contact={person.pk}").content.decode()
    assert "Send SMS to Rania Trabelsi" in page
    assert f'name="to" value="{number_of(person).pk}" checked' in page


def test_a_list_posts_its_selection_and_the_banner_says_who_is_left_out(client_for):
    make_provider()
    good, none, no = make_contact(), make_contact(None), make_contact(fictional(2), do_not_sms=True)
    page = client_for("staff").post(URL, {"contact": [good.pk, none.pk, no.pk]}).content.decode()
    assert "SMS will not be sent to 2 of 3 contacts" in page
    assert none.name in page and no.name in page


def test_nobody_eligible_says_why_and_cannot_be_sent(client_for):
    provider, person = make_provider(), make_contact(do_not_sms=True)
    client = client_for("staff")
    assert "Nobody of them can be texted" in client.get(f"{URL}?contact={person.pk}").content.decode()
    page = client.post(URL, form(provider, number_of(person))).content.decode()
    assert "Nobody is chosen who can be texted" in page
    assert not Message.objects.exists()


def test_somebody_suppressed_meanwhile_is_told_before_anything_goes(client_for):
    provider, one, two = make_provider(), make_contact(), make_contact(fictional(5))
    Suppression.objects.create(number=fictional(5), reason="stop")
    page = client_for("staff").post(URL, form(provider, number_of(one), number_of(two))).content.decode()
    assert "Something has changed since this page was shown" in page
    assert not Message.objects.exists()


def test_marketing_opt_outs_get_a_transactional_text_with_a_warning(client_for):
    provider, person, client = make_provider(), make_contact(opted_out=True), client_for("staff")
    assert "wants no advertising" in client.get(f"{URL}?contact={person.pk}").content.decode()
    assert client.post(URL, form(provider, number_of(person))).status_code == 302


def test_without_an_active_provider_the_page_says_so(client_for):
    assert "There is no active provider" in client_for("staff").get(URL).content.decode()


def test_a_template_fills_an_empty_text_and_asks_before_it_replaces_one(client_for):
    template = make_template("Template text", name="Moved")
    provider, client = make_provider(), client_for("staff")
    assert "Template text</textarea>" in client.post(URL, form(provider, do="template", use_template=template.pk, text="")).content.decode()
    asked = client.post(URL, form(provider, do="template", use_template=template.pk, text="My own")).content.decode()
    assert "Replace your text by the template" in asked and "My own</textarea>" in asked
    assert "Template text</textarea>" in client.post(URL, form(provider, do=f"template-sure:{template.pk}", text="My own")).content.decode()


def test_more_than_fifty_ask_first_and_suggest_a_mailing(client_for):
    make_people(51)
    provider, client = make_provider(), client_for("staff")
    data = form(provider, *PhoneNumber.objects.all())
    assert "These are 51 people at once" in client.post(URL, data).content.decode()
    assert not Message.objects.exists()
    assert client.post(URL, data | {"sure": "1"}).status_code == 302
    assert Message.objects.count() == 51


def test_two_people_with_one_number_get_one_text(client_for):
    one, two = make_contact(), make_contact()
    make_provider()
    page = client_for("staff").post(URL, {"contact": [one.pk, two.pk]})
    assert "Somebody else chosen here has the same number" in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"subject": ""}, "Give the SMS a name"),
        ({"text": "  "}, "Write the text first"),
        ({"text": "Hello {contact.frist_name}"}, "Did you mean {contact.first_name}?"),
        ({"text": "a" * 161}, "you may send 1"),
        ({"origin": "999:36111"}, "no longer in use"),
        ({"origin": ""}, "Choose who the text comes from"),
    ],
)
def test_mistakes_are_named_and_nothing_is_sent(client_for, changes, words):
    page = client_for("staff").post(URL, form(make_provider(), number_of(make_contact()), **changes))
    assert page.status_code == 200
    assert words in page.content.decode()
    assert not Message.objects.exists()


@pytest.mark.parametrize("to", [["x"], ["99999999999999999999"], ["-1"], [""]])
def test_numbers_that_make_no_sense_are_nobody(client_for, to):
    data = form(make_provider()) | {"to": to}
    assert "Nobody is chosen" in client_for("staff").post(URL, data).content.decode()


def test_a_key_that_is_none_is_refused_in_words(client_for):
    assert client_for("staff").post(URL, form(make_provider(), number_of(make_contact()), key="no")).status_code == 200
    assert not Message.objects.exists()


def test_marketers_may_send_more_than_one_segment(client_for):
    provider, person = make_provider(max_segments=2), make_contact()
    assert client_for("marketer").post(URL, form(provider, number_of(person), text="a" * 161)).status_code == 302
    assert Message.objects.get().segments == 2


def test_hostile_names_stay_text(client_for):
    make_provider()
    person = make_contact(first_name="<script>alert(1)</script>", last_name="{contact.email}")
    page = client_for("staff").get(f"{URL}?contact={person.pk}").content.decode()
    assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_the_confirmation_follows_the_state_until_nothing_moves(client_for):
    client, data = client_for("staff"), form(make_provider(), number_of(make_contact()))
    client.post(URL, data)
    url = f"/sms/send/{data['key']}/"
    assert 'hx-trigger="every 2s"' in client.get(url, headers={"HX-Request": "true"}).content.decode()
    Message.objects.update(status=11)
    page = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "Delivered" in page and "hx-trigger" not in page


def test_the_confirmation_is_the_authors(client_for):
    data = form(make_provider(), number_of(make_contact()))
    client_for("staff").post(URL, data)
    assert client_for("author").get(f"/sms/send/{data['key']}/").status_code == 404


def test_deleted_people_are_not_texted(client_for, now):
    provider, person = make_provider(), make_contact()
    number = number_of(person)
    Contact.objects.update(deleted_at=now)
    assert "Nobody is chosen" in client_for("staff").post(URL, form(provider, number)).content.decode()


@pytest.mark.parametrize("change", ["text", "to"])
def test_a_form_that_was_sent_and_changed_is_not_swallowed(client_for, change):
    client, provider, one, two = client_for("staff"), make_provider(), make_contact(fictional(1)), make_contact(fictional(2))
    data = form(provider, number_of(one))
    client.post(URL, data)
    changed = data | {"text": {"text": "Quite another text"}, "to": {"to": [number_of(two).pk]}}[change]
    page = client.post(URL, changed)
    assert "already sent" in page.content.decode() and changed["text"] in page.content.decode()
    assert Message.objects.count() == 1
    key = page.context["form"]["key"].value()
    assert str(key) != data["key"]
    assert client.post(URL, changed | {"key": key}).status_code == 302
    assert Message.objects.count() == 2


def test_as_many_as_the_form_takes_can_be_posted(client_for):
    data = form(make_provider()) | {"to": list(range(1, 1001)), "left": list(range(1, 1001))}
    assert client_for("staff").post(URL, data).status_code == 200


def test_a_provider_that_may_not_text_some_countries_names_the_numbers(client_for):
    provider = make_provider(allowed_countries=["GB"])
    french = [make_contact(fictional(index)) for index in range(7)]
    page = client_for("staff").post(URL, form(provider, number_of(make_contact("+447700900142")), *map(number_of, french))).content.decode()
    assert "may not text 7 of these numbers" in page and "+33 6 39 98 00 00, +33 6 39 98 00 01" in page and " …" in page
    page = client_for("staff").post(URL, form(provider, number_of(french[0]))).content.decode()
    assert "may not text +33 6 39 98 00 00: its country is not among the allowed ones." in page
    assert not Message.objects.exists()
