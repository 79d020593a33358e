"""Sentences that may mean a stop without being the keyword. Pure; works on folded text (campaigns.keywords.fold) and prefers a person's look to a guess."""

import re
from collections.abc import Collection

_SAY = r"(?:text|send|sms|messag|contact|writ|call|spam|bother|harass|bug)\w*"
_ENVOYER = r"(?:envo|ecri|contact|text|sms|spam|harcel|message|derang|embet|sollicit|relanc|appel)\w*"
_TEXTS = r"(?:text|message|sms|mms|spam|ad|advert\w*|alert|notification|reminder|promo\w*|offer|marketing)s?"
PHRASES = [
    # English
    rf"\b(?:stop|quit|cease|no more|enough)\s+(?:\w+\s+){{0,2}}?{_SAY}\b(?!\s+(?:a|the)\b)",
    rf"\b(?:stop|end|cancel|no more|enough)\s+(?:(?:with|of|all|the|these|those|this|your|you|my|any|more|further)\s+){{0,3}}{_TEXTS}\b",
    r"\b(?:please|pls|plz|just)\s+stop\b(?!\s+(?:by|at|in|over|on|off|here|there|and|for)\b)",
    r"^\W*stop\s+(?:it|this|that|now|already|please|pls|plz|thanks|thank you)\b",
    r"\b(?:don ?'?t|do not|never|not)\s+(?:ever\s+|you\s+|you ever\s+)?(?:text|message|contact|sms|call|spam|write to)\s+(?:me|us|this|my)\b",
    r"\b(?:remove|take|delete|drop|scrub)\s+(?:me|us|my|this|our)\b(?:.{0,40}?\b(?:list|lists|database|off|number|system|records)\b|\W*$)",
    r"\bunsubscrib\w*|\bopt(?:ing)?\s+(?:me\s+|us\s+)?out\b|\bopt(?:ing)?-out\b",
    rf"\b(?:don ?'?t|do not|no longer|never)\s+(?:want|wish|like|need|care)\b.{{0,30}}?\b(?:{_TEXTS}|texted|contacted|hear from)\b",
    r"\b(?:leave me alone|lose my number|off (?:the|your) list|stop contacting|revoke (?:my )?consent)\b",
    # French
    rf"\barret(?:ez|e|es|er)\W+(?:de\W+|d\W+)?(?:m\W+|me\W+|nous\W+|tous?\W+)*{_ENVOYER}",
    r"\b(?:arretez|arrete|stop)\W+(?:moi\W+)?(?:avec\W+)?(?:(?:tous|tout|vos|votre|les|ces|ce|cette|la|aux|au|a|de|des)\W+)*(?:sms|textos?|messages?|pubs?|publicites?|spams?|envois?)\b",
    r"\b(?:arretez|arrete)\W+(?:tout|ca|svp|s\W+il|merci|maintenant|immediatement)\b|\bmerci d\W+arreter\b",
    rf"\bn(?:e|')\W*(?:\w+\W+){{0,2}}?{_ENVOYER}\W+(?:plus|pas)\b",
    rf"\bne\W+(?:plus|pas)\W+(?:m\W+|me\W+|nous\W+|en\W+|rien\W+|jamais\W+)*(?:{_ENVOYER}|recevoir|etre)\b",
    r"\b(?:veux|souhaite|desire|voudrais|voulons|souhaitons)\W+(?:plus|pas)\b.{0,30}?\b(?:sms|textos?|messages?|pubs?|recevoir|contacte\w*|sollicite\w*|rien)\b",
    r"\b(?:plus de|assez de|marre de|marre des)\W+(?:vos\W+|ces\W+|les\W+)?(?:sms|textos?|messages?|pubs?|spams?)\b",
    r"\b(?:retir|supprim|enlev|effac|ray|sort|ot)(?:ez|er|e)\W+(?:moi|nous|mon|notre|mes|ce)\b",
    r"\b(?:me|nous|mon numero)\W+(?:retirer|supprimer|enlever|effacer|rayer)\b",
    r"\bdes(?:abonn|inscri)\w*|\bresili\w+\W+(?:mon|l|cet)\b|\blaiss\w+\W+(?:moi|nous)\W+(?:tranquille|en paix)\b|\bfou\w*\W+(?:moi|nous)\W+la paix\b",
    # Spanish
    r"\b(?:dej|par)(?:a|e|en|ad|ar)\W+de\W+(?:envi|mand|escrib|molest|contact|llam)\w*",
    r"\bno\W+(?:me\W+|nos\W+)?(?:envi|mand|escrib|contact|molest)(?:e|en|es|a|an|eis|ar|ir)\w*",
    r"\bno\W+(?:quiero|deseo|queremos)\W+(?:mas|recibir|que)\b",
    r"\bno\W+mas\W+(?:mensajes|sms|textos|publicidad)\b|\b(?:dar|dame|denme|darme|darse)\W+de\W+baja\b",
    r"\b(?:quit|elimin|borr|saqu|sac|qui)(?:a|e|en|eme|enme|ame)\W*(?:me|nos|mi numero|de la lista|de su lista)\b|\b(?:elimine|borre|quite|saque)n?me\b",
    # Portuguese
    r"\bpar(?:a|e|em|ar)\W+(?:de|com)\W+(?:me\W+)?(?:envi|mand|escrev|contact|contat|incomod|lig|os|as|essas|esses)\w*",
    r"\bnao\W+(?:me\W+)?(?:envi|mand|escrev|contact|contat|incomod)\w+",
    r"\bnao\W+(?:quero|desejo|queremos)\W+(?:mais|receber)\b",
    r"\b(?:me\W+(?:remov|retir|tir|exclu|descadastr)\w+|(?:remov|retir|tir|exclu|descadastr)\w+\W+(?:me|meu|o meu))\b",
    # German
    r"\b(?:hor(?:en|t)?|hoer(?:en|t)?)\b.{0,40}?\bauf\b.{0,40}?\b(?:sms|nachricht\w*|schreib\w*|send\w*|schick\w*|text\w*)\b",
    r"\b(?:schluss|stopp?|genug|aufhoren|aufhoeren)\W+(?:mit|bitte|jetzt)\b|\bkeine\W+(?:weitere?n?\W+)?(?:sms|nachrichten|werbung|texte|mitteilungen)\b",
    r"\bnicht\W+(?:mehr|weiter|langer)\W+(?:\w+\W+){0,2}?(?:an)?(?:schreib|send|schick|kontakt|text|bekomm|erhalt|empfang)\w*",
    r"\bschreib\w*\b.{0,30}?\bnicht\W+mehr\b",
    r"\b(?:losch|loesch|entfern|streich|nehm|trag|meld)\w*\W+(?:sie\W+)?(?:mich|meine|uns|unsere)\b",
    r"\b(?:mich|bitte|uns)\W+(?:abmelden|austragen|loschen|streichen|abbestellen)\b",
    r"\b(?:lass\w*)\W+(?:sie\W+)?(?:mich|uns)\W+in\W+ruhe\b",
    # Italian
    r"\bsmett\w+\W+(?:di|con|per favore)\b|\bnon\W+(?:mi|ci)\W+(?:invi|mand|scriv|contatt|disturb)\w+",
    r"\bnon\W+(?:invi|mand|scriv|contatt)(?:ate|ete|atemi|are|armi|ermi)\w*",
    r"\bnon\W+(?:voglio|desidero|vogliamo)\b.{0,25}?\b(?:messaggi|sms|ricevere|pubblicita|contattat\w*)\b",
    r"\bbasta\W+(?:con\W+)?(?:\w+\W+)?(?:sms|messaggi|pubblicita|spam|inviare)\b",
    r"\b(?:cancell|togli|toglie|rimuov|elimin|disiscriv)(?:a|e|i|ete|ate|er|ar)?(?:te|mi|temi|etemi|atemi)\b|\bniente\W+(?:piu\W+)?(?:sms|messaggi)\b",
    # Dutch
    r"\bstopp?(?:en|t)?\W+(?:met|aub|a\W?u\W?b|alsjeblieft|alstublieft|hiermee)\b|\bgeen\W+(?:sms\w*|bericht\w*|reclame|appjes)\b",
    r"\b(?:verwijder|haal|schrijf|meld)\W+(?:me|mij|ons|mijn)\b",
    r"\bniet\W+meer\W+(?:\w+\W+){0,2}?(?:stur|sms|app|contact|bericht|bell|ontvang)\w*|\blaat\W+(?:me|mij|ons)\W+met\W+rust\b",
    r"\b(?:uitschrijven|afmelden|uitgeschreven|afgemeld)\b",
    # Arabic
    r"لا\s+(?:ترسل|تراسل|تتصل|تبعث|اريد|نريد)\w*|(?:توقف|توقفوا|كف|كفوا)\s+عن|(?:اوقف|اوقفوا)\s+\w+",
    r"الغاء\s+(?:ال)?اشتراك\w*|(?:احذف|احذفوا|ازل|ازيلوا|امسح)\w*\s+(?:رقمي|اسمي)",
]  # fmt: skip
_PHRASES = re.compile("|".join(f"(?:{phrase})" for phrase in PHRASES))

