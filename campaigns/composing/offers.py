"""What a writer can put into a text: tokens by what they are about, and cheaper letters for dear ones."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from campaigns import opt_out_links, tokens, vocabulary, wording
from campaigns.composing.readers import Readers
from campaigns.models import SmsTemplate
from campaigns.texts import Texts
from contacts.models import Contact
from contacts.models.folding import named
from providers.charset import is_gsm, normalise
from providers.lookalikes import Change, lookalike
from providers.segments import measure
from providers.senders import kind_of
from smsapp.common.models import Organisation

MOST_TEMPLATES = 50
ABOUT = {
    "column": _("Columns of the workflow"), "contact": _("Contact"), "custom": _("Custom fields"),
    "organisation": _("Our organisation"), "mailing": _("This SMS"), "sender": _("Sender"),
    "optout": _("Saying no"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class TokenOffer:
    """A token as it is written, its name for people, and what it says for the person on the phone."""

    token: str
    label: Any
    example: str
    unavailable: Any = ""  # why it cannot be used


def token_groups(readers: Readers, contact: Contact | None) -> list[tuple[Any, list[TokenOffer]]]:
    """(heading, tokens), in the order of ABOUT."""
    offers = vocabulary.choices(readers.occasion.mailing)
    values = readers.words(" ".join(token for token, _label in offers)).values(contact) if contact else {}
    found: dict[str, list[TokenOffer]] = {about: [] for about in ABOUT}
    for token, label in offers:
        name = token.strip("{}")
        lacks = vocabulary.NO_LINK if name == tokens.OPT_OUT_LINK and not opt_out_links.available() else ""
        found[_about(name)].append(TokenOffer(token, label, values.get(name, ""), lacks))
    return [(ABOUT[about], rows) for about, rows in found.items() if rows]


def _about(name: str) -> str:
    first = name.partition(".")[0]
    return "custom" if name.startswith(tokens.CUSTOM) else first if first in ABOUT else "contact"


@dataclass(frozen=True, slots=True)
class Swap:
    """A character that makes a text Unicode, as it is offered to be replaced."""

    change: Change

    @property
    def shown(self) -> str:
        """The character, or a word for one that nobody sees."""
        return str(INVISIBLE.get(self.change.char, self.change.char))

    @property
    def other_shown(self) -> str:
        """Likewise for what comes instead."""
        other = self.change.other or ""
        return {"": "∅", " ": "␣", "\n": "↵"}.get(other, other)


EMOJI: list[tuple[str, Any]] = [
    ("🙂", _("smile")), ("😀", _("grin")), ("😍", _("hearts for eyes")), ("😢", _("tear")), ("👍", _("thumb up")), ("👏", _("applause")), ("🙏", _("thanks")),
    ("❤", _("heart")), ("🎉", _("party")), ("🎁", _("present")), ("🎂", _("cake")), ("⭐", _("star")), ("🔥", _("fire")), ("✅", _("done")),
    ("❗", _("important")), ("⏰", _("alarm clock")), ("📅", _("calendar")), ("📍", _("place")), ("📞", _("telephone")), ("☀", _("sun")),
    ("🌧", _("rain")), ("❄", _("snow")),
    ("🎶", _("music")), ("🏆", _("cup")),
]  # fmt: skip
INVISIBLE = {
    "\u00a0": _("no-break space"), "\u202f": _("narrow no-break space"), "\u2009": _("thin space"), "\u2007": _("figure space"), "\t": _("tab"),
    "\u200b": _("invisible space"), "\u200d": _("invisible joiner"), "\ufeff": _("invisible mark"), "\u00ad": _("soft hyphen"), "\u2028": _("line separator"),
}  # fmt: skip


def swapped(text: str, char: str) -> str:
    """The text with the look-alike of one of its dear characters."""
    other = lookalike(char) if len(char) == 1 and not is_gsm(char) else None
    return text if other is None else normalise(text).replace(char, other)


STOP_TO = {"en": "STOP to {sender.number}", "fr": "STOP au {sender.number}"}
STOP_LINK = {"en": "Opt out: {optout.link}", "fr": "Désinscription : {optout.link}"}
STOP_REPLY = {"en": "Reply STOP to end", "fr": "Répondez STOP pour ne plus rien recevoir"}


def stop_sentence(language: str, sender: str) -> str:
    """How to stop further texts, in the language of a text: the link for a sender that cannot be answered, nothing where there is no address for it."""
    if kind_of(sender) == "name":
        if not opt_out_links.available():
            return ""
        sentences = STOP_LINK
    else:
        sentences = STOP_TO if sender else STOP_REPLY
    return sentences.get(language) or sentences[Organisation.current().language]


@dataclass(frozen=True, slots=True)
class TemplateOffer:
    """A template with what tells it from others."""

    template: SmsTemplate
    languages: str
    segments: int  # of its longest text as it is written


def templates(q: str) -> list[TemplateOffer]:
    """Active ones whose name holds `q`, by name; one more than MOST_TEMPLATES says that there are others."""
    found = named(SmsTemplate.objects.active().order_by("name"), q.strip()[:100])
    return [_template_offer(template) for template in found[: MOST_TEMPLATES + 1]]


def _template_offer(template: SmsTemplate) -> TemplateOffer:
    texts = Texts.of(template).all
    languages = ", ".join(str(wording.language(code)) for code in texts if code)
    return TemplateOffer(template, languages, max(measure(text).segments for text in texts.values()))
