"""Columns that say who wants texts or none: known by their names or by what stands in them, so that no refusal is left out without a word. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from contacts import spelling
from contacts.importing import deaths
from smsapp.common.sentences import say as _

MEANINGS = ("do_not_sms", "opted_out")  # what a column of refusals becomes
BLOCKS = (*MEANINGS, "deceased")  # a yes in it keeps somebody from texts; an import sets it and never lifts it by silence
CONSENT = {*BLOCKS, "opted_in", "opt_in_date"}
NAMES_OF_PEOPLE = {"first_name", "last_name", "organisation", "email", "external_id", "mobile", "phone", "landline"}  # whose values are no answers

_NOT = r"\b(?:do not|dont|don t|never|no|not|pas de|pas d|ne (?:\w+ )*?(?:pas|plus|jamais)|plus de|plus d|sans|stop|interdit de|refus(?:e|ee)? (?:de|d|les?))\b"
_REACHING = (
    r"\b(?:sms|te?xt(?:s|ed|ing|e|os?)?|contact(?:s|ed|er|ez|e|ee)?|call(?:s|ed)?|phone|appel(?:s|er|ez)?|telephoner|message[rsz]*|envo(?:i|is|yer|yez)|ecrire"
    r"|sollicit\w+|joindre|deranger|relanc\w+|demarch\w+|notif\w+|disturb)\b"
)
_BLOCK = re.compile(
    rf"{_NOT}.*{_REACHING}|{_REACHING} (?:stop|refus\w*|interdit\w*|bloque\w*|blocked|non)\b|^stop\b|\bliste (?:rouge|noire)\b|\bblack ?list\w*|\bbloctel\b"
    r"|\bdnc\b|\bblocked\b|\bbloque(?:e|s|es)?\b|\bopposition|\boppose(?:e|s|es)?\b|\brefus(?:e|ee|es|ees|al|als|ed)?\b|\bobject(?:ion|s|ed)\b"
)
_MARKETING = re.compile(
    r"\bopt(?:ed)?(?:ing)? ?out\b|\bunsub\w*|\bdesabonn\w*|\bdesinscri\w*|\bno (?:marketing|advertising|promotions?|ads)\b|\bstop ?pub\w*"
    r"|\bpas de (?:pub\w*|marketing|promo\w*|newsletters?)|\b(?:opposition|refus)\w* (?:\w+ )?(?:a la )?(?:commercial\w*|pub\w*|prospection|marketing)"
    r"|\b(?:consent\w*|accord) (?:withdrawn|retire\w*|refuse\w*|revoque\w*)|\b(?:retrait|refus) d[ue] (?:consentement|accord)|\bwithdr(?:ew|awn?|awal)\b"
)
_CHANNEL = (
    r"\b(?:sms|te?xt(?!e\b)\w*|contact(?:s|ed|er|ez|e|ee)?|call(?:s|ed|ing)?|appel\w*|messages?|communications?|pub(?:s|licites?|licitaires?)?"
    r"|prospection|marketing|promo\w*|newsletters?|informations?|offres?|offers?)\b"
)
_AGREE = (
    r"\b(?:accord|accepte?(?:e|d|s|nt|r|z)?|acceptation|autoris\w*|authori[sz]\w*|allow\w*|veut|wants?|souhait\w*|wish\w*|agree\w*|permission|ok)\b"
)
_CONSENT = re.compile(
    rf"\bopt(?:ed)? ?in\b|\bconsent\w*|\bsubscribe[ds]?\b|\babonne(?:e|s|es)?\b|{_AGREE}.*{_CHANNEL}|{_CHANNEL} (?:\w+ )?{_AGREE}"
    r"|^(?:a )?(?:accepte|accepts|autorise|agrees|accord)(?: e)?$"
)
_PERHAPS = re.compile(r"\bcontactable\b|\brgpd\b|\bgdpr\b|\bnewsletters?\b|\binfolettres?\b")  # often consent: advised, never guessed
_DENIED = re.compile(rf"{_NOT}|\bnon (?:abonn|accept|autoris|consent|contactable|opt)|\bn \w+ (?:pas|plus)\b|\bretire\w*|\brevo(?:ked?|que\w*)")
_EITHER = re.compile(r"\bopt(?:ed)? ?in (?:\w+ )?opt(?:ed)? ?out\b|\babonne\w* (?:\w+ )?desabonn\w*|\bsubscribed? (?:\w+ )?unsub\w*")
_YES, _NO = "(?:oui|yes|o|y|vrai|true|1)", "(?:non|no|n|faux|false|0)"
_YES_NO = re.compile(rf"\b(?:{_YES} (?:ou |or )?{_NO}|{_NO} (?:ou |or )?{_YES})\b")
_OTHER_MATTER = re.compile(r"\b(?:photos?|images?|videos?|parental\w*|medica\w*|cookies?|cg[uv]|call ?backs?|rappel\w*)\b")
_OTHER_CHANNEL = re.compile(r"\b(?:e ?mails?|mails?|mailings?|courriels?|courriers?|postal\w*|post|fax|letters?|trade)\b")
_OURS = re.compile(r"\b(?:sms|te?xt\w*|phone|telephone|mobile|portable|contact\w*|call\w*|appel\w*)\b")
_MACHINERY = re.compile(r"\b(?:links?|liens?|urls?|tokens?|ids?)\b")
_NO_ANSWER = re.compile(r"\b(?:reasons?|motifs?|raisons?|comment\w*|campaigns?|campagnes?|sources?|by|par|number|numero|since|depuis|from|origines?)\b")

# answers that mean nothing else, whatever the column is called; and others that are clear below a name of refusing
_PLAIN = (
    r"stop(?: ?sms| ?pub)?|opt(?:ed)?[- ]?out|unsubscribed?|desabonne(?:e|ment)?|desinscri(?:te?|ption)|black[- ]?list(?:ed|e)?|liste (?:rouge|noire)"
    r"|(?:do not|don['’]?t) (?:contact|te?xt|sms|call)|ne (?:pas|plus) (?:contacter|appeler|envoyer|solliciter|deranger)(?: de sms)?"
    r"|(?:no|pas de|plus de) (?:sms|te?xts?|textos?|contact|pub|marketing)"
)
_CLEAR = _PLAIN + r"|refus(?:e|ee|ed|al)?|oppos(?:e|ee|ed|ition)|bloque(?:e)?|blocked|withdrawn|retire(?:e)?|cleaned|[✓✔☑✅]"
_SAYS_NO_ANYWHERE = re.compile(rf"\s*(?:{_PLAIN.replace('e', '[eéèê]')})[ .!]*", re.IGNORECASE)  # on cells as they stand: there are millions
_FIRST = frozenset("soudblnpSOUDBLNP \t\u00a0")  # what they begin with
_SAYS_NO = re.compile(rf"(?:{_CLEAR})[ .!]*")
_SAYS_YES = re.compile(r"(?:opt(?:ed)?[- ]?in|subscribed|abonne(?:e)?|inscrit(?:e)?|consentement)[ .!]*")
_AGREES = re.compile(r"(?:accepte(?:e|d)?|accept|d?'?accord|ok|granted|given|donne(?:e)?|[✓✔☑✅])[ .!]*")


def _words(name: str) -> str:
    """A column's name as words, without the answers that it offers: "N'envoyer-PAS de SMS (oui/non)" → "n envoyer pas de sms"."""
    words = re.sub(r"[^a-z0-9]+", " ", spelling.folded(name)).strip()
    return _YES_NO.sub("", words).strip()