# "Reply STOP to end", "STOP au 36111": how our own texts say it. Quoted, they ask for nothing.
_VERB = r"(?:repl(?:y|ies|ying)|te?xt|send|type|respond|answer|repond\w*|envoy\w*|tap\w*|ecri\w*|mot|responda|responder|envie|antworten|rispondi|antwoord)"
_WORD = r"(?:stop|arret|unsubscribe|end|quit|cancel|baja|sair|desabonn\w*|desinscri\w*)"
_INSTRUCTIONS = re.compile(
    rf"\b{_VERB}\W+(?:(?:with|by|the|word|us|back|avec|par|le|mot|simplement|just|sms|con|mit|met)\W+){{0,3}}{_WORD}\b[^.!?\n]*"
    rf"|\bstop\b\W*(?:au|to|a|via|sur|=|->|→|>)\W*\+?\d[\d ]{{2,}}[^.!?\n]*"
    rf"|\bstop\W+(?:to|pour|2)\W+(?:end|stop|opt|quit|cancel|leave|unsub\w*|ne plus|vous des\w*|se des\w*|arret\w*)\b[^.!?\n]*"
)

# Words that change nothing of what a keyword among them says.
_POLITE_WORDS = """
    please pls plz thanks thank you thx ty now ok okay hi hello dear sms text texts texting message messages all me us it this that
    svp stp merci bonjour s il vous te plait pub pubs promo tout de suite maintenant immediatement au aux les
    por favor gracias ya hola bitte danke sofort jetzt hallo per favore grazie subito ciao obrigado obrigada agora ola
    aub alsjeblieft alstublieft bedankt nu من فضلك شكرا الرسائل"""
_POLITE = frozenset(_POLITE_WORDS.split())
_WORDS = re.compile(r"\w+")
_SPELLED = re.compile(r"^\W*s\W{1,3}t\W{1,3}o\W{1,3}p\W*$|^\W*sto{2,}p+\W*$|^\W*stop{2,}\W*$")
MOST_WORDS = 12  # of a line that is a keyword and some politeness


def may_mean_stop(text: str, keywords: Collection[str]) -> bool:
    """Whether somebody should look: a sentence that says it, the keyword among polite words only, or spelled in its own way."""
    said = _INSTRUCTIONS.sub(" ", text)
    if _PHRASES.search(said):
        return True
    return any(_is_keyword_politely(line, keywords) for line in said.split("\n", 3)[:3])


def _is_keyword_politely(line: str, keywords: Collection[str]) -> bool:
    if _SPELLED.match(line):
        return True
    words = _WORDS.findall(line[:200])
    if not words or len(words) > MOST_WORDS or not any(word in keywords for word in words):
        return False
    return all(word in keywords or word in _POLITE for word in words)
