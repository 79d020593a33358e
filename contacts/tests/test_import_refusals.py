"""Who wants no texts: columns of refusals are known by their names, their answers are read or named, and none is left out without a word."""

import json
from io import StringIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.urls import reverse

from contacts.importing import jobs, refusals
from contacts.models import Contact, ImportJob

BLOCKS = (
    "Ne pas contacter|NE PAS CONTACTER!|Do not contact|Do_not_text|Don’t text|STOP|Stop SMS|Opposition|Liste rouge|Liste noire|Blacklist|Blacklisted|No SMS|"
    "Refus SMS|SMS refusé|Ne plus appeler|Ne souhaite pas recevoir de SMS|DNC|Bloqué|Does not want texts"
)
OPT_OUTS = "Désabonné|desabonnee|Désinscrit(e)|Date de désinscription|Unsubscribed|UNSUB_TIME|Opt out|OPT-OUT|opted_out_sms|Opposition commerciale|Pas de pub"
OTHERS = (
    "Do not email|E-mail opt-out|Ne pas envoyer de courrier|No de téléphone|No mobile|Contact|Nom du contact|Notes|Bus stop|Accepte les SMS|Opted in|"
    "Unsubscribe link|Motif de désinscription|Inscription"
)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [*((name, "do_not_sms") for name in BLOCKS.split("|")), *((name, "opted_out") for name in OPT_OUTS.split("|")), *((name, "") for name in OTHERS.split("|"))],
)
def test_names_of_refusing_are_known_and_others_left_alone(name, meaning):
    assert refusals.meaning_of(name) == meaning


@pytest.mark.parametrize("value", ["oui", "Yes", "x", "X", "1", "vrai", "TRUE", "STOP", "stop.", "Désabonné", "opt-out", "✓", "12/05/2026", "2026-05-12 09:30"])
def test_answers_that_refuse(value):
    assert refusals.refused(value) is True


@pytest.mark.parametrize("value", ["non", "No", "0", "faux", "FALSE", "-", "opt-in", "abonné"])
def test_answers_that_do_not(value):
    assert refusals.refused(value) is False


@pytest.mark.parametrize("value", ["peut-être", "2", "ok", "?", "voir Léa"])
def test_what_cannot_be_read_is_no_answer(value):
    with pytest.raises(ValueError, match="cannot be read whether this is a refusal"):
        refusals.refused(value)


@pytest.mark.parametrize(("value", "answer"), [("oui", True), ("accepté", True), ("abonnée", True), ("non", False), ("STOP", False), ("refusé", False)])
def test_answers_about_consent(value, answer):
    assert refusals.agreed(value) is answer


@pytest.fixture
def load(db, tmp_path):
    """`load(text, *options)` → what the command prints."""

    def run(text: str, *options: str) -> str:
        path = tmp_path / "people.csv"
        path.write_text(text)
        out = StringIO()
        call_command("import_contacts", str(path), "--region", "FR", *options, stdout=out)
        return out.getvalue()

    return run


def test_people_who_refuse_are_blocked_by_the_import(load):
    load("Nom;Portable;Ne pas contacter;STOP;Désabonné\nA;0639980001;oui;non;\nB;0639980002;;x;\nC;0639980003;;;01/02/2026\nD;0639980004;non;;\n")
    blocks = Contact.objects.order_by("last_name").values_list("last_name", "do_not_sms", "opted_out")
    assert list(blocks) == [("A", True, False), ("B", True, False), ("C", False, True), ("D", False, False)]


def test_an_answer_that_cannot_be_read_is_named_and_nobody_is_made_textable_by_it(load):
    report = json.loads(load("Nom;Portable;Ne pas contacter\nA;0639980001;oui\nB;0639980002;voir Léa\n", "--json"))
    assert [(error["row"], error["column"], error["value"], error["code"]) for error in report["errors"]] == [(3, "Ne pas contacter", "voir Léa", "not_a_refusal")]
    assert [contact.last_name for contact in Contact.objects.all()] == ["A"]


LOST = [
    ("Nom;Portable;Remarques\nA;0639980001;STOP\nB;0639980002;a cat\nC;0639980003;désabonnée\n", "Remarques", 2),
    ("Nom;Portable;Motif de désinscription\nA;0639980001;moves away\nB;0639980002;\n", "Motif de désinscription", 1),
    ("Nom;Portable;Accepte de recevoir des SMS\nA;0639980001;oui\nB;0639980002;non\n", "Accepte de recevoir des SMS", 1),
    ("Nom;Portable;Opposition\nA;0639980001;voir Léa\nB;0639980002;voir Tom\nC;0639980003;oui\n", "Opposition", 3),
]


@pytest.mark.parametrize(("text", "column", "rows"), LOST, ids=[column for _text, column, _rows in LOST])
def test_refusals_that_are_left_out_are_told_by_the_command(load, text, column, rows):
    warnings = json.loads(load(text, "--dry-run", "--json"))["warnings"]
    assert [(fault["row"], fault["column"], fault["code"]) for fault in warnings] == [(1, column, "refusals_left_out")]
    assert f"({rows} row" in warnings[0]["message"]
    assert "could be texted" in load(text, "--dry-run")


@pytest.mark.parametrize("text", ["Nom;Portable;Colour\nA;0639980001;yes\n", "Nom;Portable;Do not email\nA;0639980001;yes\n", "Nom;Portable;Droit à l’image\nA;0639980001;non\n",
                                  "Nom;Portable\nStop;0639980001\n", "Nom;Portable;Opposition\nA;0639980001;\n"])  # fmt: skip
def test_other_columns_raise_no_alarm(load, text):
    assert json.loads(load(text, "--dry-run", "--json"))["warnings"] == []


@pytest.mark.django_db
def test_a_column_of_refusals_that_is_left_out_by_hand_is_told_on_both_pages(client_for, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    client = client_for("author")
    text = b"Nom;Portable;Ne pas contacter\nA;0639980001;oui\nB;0639980002;non\n"
    client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("gens.csv", text)})
    job = ImportJob.objects.get()
    columns_page, page = (reverse(f"contacts:{name}", args=[job.pk]) for name in ("import_columns", "import"))
    alarm = "A column that looks like refusals is not used"
    assert job.mapping["2"] == "do_not_sms" and alarm not in client.get(columns_page).content.decode()
    for meaning, told in (("", True), ("groups", True), ("opted_out", False)):
        client.post(columns_page, {"column_0": "last_name", "column_1": "mobile", "column_2": meaning, "region": "FR"})
        jobs.work(job.pk)
        html = client.get(page).content.decode()
        assert (alarm in html, "this person could be texted" in html) == (told, told)
        assert (alarm in client.get(columns_page).content.decode()) is told


def test_a_refused_row_whose_person_wants_no_texts_is_told(load):
    text = "Nom;Portable;STOP;Accord SMS\nA;12;oui;\nB;12;;\nC;12;;non\nD;0639980004;x;\nE;12;maybe;\n"
    warnings = json.loads(load(text, "--dry-run", "--json"))["warnings"]
    assert [(fault["row"], fault["column"]) for fault in warnings if fault["code"] == "refusal_lost"] == [(2, "STOP"), (4, "Accord SMS")]
    assert "2 refused rows say that somebody wants no texts" in load(text, "--dry-run")