def meaning_of(name: str) -> str:
    """What a column becomes whose name says that people refuse, agree or have died; empty for other names, and where a text and no answer is to be expected."""
    words = _words(name)
    return _meaning(words) if not _NO_ANSWER.search(words) else ""


def _meaning(words: str) -> str:
    if deaths.named(words):
        return "deceased"
    if _is_of_another_channel(words) or _MACHINERY.search(words):
        return ""
    if _EITHER.search(words):
        return "opted_in"
    if _MARKETING.search(words):
        return "opted_out"
    if _BLOCK.search(words):
        return "do_not_sms"
    if not _CONSENT.search(words) or _OTHER_MATTER.search(words):
        return ""
    return "opted_out" if _DENIED.search(words) else "opted_in"


def agrees(name: str) -> bool:
    """A yes below this name agrees, or may well do."""
    words = _words(name)
    return _meaning(words) == "opted_in" or (not _meaning(words) and bool(_PERHAPS.search(words)) and not _is_of_another_channel(words))


def refuses(name: str) -> bool:
    """A yes below this name refuses texts."""
    return _meaning(_words(name)) in MEANINGS


def _is_of_another_channel(words: str) -> bool:
    """Who wants no letters or e-mails may want texts."""
    return bool(_OTHER_CHANNEL.search(words)) and not _OURS.search(words)


