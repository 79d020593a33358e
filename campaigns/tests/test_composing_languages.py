"""The composer in several languages, by plain posts."""


import pytest

from campaigns.tests.factories import fictional, make_mailing, make_people
from campaigns.tests.writing import body, content
from contacts.models import Contact
from contacts.tests.factories import make_contact, make_group

pytestmark = pytest.mark.django_db
COUNT = "/sms/count/"


def test_a_language_is_added_filled_and_kept(client_for, step_2):
    mailing = make_mailing(make_people(1))
    page = step_2(mailing, do="add:fr", language="en")
    assert 'name="written" value="fr"' in page and 'id="id_text_fr"' in page and 'value="add:fr"' not in page
    client_for("author").post(f"/sms/mailings/{mailing.pk}/content/", content(mailing, language="en", written=["fr"], text_fr="Bonjour"))
    mailing.refresh_from_db()
    assert (mailing.text, mailing.language, mailing.translations) == ("Hello", "en", {"fr": "Bonjour"})


def test_removing_a_language_asks_when_something_was_written(step_2):
    mailing = make_mailing(make_people(1))
    asked = step_2(mailing, do="remove:fr", written=["fr"], text_fr="Bonjour")
    assert "Remove the text in this language (French)?" in asked and "Bonjour</textarea>" in asked
    assert 'id="id_text_fr"' not in step_2(mailing, do="remove-sure:fr", written=["fr"], text_fr="Bonjour")
    assert 'id="id_text_fr"' not in step_2(mailing, do="remove:fr", written=["fr"], text_fr=" ")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"written": ["fr"], "text_fr": ""}, "Write this text too, or remove its language"),
        ({"written": ["fr"], "text_fr": "{contact.frist_name}"}, "Did you mean"),
        ({"written": ["fr"], "text_fr": "Bonjour", "language": "fr"}, "There is another text in this language (French)"),
        ({"written": ["fr"], "text_fr": "x" * 2001}, "at most 2000 characters"),
    ],
)
def test_mistakes_in_another_language_are_named(step_2, changes, words):
    assert words in step_2(make_mailing(make_people(1)), **changes)


def test_a_draft_keeps_half_done_texts(client_for):
    mailing = make_mailing(make_people(1))
    data = content(mailing, do="later", text="Hello {contact.frist", written=["fr"], text_fr="{contact.nix}")
    assert client_for("author").post(f"/sms/mailings/{mailing.pk}/content/", data).status_code == 302
    mailing.refresh_from_db()
    assert (mailing.text, mailing.translations) == ("Hello {contact.frist", {"fr": "{contact.nix}"})


def test_languages_that_do_not_exist_are_nothing(step_2):
    page = step_2(make_mailing(make_people(1)), do="add:xx", written=["yy", "<b>"])
    assert "text_xx" not in page and "text_yy" not in page and "<b>" not in page


def test_each_language_is_counted_for_its_own_people(client_for):
    english, french = make_contact(fictional(1), first_name="Al", language="en"), make_contact(fictional(2), first_name="Marie-Emmanuelle", language="fr")
    mailing = make_mailing(make_group(english, french))
    data = content(mailing, text="Hello {contact.first_name}", written=["fr"], text_fr="Bonjour {contact.first_name}")
    page = body(client_for("author").post(COUNT, data))
    first, second = page.split('id="counter-text_fr"')
    assert "8 of 160" in first and "24 of 160" in second


def test_the_preview_speaks_the_language_of_who_reads_it(client_for):
    mailing = make_mailing(make_group(make_contact(fictional(1), first_name="Anis", language="fr"), make_contact(fictional(2), first_name="Beth")))
    client, data = client_for("author"), content(mailing, text="Hello {contact.first_name}", written=["fr"], text_fr="Bonjour {contact.first_name}")
    page = body(client.post(COUNT, data))
    assert "Bonjour Anis" in page
    at = mailing.include_groups.get().memberships.order_by("contact_id")[0].contact_id
    assert "Hello Beth" in body(client.post(COUNT, data | {"at": at, "show": "next"}))


def test_the_preview_of_an_open_tab_goes_through_its_readers(client_for):
    names = [("Anis", ""), ("Bea", "fr"), ("Cid", "en"), ("Marie-Emmanuelle", "")]
    mailing = make_mailing(make_group(*(make_contact(fictional(n), first_name=name, language=code) for n, (name, code) in enumerate(names))))
    client, data = client_for("author"), content(mailing, text="Hello {contact.first_name}", written=["fr"], text_fr="Bonjour {contact.first_name}")
    assert "Bonjour Bea" in body(client.post(COUNT, data | {"tab": "text_fr"}))
    assert "Bonjour Bea" in body(client.post(COUNT, data | {"tab": "text_fr", "show": "longest"}))
    page = body(client.post(COUNT, data | {"tab": "text", "show": "next", "at": Contact.objects.get(first_name="Anis").pk}))
    assert "Hello Cid" in page
