"""What a received text asks for: stop, start, yes, help, or something that a person must look at. Pure: no ORM, no settings, no clock.

A text is normalised first: one form for each letter, invisible signs out, case and accents folded, and whatever is no letter or digit stripped around
it. A keyword counts when it is the whole text, or its first line. So "STOP!", "« stop »" and "STOP, then a signature below" are keywords,
while "bus stop" and a quoted "Reply STOP to …" are not. What means a stop without being the keyword is for a person to decide.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple, Protocol, TypeVar

from campaigns import stop_phrases


class Action(StrEnum):
    """What a text was taken for."""

    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"
    CONFIRM = "confirm"  # yes: means something only as the answer to a question that was asked
    HELP = "help"
    REVIEW = "review"  # may mean stop: a person decides
    NONE = "none"


class Understood(NamedTuple):
    """A text's action, the word that it was told by, and the language of that word where it is of one."""

    action: Action
    word: str = ""
    language: str = ""


# By language; "" are words that people use in all of them. The first language that lists a word has it.
WORDS: dict[str, dict[Action, str]] = {
    "": {Action.OPT_OUT: "STOP, STOPALL, STOP ALL, OPTOUT, OPT OUT, СТОП", Action.OPT_IN: "START, UNSTOP, OPTIN, OPT IN", Action.HELP: "INFO, INFOS"},
    "en": {
        Action.OPT_OUT: "UNSUBSCRIBE, UNSUB, CANCEL, END, QUIT, REVOKE, REMOVE, REMOVE ME, UNSUBSCRIBE ME, OPT ME OUT",
        Action.OPT_IN: "SUBSCRIBE, RESUBSCRIBE",
        Action.CONFIRM: "YES, Y, YEAH, YEP, I AGREE",
        Action.HELP: "HELP",
    },
    "fr": {
        Action.OPT_OUT: (
            "ARRET, ARRETER, ARRETEZ, DESABONNER, DESABONNEMENT, DESABONNEZ MOI, ME DESABONNER, SE DESABONNER, DESINSCRIRE, DESINSCRIPTION, "
            "DESINSCRIVEZ MOI, ME DESINSCRIRE, SE DESINSCRIRE, RESILIER, FIN, ANNULER"
        ),
        Action.OPT_IN: "DEMARRER, COMMENCER, REPRENDRE, ABONNER, REABONNER, S'ABONNER, REINSCRIRE",
        Action.CONFIRM: "OUI, O, J'ACCEPTE, D'ACCORD",
        Action.HELP: "AIDE, INFORMATIONS",
    },
    "es": {
        Action.OPT_OUT: "BAJA, ALTO, PARAR, DETENER, CANCELAR, DAR DE BAJA, DARME DE BAJA, DARSE DE BAJA, DESUSCRIBIR, DESUSCRIBIRME, TERMINAR",
        Action.OPT_IN: "ALTA, INICIAR, EMPEZAR, COMENZAR, SUSCRIBIR, SUSCRIBIRME",
        Action.CONFIRM: "SI, SÍ, ACEPTO",
        Action.HELP: "AYUDA",
    },
    "pt": {
        Action.OPT_OUT: "SAIR, PARE, DESCADASTRAR, CANCELAR INSCRICAO, DESINSCREVER, REMOVER, ENCERRAR, FIM",
        Action.OPT_IN: "INSCREVER, ASSINAR, COMECAR",
        Action.CONFIRM: "SIM, ACEITO",
        Action.HELP: "AJUDA",
    },
    "de": {
        Action.OPT_OUT: "STOPP, STOPPEN, ABMELDEN, ABMELDUNG, ABBESTELLEN, AUSTRAGEN, ENDE, BEENDEN, AUFHÖREN, AUFHOEREN",
        Action.OPT_IN: "STARTEN, ANMELDEN, ANMELDUNG",
        Action.CONFIRM: "JA",
        Action.HELP: "HILFE",
    },
    "it": {
        Action.OPT_OUT: "FERMA, FERMARE, BASTA, CANCELLA, CANCELLAMI, CANCELLARE, DISISCRIVI, DISISCRIVIMI, DISISCRIVERE, ANNULLA, INTERROMPI, DISDICI",
        Action.OPT_IN: "INIZIA, AVVIA, ISCRIVI, ISCRIVIMI",
        Action.CONFIRM: "ACCETTO",
        Action.HELP: "AIUTO",
    },
    "nl": {
        Action.OPT_OUT: "AFMELDEN, AFMELDING, UITSCHRIJVEN, OPZEGGEN, BEEINDIGEN, BEËINDIGEN, EINDE, ANNULEREN",
        Action.OPT_IN: "AANMELDEN, INSCHRIJVEN",
        Action.HELP: "HULP",
    },
    "ar": {
        Action.OPT_OUT: "توقف, إيقاف, أوقف, قف, وقف, الغاء, إلغاء, إلغاء الاشتراك, إيقاف الرسائل, انهاء, إنهاء",
        Action.OPT_IN: "ابدأ, بدء, اشتراك, اشترك",
        Action.CONFIRM: "نعم, موافق",
        Action.HELP: "مساعدة, المساعدة, معلومات",
    },
}

