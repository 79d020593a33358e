"""What received texts are taken for: every spelling of a keyword, sentences that may mean stop, and ordinary replies."""

import time

import pytest

from campaigns import keywords
from campaigns.keywords import Action, interpret

OPT_OUT = [
    "STOP", "stop", "Stop", "sToP", "STOP ", "  stop", "stop.", "STOP!!!", "stop…", "¡STOP!", "(stop)", "[STOP]", "*stop*", "_STOP_", "- stop -", "#STOP",
    "“stop”", '"STOP"', "'stop'", "« STOP »", "«\u00a0STOP\u00a0»", "‹stop›", "„Stopp“", "> STOP", "STOP ✋", "🛑STOP🛑", "👋 stop 🙏🏽", "STOP👨\u200d👩\u200d👧", "❌\ufe0f stop",
    "ｓｔｏｐ", "ＳＴＯＰ", "Ⓢⓣⓞⓟ", "𝐒𝐓𝐎𝐏", "𝓼𝓽𝓸𝓹", "S\u200bT\u200bO\u200bP", "\ufeffSTOP", "ST\u00adOP", "\u202eSTOP\u202c", "\u2066STOP\u2069", "STOP\u200f",
    "STO\u2060P", "\u3164STOP\u3164", "S\u034fTOP", "stóp", "stöp", "STOP\x00", "\x00STOP", "ST\x00OP", "\ud800STOP", "STOP\udfff", "STOP\x1b", "STOP\t", "\u3000STOP\u3000",
    "STOP\nSent from my iPhone", "STOP\r\n--\r\nJean", "STOP\rx", "Stop.\n\nEnvoyé de mon iPhone", "\n\nSTOP\n", "STOP\u2028bye", "STOP\u2029bye", "STOP\x0bbye", "STOP\x85bye",
    "\n🙏\nSTOP", "STOP\n" + "x" * 10_000, "STOP" + "!" * 1_000,
    "STOPALL", "stop all", "Stop-All", "OPTOUT", "opt out", "Opt-Out", "OPT_OUT", "opt\u00a0 out", "opt\nout\n"[:3] + "out",
    "unsubscribe", "Unsubscribe.", "UNSUB", "cancel", "END", "Quit", "REVOKE", "remove me", "REMOVE", "СТОП", "стоп",
    "ARRET", "ARRÊT", "arrêt", "Arrêt.", "ARRE\u0302T", "Arrêter", "arrêtez", "DESABONNER", "Désabonner", "désabonnement", "désabonnez-moi", "me désabonner", "DÉSINSCRIRE",
    "desinscription", "Désinscription !", "fin", "résilier", "Annuler",
    "BAJA", "baja.", "¡Baja!", "alto", "PARAR", "cancelar", "dar de baja", "Darme de baja", "detener",
    "SAIR", "sair", "pare", "descadastrar", "Cancelar inscrição", "fim",
    "STOPP", "abmelden", "Abmeldung", "abbestellen", "aufhören", "AUFHOEREN", "Ende", "beenden", "austragen",
    "ferma", "BASTA", "basta!", "cancella", "cancellami", "disiscrivimi", "annulla", "disdici",
    "afmelden", "Afmelding", "uitschrijven", "opzeggen", "beëindigen", "stoppen", "einde",
    "توقف", "إيقاف", "ايقاف", "أوقف", "إلغاء", "الغاء", "إلغاء الاشتراك", "الغاء الاشتراك", "قِف", "تَوَقَّف", "تـوقـف", "\u200fتوقف\u200f", "«إيقاف»", "توقف.", "إنهاء",
]  # fmt: skip
OPT_IN = ["START", "start!", "Unstop", "UNSTOP", "opt in", "subscribe", "DEMARRER", "Démarrer", "reprendre", "s'abonner", "S’abonner", "ALTA", "iniciar", "começar", "anmelden",
          "iscrivimi", "aanmelden", "ابدأ", "اشتراك"]  # fmt: skip
