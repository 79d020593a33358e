"""Columns that say who wants no texts: known by their names or by what stands in them, so that none is left out without a word. Pure."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from contacts import spelling
from contacts.sentences import say as _

MEANINGS = ("do_not_sms", "opted_out")  # what a column of refusals becomes
CONSENT = {*MEANINGS, "opted_in", "opt_in_date"}
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
_CONSENT = re.compile(
    r"\bopt(?:ed)? ?in\b|\bconsent\w*|\bsubscribed\b|\babonne(?:e|s|es)?\b|\bcontactable\b|\brgpd\b|\bgdpr\b"
    r"|\b(?:accord|accepte?\w*|autoris\w*|allow\w*|veut|wants?)\b.*\b(?:sms|te?xt\w*|contact\w*|call\w*|appel\w*|message\w*|communication\w*|pub\w*|prospection)\b"
    r"|\b(?:sms|te?xt\w*|contact\w*|call\w*|appel\w*|messages?) (?:\w+ )?(?:ok|accord|accepte?\w*|autoris\w*|allow\w*)\b"
)
_OTHER_CHANNEL = re.compile(r"\b(?:e ?mails?|mails?|mailings?|courriels?|courriers?|postal\w*|post|fax|letters?|trade)\b")
_OURS = re.compile(r"\b(?:sms|te?xt\w*|phone|telephone|mobile|portable|contact\w*|call\w*|appel\w*)\b")
_MACHINERY = re.compile(r"\b(?:links?|liens?|urls?|tokens?|ids?)\b")
_NO_ANSWER = re.compile(r"\b(?:reasons?|motifs?|raisons?|comment\w*|campaigns?|campagnes?|sources?|by|par|number|numero)\b")

# answers that mean nothing else, whatever the column is called; and others that are clear below a name of refusing
_PLAIN = (
    r"stop(?: ?sms| ?pub)?|opt(?:ed)?[- ]?out|unsubscribed?|desabonne(?:e|ment)?|desinscrit(?:e|ion)?|black[- ]?list(?:ed|e)?|liste (?:rouge|noire)"
    r"|(?:do not|don['’]?t) (?:contact|te?xt|sms|call)|ne (?:pas|plus) (?:contacter|appeler|envoyer|solliciter|deranger)(?: de sms)?"
    r"|(?:no|pas de|plus de) (?:sms|te?xts?|textos?|contact|pub|marketing)"
)
_CLEAR = _PLAIN + r"|refus(?:e|ee|ed|al)?|oppos(?:e|ee|ed|ition)|bloque(?:e)?|blocked|withdrawn|retire(?:e)?|cleaned|[✓✔☑✅]"
_SAYS_NO_ANYWHERE = re.compile(rf"\s*(?:{_PLAIN.replace('e', '[eéèê]')})[ .!]*", re.IGNORECASE)  # on cells as they stand: there are millions
_FIRST = frozenset("soudblnpSOUDBLNP \t\u00a0")  # what they begin with
_SAYS_NO = re.compile(rf"(?:{_CLEAR})[ .!]*")
_SAYS_YES = re.compile(r"(?:opt(?:ed)?[- ]?in|subscribed|abonne(?:e)?|inscrit(?:e)?)[ .!]*")
_AGREES = re.compile(r"(?:accepte(?:e|d)?|accept|d?'?accord|ok|granted|given|donne(?:e)?|[✓✔☑✅])[ .!]*")
_DAY = re.compile(r"(?:\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2}))(?:[ T]\d{1,2}:\d{2}.*)?")


def _words(name: str) -> str:
    """A column's name as words: "N'envoyer-PAS de SMS" → "n envoyer pas de sms"."""
    return re.sub(r"[^a-z0-9]+", " ", spelling.folded(name)).strip()


def meaning_of(name: str) -> str:
    """The meaning of a column whose name says that people refuse; empty for other names, and where a text and no answer is to be expected."""
    words = _words(name)
    return _meaning(words) if not _NO_ANSWER.search(words) else ""


def _meaning(words: str) -> str:
    if _is_of_another_channel(words) or _MACHINERY.search(words):
        return ""
    return "opted_out" if _MARKETING.search(words) else "do_not_sms" if _BLOCK.search(words) else ""


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
    return True if text in spelling.YES or _SAYS_NO.fullmatch(text) or _DAY.fullmatch(text) else None


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
    text = spelling.folded(cell)
    return "refuses" if text in spelling.NO or _SAYS_NO.fullmatch(text) else ""


def _judge(name: str) -> Judge:
    words = _words(name)
    if _meaning(words):
        return _refusal_judge
    return _consent_judge if _CONSENT.search(words) and not _is_of_another_channel(words) else _plain_judge


def can_be_read(index: int, found: Found) -> bool:
    """Most of what stands in the column, if anything does, is an answer."""
    refusing, unread = found.get(str(index), (0, 0))
    return unread <= refusing


def left_out(header: Sequence[str], found: Found, mapping: Mapping[int, str]) -> dict[int, int]:
    """Columns that look like refusals and block nobody as they are mapped: column to the rows that seem to refuse."""
    lost = {}
    for index, (refusing, unread) in sorted((int(index), counts) for index, counts in found.items()):
        meaning, named = mapping.get(index, ""), bool(_meaning(_words(header[index])))
        count = refusing + (unread if named else 0)
        if count and meaning not in CONSENT and (named or meaning not in NAMES_OF_PEOPLE):
            lost[index] = count
    return lost