LONGEST = 2_000  # characters that anybody looks at: a keyword stands at the beginning
_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_SAME = str.maketrans({**dict.fromkeys(_LINE_ENDS, "\n"), **dict.fromkeys("’‘ʼ´`", "'")})
_FILLERS = "\u115f\u1160\u3164\uffa0\u0640"  # letters by their category, invisible or decoration all the same
_BLANKS = re.compile(r"[^\S\n]+")
_JOINTS = re.compile(r"[-_‐‑‒–—']+")


def fold(text: str) -> str:
    """Letters in one form, without case, accents and anything invisible; lines stay lines, blanks are single."""
    text = unicodedata.normalize("NFKC", text[: LONGEST * 2].replace("\r\n", "\n").translate(_SAME))
    seen = "".join(char for char in text if char == "\n" or char == "\t" or not _is_invisible(char))
    parts = unicodedata.normalize("NFKD", seen.casefold())
    plain = unicodedata.normalize("NFC", "".join(char for char in parts if unicodedata.category(char) not in ("Mn", "Me")))
    return _BLANKS.sub(" ", plain)[:LONGEST]


def _is_invisible(char: str) -> bool:
    return char in _FILLERS or unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn")


def bare(text: str) -> str:
    """A folded text without what stands around it: punctuation, quotes, emoji, blanks."""
    start, end = 0, len(text)
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not text[end - 1].isalnum():
        end -= 1
    return text[start:end]


def normalise(word: str) -> str:
    """A word, or words, as texts are compared with it: "Opt-Out!" is "opt out"."""
    return " ".join(_JOINTS.sub(" ", bare(fold(word))).split())


def candidates(text: str) -> list[str]:
    """What may be a keyword: the whole text, then its first line; normalised, empty ones left out."""
    whole = bare(fold(text))
    return list(dict.fromkeys(filter(None, (" ".join(_JOINTS.sub(" ", bare(part)).split()) for part in (whole, whole.partition("\n")[0])))))


def _table() -> dict[str, Understood]:
    found: dict[str, Understood] = {}
    for language, actions in WORDS.items():
        for action, words in actions.items():
            for word in words.split(","):
                found.setdefault(normalise(word), Understood(action, word.strip(), language))
    return found


BUILT_IN = _table()
OPT_OUT_WORDS = frozenset(word for word, found in BUILT_IN.items() if found.action is Action.OPT_OUT)
_NOTHING = Understood(Action.NONE)


def understand(text: str) -> Understood:
    """What a text asks for by the built-in words, with the word."""
    for candidate in candidates(text):
        if found := BUILT_IN.get(candidate):
            return found
    return Understood(Action.REVIEW) if stop_phrases.may_mean_stop(fold(text), OPT_OUT_WORDS) else _NOTHING


def interpret(text: str) -> Action:
    """What a text asks for by the built-in words."""
    return understand(text).action


class Worded(Protocol):
    """A rule: the words that it answers to."""

    @property
    def words(self) -> Iterable[str]:
        """As an administrator wrote them."""


Rule = TypeVar("Rule", bound=Worded)


def first_match(text: str, rules: Sequence[Rule]) -> tuple[Rule, str] | None:
    """The first of these rules one of whose words is the text, or its first line; with that word."""
    if not (found := candidates(text)):
        return None
    for rule in rules:
        for word in rule.words:
            if normalise(word) in found:
                return rule, word
    return None
