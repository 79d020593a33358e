"""What is wrong with the tokens of a text, each with the token that was probably meant. Pure."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from campaigns.tokens import CUSTOM, NAMES, TOKEN

LONGEST_NAME = 80  # characters between braces that may still be meant as a name
_BRACED = re.compile(r"\{([^{}]*)\}")
SUBJECTS = ("contact", "organisation", "mailing", "sender", "optout", "column")
COLUMN = "column."
_OPEN = re.compile(rf"\{{\s*(?:{'|'.join(SUBJECTS)})\.\w+(?:\.\w+)*(?=[^{{}}\w.][^{{}}]*(?:\{{|$)|\{{|$)")
_NAMED = rf"(?:{'|'.join(SUBJECTS)})\.\w+(?:\.\w+)*"
_OTHER_BAR = re.compile(rf"(\s*{_NAMED})\s*[,;:/\\¦]\s*(.*)", re.DOTALL)  # {contact.first_name,friend}
_OTHER_BRACES = re.compile(
    rf"(?:\[{{1,3}}|\({{1,3}}|<{{1,3}}|%)\s?({_NAMED})\s?(?:[|,;:]([^][(){{}}<>%|]{{0,80}}))?(?:\]{{1,3}}|\){{1,3}}|>{{1,3}}|%)", re.IGNORECASE
)  # [contact.first_name]
_NESTED = re.compile(rf"\{{\s*{_NAMED}\s*\|[^{{}}]*(\{{\s*{_NAMED}[^{{}}]*\}})[^{{}}]*\}}")  # {contact.first_name|{contact.last_name}}
_OTHER_NAMES = {  # what people write instead, in both languages, without accents and dividers
    "firstname": "contact.first_name", "prenom": "contact.first_name", "lastname": "contact.last_name", "nom": "contact.last_name",
    "surname": "contact.last_name", "familyname": "contact.last_name", "nomdefamille": "contact.last_name", "name": "contact.name", "fullname": "contact.name",
    "nomcomplet": "contact.name", "organisation": "contact.organisation", "organization": "contact.organisation", "company": "contact.organisation",
    "entreprise": "contact.organisation", "societe": "contact.organisation", "email": "contact.email", "mail": "contact.email", "courriel": "contact.email",
    "language": "contact.language", "langue": "contact.language", "birthdate": "contact.birth_date", "birthday": "contact.birth_date",
    "datedenaissance": "contact.birth_date", "number": "contact.number", "mobile": "contact.number", "phone": "contact.number", "telephone": "contact.number",
    "numero": "contact.number", "country": "contact.country", "pays": "contact.country", "date": "mailing.date", "campaign": "mailing.campaign",
    "campagne": "mailing.campaign", "sender": "sender.name", "expediteur": "sender.name", "author": "sender.name", "auteur": "sender.name",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Problem:
    """A token that cannot be rendered: where it stands, what it says, what was probably meant."""

    start: int
    token: str
    suggestion: str
    message: str


def check(text: str, names: Iterable[str] = NAMES) -> list[Problem]:
    """Tokens that nobody knows or that are written otherwise, each with what was meant; those that are not closed, or hold another one.

    Ordinary braces are text.
    """
    known = frozenset(names)
    found = [problem for match in _BRACED.finditer(text) if (problem := _problem(match, known))]
    found += [problem for match in _OTHER_BRACES.finditer(text) if (problem := _in_other_braces(match, known))]
    nested = {match.start(): match for match in _NESTED.finditer(text)}
    found += [_nested(match) for match in nested.values()]
    found += [_unclosed(match) for match in _OPEN.finditer(text) if match.start() not in nested]
    return sorted(found, key=lambda problem: problem.start)


def _problem(match: re.Match[str], known: frozenset[str]) -> Problem | None:
    if (token := TOKEN.fullmatch(match[0])) and token[1] in known:
        return None
    name, bar, fallback = match[1].partition("|")
    if other := _OTHER_BAR.fullmatch(name):
        name, bar, fallback = other[1], "|", other[2] + fallback
    if len(name) > LONGEST_NAME:
        return None
    if _meant(name).startswith(COLUMN) and not any(one.startswith(COLUMN) for one in known):
        return _column(match)
    certain = bool(token) or _is_divided(name)
    if not (suggested := closest(_meant(name), known, cutoff=0.6 if certain else 0.8)) and not certain:
        return None  # ordinary braces
    return _not_a_token(match, f"{{{suggested}{bar}{fallback.replace('|', '/')}}}" if suggested else "")


def _column(match: re.Match[str]) -> Problem:
    words = _("%(token)s is a column of a workflow. Only the text of an SMS step can have it, once a query before that step adds the column.")
    return Problem(match.start(), match[0], "", words % {"token": match[0]})


def _not_a_token(match: re.Match[str], suggestion: str) -> Problem:
    sentence = _("%(token)s is not a token.") % {"token": match[0]}
    hint = _("Did you mean %(suggestion)s?") % {"suggestion": suggestion} if suggestion else _("Choose one from the list.")
    return Problem(match.start(), match[0], suggestion, f"{sentence} {hint}")


def _in_other_braces(match: re.Match[str], known: frozenset[str]) -> Problem | None:
    """As other programs write tokens: [contact.first_name], ((contact.first_name)), %contact.first_name%."""
    meant = _meant(match[1])
    if not (suggested := closest(meant, known, cutoff=0.8)) and not meant.startswith(CUSTOM):
        return None  # an address in brackets
    fallback = f"|{match[2].strip()}" if match[2] else ""
    return _not_a_token(match, f"{{{suggested}{fallback}}}" if suggested else "")


def _nested(match: re.Match[str]) -> Problem:
    words = _("%(token)s stands behind a bar: what people read instead cannot hold another token. Write words there.")
    return Problem(match.start(), match[0], "", words % {"token": match[1]})


def _unclosed(match: re.Match[str]) -> Problem:
    return Problem(match.start(), match[0], "", _("%(token)s is not closed. Write } behind it.") % {"token": match[0]})


def _is_divided(name: str) -> bool:
    """Whether it is written as only a token is: words with dots or underscores between them."""
    words = [word.strip() for word in re.split("[._]", _visible(name))]
    return len(words) > 1 and words[0][:1].isalpha() and all(word.isalnum() for word in words)


def _visible(name: str) -> str:
    return "".join(char for char in name if unicodedata.category(char) != "Cf")


def _meant(name: str) -> str:
    """Lower case, without accents and blanks: "Contact prénom" is "contact.prenom"."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", _visible(name)) if not unicodedata.combining(char))
    words = re.sub(r"[\s-]+", "_", re.sub(r"\s*\.\s*", ".", plain.strip().lower()))
    return re.sub(rf"^({'|'.join(SUBJECTS)})_", r"\1.", words)


def closest(meant: str, known: frozenset[str], *, cutoff: float) -> str:
    """The known name that was probably meant, "" when nothing is near. The last word decides, then what stands before it."""
    head, _dot, tail = meant.rpartition(".")
    if head in {"", "contact"} and (other := _OTHER_NAMES.get(tail.replace("_", ""), "")) in known:
        return other
    near = []
    for name in sorted(known):
        its_head, _dot, its_tail = name.rpartition(".")
        if (ratio := _likeness(tail, its_tail)) >= cutoff:
            near.append((ratio + _likeness(head or "contact", its_head) / 4, name))
    return max(near, default=(0.0, ""))[1]


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()
