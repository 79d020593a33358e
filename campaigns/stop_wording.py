"""Whether a text says how to stop further ones, in French or English. Pure; a reminder, no legal advice."""

import re
import unicodedata

NUMBER = r"(?:\+?\d(?:[ .\u00a0\u202f]?\d){3,}|\{sender\.\w+\})"  # a short code, a number, or the token of the sender
BEFORE = r"(?:repl(?:y|ies)|te?xt|send|type|respond|answer|repond\w*|envoy\w*|tap\w*|ecri\w*|text(?:ez|er)|retourn\w*|mot)"
BETWEEN = r"(?:\s+(?:with|by|the word|the|word|avec|par|le mot|le|mot|sms|simplement|just))*\s*:?\s*[\"'“”‘’«»(]*\s*"
BEHIND = (
    r"to\s+(?:end|stop|opt|quit|cancel|leave|unsub|be\s+removed|\+?\d{5,})|(?:2|two)\s*(?:end|stop|quit)\b"
    r"|pour\s+(?:ne\s+plus|vous\s+des|se\s+des|arret|annul|quitter|finir|mettre\s+fin|s['’]opposer|refus)"
)
WAYS = [
    rf"\b{BEFORE}{BETWEEN}stop\b",
    rf"(?<!bus )(?<!tram )(?<![\w-])stop(?:\s*(?:sms|pub|promo|infos?))?[\"'“”’»)]*\s*(?:au|to|a|via|sur|:|=|->|→|>)?\s*{NUMBER}",
    rf"(?<![\w-])stop[\"'“”’»)]*\s*:?\s*(?:{BEHIND})",
    r"\bstop\s+(?:receiving|getting)\b",
    r"\bopt(?:ing)?[\s-]?out\b",
    r"\{optout\.link\b",
    r"\bunsubscri",
    r"\bdesinscri|\bdesabonn|\bdes[ie]nscription",
    r"\b(?:ne|n['’]en)\s+plus\s+(?:en\s+|rien\s+)?recevoir",
    r"\bno\s+(?:longer|more)\s+(?:receive|texts|messages|sms)\b",
]
_WAYS = re.compile("|".join(WAYS), re.IGNORECASE)
_LAST_WORD = re.compile(r"(?<![\w-])STOP[\"'“”’»).!]*\s*$", re.MULTILINE)  # in capitals, by itself: what else could it mean


def says_how(text: str) -> bool:
    """True for "STOP au 36111", "reply STOP", "opt out", "désinscription" …; not for an "arrêt de bus" or "non-stop"."""
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    return bool(_WAYS.search(plain) or (_LAST_WORD.search(plain) and len(plain.split()) > 1))
