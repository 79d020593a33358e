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
OPT_INS = (
    "Accepte les SMS|Accepte SMS (oui/non)|Abonné newsletter|Abonné(e)|Subscribed|Consent to marketing|Consentement|Opt-in|opt_in_sms|OK SMS|SMS ok|Opted in|"
    "Autorise les SMS|Accepts texts|Accepte de recevoir des SMS|Opt-in / opt-out|Abonné/Désabonné|Agrees to be contacted"
)
DENIALS = "Non abonné|Not subscribed|N'accepte pas les SMS|Pas de consentement|Consentement retiré"
DEATHS = "Décédé|decedee|Décédé(e)|DECEASED|Dead|Date de décès|Date of death|Personne décédée"
OTHERS = (
    "Do not email|E-mail opt-out|Ne pas envoyer de courrier|No de téléphone|No mobile|Contact|Nom du contact|Notes|Bus stop|Accord parental pour les photos|Accepte les e-mails|Can be texted|Consent from|Newsletter|"
    "Unsubscribe link|Motif de désinscription|Inscription"
)


@pytest.mark.parametrize(
    ("name", "meaning"),
    [*((name, "do_not_sms") for name in BLOCKS.split("|")), *((name, "opted_out") for name in OPT_OUTS.split("|")), *((name, "opted_in") for name in OPT_INS.split("|")), *((name, "opted_out") for name in DENIALS.split("|")),
     *((name, "deceased") for name in DEATHS.split("|")), *((name, "") for name in OTHERS.split("|"))],
)  # fmt: skip
def test_names_of_refusing_and_agreeing_are_known_and_others_left_alone(name, meaning):
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
    ("Nom;Portable;Newsletter\nA;0639980001;oui\nB;0639980002;non\n", "Newsletter", 1),
    ("Nom;Portable;Statut\nA;0639980001;désabonné\nB;0639980002;actif\n", "Statut", 1),
]


@pytest.mark.parametrize(("text", "column", "rows"), LOST, ids=[column for _text, column, _rows in LOST])
def test_refusals_that_are_left_out_are_told_by_the_command(load, text, column, rows):
    warnings = json.loads(load(text, "--dry-run", "--json"))["warnings"]
    assert [(fault["row"], fault["column"], fault["code"]) for fault in warnings] == [(1, column, "refusals_left_out")]
    assert f"({rows} row" in warnings[0]["message"]
    assert "could be texted" in load(text, "--dry-run")


@pytest.mark.parametrize("text", ["Nom;Portable;Colour\nA;0639980001;yes\n", "Nom;Portable;Do not email\nA;0639980001;yes\n", "Nom;Portable;Droit à l’image\nA;0639980001;non\n",
                                  "Nom;Portable\nStop;0639980001\n", "Nom;Portable;Opposition\nA;0639980001;\n", "Nom;Portable;Newsletter\nA;0639980001;oui\n"])  # fmt: skip
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


def test_a_formula_in_a_column_of_refusals_counts_as_one(load):
    text = "Nom;Portable;STOP;Accord SMS;Décédé\nA;0639980001;=TRUE;;\nB;0639980002;=FALSE();;\nC;0639980003;;=FAUX();\nD;0639980004;;;=VRAI()\n"
    told = load(text, "--dry-run")
    assert "2 refused rows say that somebody wants no texts" in told and "1 refused row says that somebody has died" in told


def test_columns_in_the_affirmative_become_opt_ins(load):
    load("Nom;Portable;Accepte SMS\nA;0639980001;oui\nB;0639980002;non\nC;0639980003;\n")
    assert [contact.last_name for contact in Contact.objects.filter(opted_out=True)] == ["B"]
    assert not Contact.objects.filter(do_not_sms=True).exists()


def test_a_column_that_only_sounds_like_consent_is_left_out(load):
    report = json.loads(load("Nom;Portable;Consentement\nA;0639980001;par courrier\nB;0639980002;au salon\n", "--json"))
    assert (report["created"], report["refused"], report["warnings"]) == (2, 0, [])


ADVICE = {
    "Newsletter;oui;non": "let the column become “Opted in to marketing”",
    "Statut;actif;désabonné": "Put the refusals into a column of their own",
    "Motif de désinscription;;moves": "Let the column become “Do not SMS” or “Opted out of marketing”",
}


@pytest.mark.parametrize(("column", "advice"), ADVICE.items(), ids=ADVICE)
def test_what_is_advised_suits_the_name_of_the_column(load, column, advice):
    name, first, second = column.split(";")
    told = load(f"Nom;Portable;{name}\nA;0639980001;{first}\nB;0639980002;{second}\n", "--dry-run")
    assert [words in told for words in ("let the column become “Opted in", "a column of their own, for example", "Let the column become “Do not")] == [
        "Opted in" in advice, "Put the" in advice, "Do not" in advice
    ]  # fmt: skip


TURNED = [
    ("Accepte SMS", "do_not_sms", "seems to agree to texts"), ("Newsletter", "opted_out", "seems to agree to texts"),
    ("Ne pas contacter", "opted_in", "seems to refuse texts"), ("Accepte SMS", "opted_in", ""), ("Ne pas contacter", "opted_out", ""),
]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "meaning", "words"), TURNED)
def test_both_pages_object_to_a_mapping_that_turns_answers_round(client_for, settings, tmp_path, name, meaning, words):
    settings.MEDIA_ROOT = tmp_path
    client = client_for("author")
    text = f"Nom;Portable;{name}\nA;0639980001;oui\nB;0639980002;non\n".encode()
    client.post(reverse("contacts:import_upload"), {"file": SimpleUploadedFile("gens.csv", text)})
    job = ImportJob.objects.get()
    columns_page, page = (reverse(f"contacts:{name}", args=[job.pk]) for name in ("import_columns", "import"))
    client.post(columns_page, {"column_0": "last_name", "column_1": "mobile", "column_2": meaning, "region": "FR"})
    jobs.work(job.pk)
    for html in (client.get(page).content.decode(), client.get(columns_page).content.decode()):
        assert ("A column seems to mean the opposite" in html, bool(words) and words in html) == (bool(words), bool(words))


def test_few_refusals_are_known_by_their_header_whatever_they_say(load):
    report = json.loads(load("Nom;Portable;Ne pas contacter\nA;0639980001;voir Léa\nB;0639980002;\n", "--json"))
    assert [(error["row"], error["code"]) for error in report["errors"]] == [(2, "not_a_refusal")]
