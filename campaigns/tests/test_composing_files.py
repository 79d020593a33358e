"""Text files and the words about stopping, in the composer."""


import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.tests.factories import make_mailing, make_people, make_provider
from campaigns.tests.writing import body, content

pytestmark = pytest.mark.django_db


def upload(mailing, client, data, name="text.txt", **changes):
    values = content(mailing, do="upload:text", file=SimpleUploadedFile(name, data)) | changes
    return body(client.post(f"/sms/mailings/{mailing.pk}/content/", values))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252", "utf-16"])
def test_a_text_file_is_read_in_any_usual_encoding(client_for, encoding):
    mailing = make_mailing(make_people(1))
    page = upload(mailing, client_for("author"), "Réunion déplacée à 18 h".encode(encoding), text="")
    assert "Réunion déplacée à 18 h</textarea>" in page and "The text of the file “text.txt” is in the box." in page


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"a" * 2 * 1024 * 1024, "larger than 1 MB"), (b"", "is empty"), (b"\x00\x01\x02\xff" * 50, "not a file of text"), (b"a" * 2001, "2,001 characters")],
)
def test_files_that_cannot_be_used_are_refused_in_words(client_for, data, words):
    page = upload(make_mailing(make_people(1)), client_for("author"), data)
    assert words in page and "Hello</textarea>" in page


def test_a_file_larger_than_any_form_may_be_gets_its_sentence(client_for):
    assert "larger than 1 MB" in upload(make_mailing(make_people(1)), client_for("author"), b"a" * 6 * 1024 * 1024)


def test_a_file_asks_before_it_replaces_a_text(client_for):
    mailing, client = make_mailing(make_people(1)), client_for("author")
    page = upload(mailing, client, b"From\na file", name="<b>.txt")
    assert "Replace your text by the file’s (&lt;b&gt;.txt)?" in page and "Hello</textarea>" in page and "upload-sure:text" in page
    data = content(mailing, do="upload-sure:text", file_text="From\r\na file", file_name="a.txt")
    assert "From\na file</textarea>" in body(client.post(f"/sms/mailings/{mailing.pk}/content/", data)).replace("\r\n", "\n")


def test_a_file_goes_into_the_box_it_was_meant_for(client_for):
    page = upload(make_mailing(make_people(1)), client_for("author"), b"Bonjour", do="upload:text_fr", written=["fr"], text_fr="")
    assert "Bonjour</textarea>" in page and "Hello</textarea>" in page


def test_a_chosen_file_is_not_overlooked(client_for):
    assert "Replace your text by" in upload(make_mailing(make_people(1)), client_for("author"), b"From a file", do="next")


def test_without_a_file_nothing_is_uploaded(step_2):
    assert "Choose a file first" in step_2(make_mailing(make_people(1)), do="upload:text")


@pytest.mark.parametrize(("language", "sentence"), [("fr", "STOP au {sender.number}"), ("en", "STOP to {sender.number}"), ("", "STOP to {sender.number}")])
def test_marketing_is_reminded_of_stop_in_its_language(step_2, language, sentence):
    mailing = make_mailing(make_people(1))
    page = step_2(mailing, do="keep", text="Concert", language=language)
    assert "does not say how to stop" in page and f"Add “{sentence}”" in page
    page = step_2(mailing, do="stop:text", text="Concert ", language=language)
    assert f"Concert\n{sentence}</textarea>" in page and "does not say how to stop" not in page


def test_service_texts_and_senders_that_hear_nothing(step_2, settings):
    mailing = make_mailing(make_people(1), provider=make_provider(senders=["36111", "RIVERSIDE"]))
    assert "does not say how to stop" not in step_2(mailing, do="keep", text="Rehearsal", kind="service")
    assert "Add “Opt out: {optout.link}”" in step_2(mailing, do="keep", text="Concert", origin=f"{mailing.provider_id}:RIVERSIDE")
    settings.PUBLIC_BASE_URL = ""
    page = step_2(mailing, do="keep", text="Concert", origin=f"{mailing.provider_id}:RIVERSIDE")
    assert "This sender cannot receive replies" in page and 'value="stop:text"' not in page
