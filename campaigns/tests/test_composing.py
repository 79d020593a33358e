"""The composer by plain posts: languages, dear letters, templates, the people whose texts are shown."""

from contextlib import nullcontext

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from campaigns.composing import choosing, component, readers
from campaigns.composing.readers import OfMailing
from campaigns.models import Message
from campaigns.tests.factories import fictional, make_mailing, make_people, make_provider, make_ready
from campaigns.tests.writing import body, content
from campaigns.texts import Texts
from contacts.models import Activity, Contact, CustomField
from contacts.smart.patience import TookTooLong
from contacts.tests.factories import make_contact, make_group
from providers.lookalikes import replacement

pytestmark = pytest.mark.django_db
COUNT = "/sms/count/"


# --- languages ---


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


# --- dear letters and tokens, without script ---


def test_look_alikes_one_kind_or_all(step_2):
    mailing = make_mailing(make_people(1))
    page = step_2(mailing, text="prêt… là", do="swap:text:ê")
    assert "pret… là</textarea>" in page
    assert "pret... là</textarea>" in step_2(mailing, text="prêt… là", do="swap:text")


@pytest.mark.parametrize("about", ["text:ab", "text:è", "text:ж", "text::", "nix:ê", "", "text_fr:ê"])
def test_nonsense_replaces_nothing(step_2, about):
    assert "prêt è ж</textarea>" in step_2(make_mailing(make_people(1)), text="prêt è ж", do=f"swap:{about}")


def test_look_alikes_are_looked_for_once_a_count(client_for, monkeypatch):
    asked = []
    monkeypatch.setattr(component, "replacement", lambda text: asked.append(text) or replacement(text))
    page = body(client_for("author").post(COUNT, content(make_mailing(make_people(1)), text="ê" * 80)))
    assert "Replace all 80 characters" in page and asked == ["ê" * 80]


def test_what_replacing_saves_is_said_in_segments_and_money(client_for):
    mailing = make_mailing(make_people(1), provider=make_provider(price_per_segment="0.07"))
    page = body(client_for("author").post(COUNT, content(mailing, text="ê" + "a" * 99)))
    assert "The text has 2 segments; with look-alikes it has 1." in page and "That saves €0.07 a text." in page and "€0.14 a text" in page


def test_at_most_counts_no_segments_over_the_limit_for_such_texts_do_not_leave(client_for):
    mailing = make_mailing(make_group(make_contact(fictional(1), first_name="A" * 99), make_contact(fictional(2), first_name="Al")), max_segments=1)
    mailing.provider.price_per_segment = "0.07"
    mailing.provider.save()
    page = body(client_for("author").post(COUNT, content(mailing, text="Hello {contact.first_name}" + "!" * 60)))
    assert "2 segments, 1 more than allowed" in page and "at most €0.14" in page


def test_a_text_costs_with_the_digits_of_its_price(client_for):
    mailing = make_mailing(make_people(1), provider=make_provider(price_per_segment="0.0412"))
    assert "€0.0412 a text" in body(client_for("author").post(COUNT, content(mailing, text="Hello")))


def test_without_a_price_nothing_is_said_of_money(client_for):
    assert "€" not in body(client_for("author").post(COUNT, content(make_mailing(make_people(1)), text="ê" + "a" * 99)))


def test_a_name_that_makes_a_text_unicode_is_named(client_for):
    mailing = make_mailing(make_group(make_contact(fictional(1), first_name="Zoë"), make_contact(fictional(2), first_name="Marie-Emmanuelle")))
    page = body(client_for("author").post(COUNT, content(mailing, text="a" * 70 + "{contact.first_name}")))
    assert "What the tokens say for Zoë" in page and "2 segments" in page


def test_the_token_that_was_meant_is_written(step_2):
    page = step_2(make_mailing(make_people(1)), text="Hi {contact.frist_name}", do="meant:text:{contact.frist_name}")
    assert "Hi {contact.first_name}</textarea>" in page


def test_tokens_come_in_groups_with_the_value_of_who_is_shown(client_for):
    CustomField.objects.create(key="level", label="Level", type="text")
    mailing = make_mailing(make_group(make_contact(fictional(1), first_name="Camille", custom={"level": "Gold"})))
    page = body(client_for("author").get(f"/sms/mailings/{mailing.pk}/content/"))
    assert "Custom fields" in page and ">Gold<" in page and 'data-token="{contact.custom.level}"' in page


# --- files and stop wording ---


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


def test_service_texts_and_senders_that_hear_nothing(step_2):
    mailing = make_mailing(make_people(1), provider=make_provider(senders=["36111", "RIVERSIDE"]))
    assert "does not say how to stop" not in step_2(mailing, do="keep", text="Rehearsal", kind="service")
    page = step_2(mailing, do="keep", text="Concert", origin=f"{mailing.provider_id}:RIVERSIDE")
    assert "This sender cannot receive replies" in page and 'value="stop:text"' not in page


# --- whose text ---


@pytest.fixture
def five(client_for):
    """Five readers of a mailing, and what the preview shows when it is asked for."""
    names = ["Al", "Zoë", "Marie-Emmanuelle", "", "Bo"]
    mailing = make_mailing(make_group(*(make_contact(fictional(n), first_name=name, last_name=f"L{n}") for n, name in enumerate(names))))

    def show(**data):
        return body(client_for("author").post(COUNT, content(mailing, text="a" * 70 + " {contact.first_name}") | data))

    return show


