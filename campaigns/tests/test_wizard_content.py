"""Step 2 of a mailing: text, provider and sender, kept by plain posts, with their count and preview."""

import pytest

from campaigns.services import mailings
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready, make_template
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db


def step(mailing, name):
    return f"/sms/mailings/{mailing.pk}/{name}/"


def body(response):
    return response.content.decode()


def content(mailing, **changes):
    return {"origin": f"{mailing.provider_id}:36111", "text": "Hello {contact.first_name}", "version": mailing.version, "do": "next", **changes}


def test_next_keeps_the_text_and_makes_the_plan(client_for):
    mailing = make_mailing(make_people(2), text="")
    response = client_for("author").post(step(mailing, "content"), content(mailing, text="Hi {contact.first_name}\r\nBye"))
    assert response["Location"] == step(mailing, "plan")
    mailing.refresh_from_db()
    assert (mailing.text, mailing.sender, mailing.status) == ("Hi {contact.first_name}\nBye", "36111", MailingStatus.PREPARING)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"text": ""}, "Write the text first"),
        ({"text": "{contact.frist_name}"}, "Did you mean"),
        ({"origin": ""}, "Choose who"),
        ({"origin": "9:9"}, "no longer in use"),
    ],
)
def test_mistakes_of_step_2_are_named(client_for, changes, words):
    mailing = make_mailing(make_people(1))
    response = client_for("author").post(step(mailing, "content"), content(mailing, **changes))
    assert response.status_code == 200 and words in body(response)
    mailing.refresh_from_db()
    assert mailing.version == 0


def test_without_groups_the_plan_is_refused_with_the_way_on(client_for):
    mailing = make_mailing()
    page = body(client_for("author").post(step(mailing, "content"), content(mailing)))
    assert "Nobody is chosen yet" in page


def test_later_and_back_keep_a_half_done_text(client_for):
    mailing, client = make_mailing(make_people(1)), client_for("author")
    assert client.post(step(mailing, "content"), content(mailing, text="Half", origin="", do="later"))["Location"] == "/sms/mailings/drafts/"
    mailing.refresh_from_db()
    assert mailing.text == "Half"
    assert client.post(step(mailing, "content"), content(mailing, text="Half too", origin="", do="back"))["Location"] == step(mailing, "recipients")


def test_changing_the_text_takes_a_ready_plan_back(client_for):
    mailing = make_ready(make_people(2))
    client_for("author").post(step(mailing, "content"), content(mailing, text="Other", do="later"))
    mailing.refresh_from_db()
    assert mailing.status == MailingStatus.DRAFT


def test_a_second_editor_of_the_text_is_told_and_keeps_the_words(client_for):
    mailing = make_mailing(make_people(1))
    client_for("author").post(step(mailing, "content"), content(mailing, do="later"))
    page = body(client_for("marketer").post(step(mailing, "content"), content(mailing, text="My words", do="later")))
    assert "it was changed meanwhile" in page and "My words</textarea>" in page


def test_only_marketers_choose_more_segments(client_for):
    mailing = make_mailing(make_people(1))
    assert 'name="max_segments"' not in body(client_for("author").get(step(mailing, "content")))
    assert 'name="max_segments"' in body(client_for("marketer").get(step(mailing, "content")))
    client_for("author").post(step(mailing, "content"), content(mailing, max_segments=3, do="later"))
    mailing.refresh_from_db()
    assert mailing.max_segments == 1
    client_for("marketer").post(step(mailing, "content"), content(mailing, max_segments=3, do="later"))
    mailing.refresh_from_db()
    assert mailing.max_segments == 3


def test_not_more_segments_than_the_provider_takes(client_for):
    mailing = make_mailing(make_people(1), provider=make_provider(max_segments=2))
    assert "takes 2 at most" in body(client_for("marketer").post(step(mailing, "content"), content(mailing, max_segments=4)))


def test_a_template_asks_before_it_replaces_a_text(client_for):
    mailing, template = make_mailing(make_people(1), text=""), make_template("Template text", name="Monthly")
    client = client_for("author")
    assert "Template text</textarea>" in body(client.post(step(mailing, "content"), content(mailing, text="", use_template=template.pk, do="template")))
    assert "Replace your text" in body(client.post(step(mailing, "content"), content(mailing, use_template=template.pk, do="template")))
    assert "Template text</textarea>" in body(client.post(step(mailing, "content"), content(mailing, do=f"template-sure:{template.pk}")))


def test_a_changed_draft_shows_no_old_figures(client_for):
    mailing, client = make_ready(make_people(2)), client_for("author")
    mailings.take_back(mailing, None)
    page = body(client.get(f"/sms/mailings/{mailing.pk}/"))
    assert "Nothing is prepared yet" in page and "dealt with" not in page


def test_the_phone_beside_a_new_draft_shows_the_sender_that_stands_chosen(client_for):
    provider = make_provider(senders=["WINDMILL"])
    mailing = mailings.create(None, "Spring", include=[], exclude=[])
    page = body(client_for("author").get(step(mailing, "content")))
    assert '<div class="phone-head">WINDMILL' in page and f'value="{provider.pk}:WINDMILL" selected' in page


def test_the_counter_of_a_mailing_takes_the_longest_name(client_for):
    mailing = make_mailing(make_group(make_contact(fictional(1), first_name="Al"), make_contact(fictional(2), first_name="Marie-Emmanuelle")))
    page = body(client_for("author").post("/sms/count/", {"readers": f"mailing-{mailing.pk}", "text": "Hello {contact.first_name}"}))
    assert "22 of 160 characters" in page and "Marie-Emmanuelle" in page
    assert client_for("staff").post("/sms/count/", {"readers": f"mailing-{mailing.pk}", "text": "x"}).status_code == 403