def refused(value: str) -> bool:
    """An answer in a column of refusals: yes, a mark, a word for it, or the day of it. Raises ValueProblem for what cannot be read."""
    answer = _read(value)
    if answer is None:
        raise spelling.ValueProblem("not_a_refusal", _("It cannot be read whether this is a refusal. Write yes or no, or empty the cell."))
    return answer


def agreed(value: str) -> bool:
    """An answer in a column of consent. Raises ValueProblem for what cannot be read."""
    text = spelling.folded(value)
    if _SAYS_YES.fullmatch(text) or _AGREES.fullmatch(text):
        return True
    return False if _SAYS_NO.fullmatch(text) else spelling.yes_or_no(text)


def _read(value: str) -> bool | None:
    text = spelling.folded(value)
    if text in spelling.NO or _SAYS_YES.fullmatch(text):
        return False
    return True if text in spelling.YES or _SAYS_NO.fullmatch(text) or deaths.DAY.fullmatch(text) else None


Found = Mapping[str, Sequence[int]]  # column (as text, as JSON keeps it) to how many of its rows refuse, and of how many it cannot be read


class Watch:
    """Looks at each row that goes by, and counts the refusals of each column, whatever becomes of it."""

    def __init__(self, header: Sequence[str], sure: Collection[int] = ()) -> None:
        """`sure`: columns that say who somebody is, whatever stands in them."""
        self.found: dict[str, list[int]] = {}
        judges = enumerate(map(_judge, header))
        self.judges = [(index, judge, judge is _plain_judge) for index, judge in judges if judge is not _plain_judge or index not in sure]

    def over(self, rows: Iterable[tuple[int, list[str]]]) -> int:
        """Look at all of them; how many they were."""
        count, judges = 0, self.judges
        for _number, cells in rows:
            count += 1
            width = len(cells)
            for index, judge, is_plain in judges:
                if index < width and (cell := cells[index]) and (not is_plain or cell[0] in _FIRST) and (answer := judge(cell)):
                    self._note(index, answer)
        return count

    def _note(self, index: int, answer: str) -> None:
        self.found.setdefault(str(index), [0, 0])[answer == "unread"] += 1


Judge = Callable[[str], str]  # a cell to "refuses", "unread" or nothing


def _plain_judge(cell: str) -> str:
    return "refuses" if _SAYS_NO_ANYWHERE.fullmatch(cell) else ""


def _refusal_judge(cell: str) -> str:
    value = spelling.plain(cell)
    answer = _read(value) if value else False
    return "" if answer is False else "refuses" if answer else "unread"


def _consent_judge(cell: str) -> str:
    try:
        return "" if not (value := spelling.plain(cell)) or agreed(value) else "refuses"
    except spelling.ValueProblem:
        return "unread"


def _death_judge(cell: str) -> str:
    value = spelling.plain(cell)
    answer = deaths.read(value) if value else False
    return "" if answer is False else "refuses" if answer else "unread"


def _judge(name: str) -> Judge:
    judges = {"deceased": _death_judge, **dict.fromkeys(MEANINGS, _refusal_judge)}
    return judges.get(_meaning(_words(name))) or (_consent_judge if agrees(name) else _plain_judge)


def can_be_read(index: int, found: Found) -> bool:
    """Most of what stands in the column, if anything does, is an answer."""
    refusing, unread = found.get(str(index), (0, 0))
    return unread <= refusing


def left_out(header: Sequence[str], found: Found, mapping: Mapping[int, str], told_elsewhere: Collection[int] = ()) -> dict[int, int]:
    """Columns that look like refusals and block nobody as they are mapped: column to the rows that seem to refuse.

    `told_elsewhere`: columns whose refusals another one of the same file says too, if that is used.
    """
    lost = {}
    is_told = bool(CONSENT & set(mapping.values()))
    for index, (refusing, unread) in sorted((int(index), counts) for index, counts in found.items()):
        meaning, named = mapping.get(index, ""), _meaning(_words(header[index])) in BLOCKS
        count = refusing + (unread if named else 0)
        if count and meaning not in CONSENT and (named or meaning not in NAMES_OF_PEOPLE) and not (is_told and index in told_elsewhere):
            lost[index] = count
    return lost


def turned_round(header: Sequence[str], mapping: Mapping[int, str]) -> dict[int, str]:
    """Columns whose names say the opposite of what they are mapped to: column to what suits the name, "opted_in" or "opted_out"."""
    turned = {index: "opted_in" for index, meaning in mapping.items() if meaning in MEANINGS and agrees(header[index])}
    return turned | {index: "opted_out" for index, meaning in mapping.items() if meaning == "opted_in" and refuses(header[index])}