def test_the_longest_shortest_dearest_and_those_with_gaps_are_shown(five):
    assert "Marie-Emmanuelle L2" in five(show="longest")
    assert '<span role="status"> L3' in five(show="shortest") or "L3</span>" in five(show="shortest")
    assert '<span role="status">Zoë L1' in five(show="dearest")
    page = five(show="gaps")
    assert "L3</span>" in page and "Empty for this person: contact.first_name" in page


def test_what_was_asked_for_stays_while_somebody_types(five):
    assert 'value="longest" id="show-longest" formnovalidate aria-pressed="true"' in five(within="longest")


def test_nobody_with_gaps_is_said(five):
    assert "Nobody has an empty token" in five(show="gaps", text="Hi {contact.first_name|you}")


def test_a_prepared_mailing_is_measured_for_those_whose_text_was_too_long(client_for):
    """They have no text, so no row; whoever shortens the text must see them all the same."""
    group = make_group(make_contact(fictional(1), first_name="Al"), make_contact(fictional(2), first_name="x" * 50))
    for mailing in (make_mailing(group), ready := make_ready(group, text="a" * 150 + "{contact.first_name}")):
        page = body(client_for("author").post(COUNT, content(mailing, text="a" * 120 + "{contact.first_name}")))
        assert "2 segments, 1 more than allowed" in page and "x" * 50 in page
    assert Message.objects.filter(mailing=ready).count() == 1


def test_who_was_texted_not_long_ago_is_not_measured(client_for):
    lately = make_contact(fictional(2), first_name="Marie-Emmanuelle")
    Activity.objects.create(contact=lately, kind=Activity.Kind.SMS_SENT, at=timezone.now(), subject="Earlier")
    group = make_group(make_contact(fictional(1), first_name="Al"), lately)
    data = {"text": "Hello {contact.first_name}"}
    assert "Marie-Emmanuelle" in body(client_for("author").post(COUNT, content(make_mailing(group), **data)))
    assert "Marie-Emmanuelle" not in body(client_for("author").post(COUNT, content(make_mailing(group, rest_hours=24), **data)))


@pytest.mark.parametrize("data", [{"show": "x", "at": "x"}, {"at": "9" * 40, "show": "next"}, {"within": "<b>"}, {"readers": "mailing-99999999"}, {"text": "\0"}])
def test_nonsense_is_somebody_or_nobody_never_a_fault(five, data):
    assert "<b>" not in five(**data)


def test_a_person_is_seen_only_by_who_may(client_for):
    mailing = make_mailing(make_people(1))
    assert client_for("staff").post(COUNT, {"readers": f"mailing-{mailing.pk}"}).status_code == 403
    assert client_for("staff").post(COUNT, {"readers": "template"}).status_code == 403
    assert client_for("viewer").post(COUNT, {"readers": "numbers"}).status_code == 403


def test_a_template_is_tried_on_people_who_can_be_texted(client_for):
    make_contact(None, first_name="Nobody")
    make_contact(fictional(1), first_name="Camille")
    assert "Hello Camille" in body(client_for("author").post(COUNT, {"readers": "template", "text": "Hello {contact.first_name}", "show": "longest"}))


def test_everybody_takes_too_long_then_the_first_people_are_looked_at(monkeypatch):
    def too_long(most):
        raise TookTooLong

    monkeypatch.setattr(choosing, "patience", too_long)
    names = ["Al", "Marie-Emmanuelle", "x" * 50]
    group = make_group(*(make_contact(fictional(n), first_name=name) for n, name in enumerate(names)))
    people, partly = choosing.worst(OfMailing(make_mailing(group)), Texts("{contact.first_name}"), "")
    assert not partly and {person.first_name for person in people} == set(names), "there are no others"
    monkeypatch.setattr(choosing, "FIRST", 2)
    people, partly = choosing.worst(OfMailing(make_mailing(group)), Texts("{contact.first_name}"), "")
    assert partly and {person.first_name for person in people} == {"Al", "Marie-Emmanuelle"}


def test_the_longest_are_kept_however_many_tokens_a_text_has(monkeypatch):
    """A key of the cache has 250 characters at most."""
    keys, get = [], choosing.cache.get
    monkeypatch.setattr(choosing.cache, "get", lambda key, *others: keys.append(key) or get(key, *others))
    for name in (names := [f"{'long_name_' * 3}{n}" for n in range(10)]):
        CustomField.objects.create(key=name, label=name, type="text")
    text = " ".join(f"{{contact.custom.{name}}}" for name in names)
    choosing.extremes(OfMailing(make_mailing(make_people(1))), Texts(text), "")
    assert keys and max(map(len, keys)) < 200


def test_recipients_who_take_long_to_count_are_counted_apart(client_for, monkeypatch):
    mailing = make_mailing(make_people(2), provider=make_provider(price_per_segment="0.07"))
    client, data = client_for("author"), content(mailing)

    def impatient(most):
        if most < readers.A_WHILE:
            raise TookTooLong
        return nullcontext()

    monkeypatch.setattr(readers, "patience", impatient)
    page = body(client.post(COUNT, data))
    assert "The recipients are being counted." in page and "/sms/count/cost/" in page
    assert "2 texts: <strong class=\"num\">€0.14</strong>" in body(client.post(f"{COUNT}cost/", data))
    assert "2 texts" in body(client.post(COUNT, data)) and client_for("viewer").post(f"{COUNT}cost/", data).status_code == 403