CONFIRM = ["YES", "yes", "Yes!", "y", "OUI", "oui", "Oui.", "Oui 👍", "j'accepte", "sí", "SI", "sim", "ja", "نعم", "Yes\nJohn"]
HELP = ["HELP", "help?", "INFO", "infos", "AIDE", "aide svp"[:4], "AYUDA", "¿ayuda?", "ajuda", "HILFE", "aiuto", "hulp", "مساعدة", "HELP\nwhere are you?"]
REVIEW = [
    "stop texting me", "Stop sending me these texts", "please stop", "Please STOP.", "STOP please", "stop it", "stop stop stop", "S T O P", "s.t.o.p", "stoooop", "STOP SMS",
    "Remove me from your list", "take me off this list", "remove my number", "unsubscribe me please", "I want to unsubscribe", "How do I opt out of this?", "opt me out please",
    "don't text me", "Don’t text me again!", "do not contact me", "I don't want these texts anymore", "I don’t want any more messages from you", "leave me alone",
    "no more texts", "quit messaging me", "Stop spamming me!!!", "cancel all messages", "lose my number", "please stop\nJohn", "Hello\nSTOP",
    "arrêtez de m'envoyer des SMS", "Arrêtez de m’envoyer des SMS", "arretez svp", "arrêtez vos messages", "ne m'envoyez plus rien", "Ne m’envoyez plus de SMS", "n'envoyez plus de sms",
    "je ne veux plus recevoir de SMS", "Je ne souhaite plus recevoir vos messages", "retirez-moi de votre liste", "supprimez mon numéro", "enlevez-moi de la liste",
    "désinscrivez moi svp", "je veux me désabonner", "Merci de me désinscrire", "stop merci", "Stop pub", "STOP svp", "plus de sms svp", "laissez-moi tranquille", "ne plus me contacter",
    "no me envíen más mensajes", "deje de enviarme mensajes", "no quiero recibir más", "quiero darme de baja", "quítenme de la lista", "no más mensajes",
    "pare de me enviar mensagens", "não quero mais receber", "não me mande mais mensagens", "remova meu número",
    "Bitte keine SMS mehr", "Ich möchte keine Nachrichten mehr", "Hören Sie auf, mir SMS zu schicken", "bitte abmelden", "löschen Sie meine Nummer", "Schreiben Sie mir nicht mehr",
    "lasst mich in Ruhe", "stopp bitte",
    "smettete di scrivermi", "non mandatemi più sms", "non voglio più ricevere messaggi", "cancellatemi dalla lista", "basta messaggi",
    "geen berichten meer", "verwijder mij uit de lijst", "stop met sms'en", "stuur mij niet meer sms", "ik wil me uitschrijven",
    "لا ترسل لي رسائل", "توقف عن الإرسال", "أوقفوا الرسائل", "لا أريد رسائلكم", "احذف رقمي",
]  # fmt: skip
NONE = [
    "", " ", "\n", "\x00", "\ud800", "\u200b", "🙂", "👍🏽", "...", "?", "STOPPER", "stopped", "stopping", "nonstop", "non-stop", "non stop", "bus stop", "Bus STOP", "the bus stop is closed",
    "Stop by the office tomorrow", "please stop by at 5", "Can you stop at the shop?", "I can't stop laughing", "full stop", "See you at the end", "The end", "endless", "weekend",
    'Reply STOP to end', "Reply STOP to unsubscribe", '"Reply STOP to opt out" what does that mean?', "You wrote: Text STOP to quit. Why?", "Reply with STOP to cancel", "STOP to end",
    "STOP au 36111", "STOP au 36 111", "Répondez STOP au 36111 pour ne plus recevoir", "Envoyez STOP pour ne plus recevoir de SMS", "le mot STOP au 36111", "« STOP au 36111 »",
    "arrêt de bus", "l'arrêt du tram", "un arrêt de travail", "Je vais arrêter de fumer", "Merci beaucoup", "merci", "Je serai en retard", "je ne peux pas venir", "oui je viens",
    "Yes I will come", "yes please", "ok", "OK", "Thanks!", "thank you", "No", "non", "Who is this?", "help me with the order", "info please about the class", "Call me", "please call me",
    "I have to cancel my appointment", "Je dois annuler mon rendez-vous", "start at 9?", "When does it start", "Can you send me the text again?", "remove the first item please",
    "¿A qué hora?", "hasta mañana", "obrigado", "Danke, bis morgen", "Ende gut, alles gut", "grazie mille", "a dopo", "tot morgen", "شكرا", "صباح الخير", "متى الموعد؟",
    "<script>alert(1)</script>", "'; DROP TABLE x; --", "{contact.first_name}", "a" * 10_000, "\u0301" * 500, "1" * 500, "36111", "0612345678",
]  # fmt: skip
CASES = [(text, action) for action, texts in zip(Action, [OPT_OUT, OPT_IN, CONFIRM, HELP, REVIEW, NONE], strict=True) for text in texts]


@pytest.mark.parametrize(("text", "action"), CASES, ids=[f"{action} {text[:24]!a}" for text, action in CASES])
def test_a_text_is_taken_for_what_it_asks(text, action):
    assert interpret(text) == action


@pytest.mark.parametrize("text", [text for text, action in CASES if action is Action.OPT_OUT and "\n" not in text][:40])
def test_a_keyword_counts_as_the_first_line_only(text):
    assert interpret(f"{text}\nMarie") is Action.OPT_OUT
    assert interpret(f"See you tomorrow at nine\n{text}") is not Action.OPT_OUT
    assert interpret(f"{text} tomorrow at nine") is not Action.OPT_OUT


@pytest.mark.parametrize("text", [case * 2_500 for case in ("stop ", "ne ", "don't want ", "s t o p ", "remove me ", "hor ", "\u0301", "no me ", "arretez ", "لا ", "\n", "please ", "'")])
def test_no_text_keeps_anybody_waiting(text):
    begun = time.perf_counter()
    interpret(text)
    assert time.perf_counter() - begun < 0.5


def test_the_word_and_its_language_are_told():
    assert keywords.understand("Arrêt !") == (Action.OPT_OUT, "ARRET", "fr")
    assert keywords.understand("stop") == (Action.OPT_OUT, "STOP", "")
    assert keywords.understand("Hallo") == (Action.NONE, "", "")


class Rule:
    def __init__(self, *words):
        self.words = words


def test_the_first_rule_that_has_the_word_is_found():
    first, second = Rule("JAZZ", "Été 2026"), Rule("jazz", "rock & roll")
    assert keywords.first_match("« Jazz »\nmerci", [first, second]) == (first, "JAZZ")
    assert keywords.first_match("ete 2026", [second, first]) == (first, "Été 2026")
    assert keywords.first_match("Rock & Roll!", [first, second]) == (second, "rock & roll")
    assert keywords.first_match("jazz please", [first, second]) is None
    assert keywords.first_match("🙂", [Rule("!"), Rule("")]) is None
