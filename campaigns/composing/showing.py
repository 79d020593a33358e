"""One real person's text on the phone, and the way to others."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import QuerySet

from campaigns import composer, tokens
from campaigns.composing import choosing
from campaigns.composing.readers import Readers
from campaigns.texts import Texts
from campaigns.wizard.picker import id_in
from contacts.models import Contact
from contacts.smart.patience import TookTooLong, patience
from providers.charset import normalise
from providers.segments import Measure, measure

CHOICES = ("longest", "shortest", "dearest")
GAPS = "gaps"  # only people with nothing for a token
PATIENCE = timedelta(milliseconds=250)


@dataclass(frozen=True, slots=True)
class Shown:
    """A person's text, and whether there are others before and behind."""

    contact: Contact
    text: str
    size: Measure
    pieces: list[dict[str, Any]]
    empty: list[str]  # tokens with neither value nor fallback
    language: str  # of the text that this person reads
    has_previous: bool = False
    has_next: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """What a form says of the preview: the button that was pressed, at whom it stood, and who was asked for before."""

    show: str = ""
    at: int | None = None
    within: str = ""
    tab: str = ""  # the box that is open: the preview goes through those who read it; without script through everybody

    @classmethod
    def read(cls, data: Any) -> "Place":
        """From a QueryDict."""
        at = id_in(data.get("at", ""))
        return cls(data.get("show", ""), at, data.get("within", ""), data.get("tab", ""))

    @property
    def among(self) -> str:
        """One of CHOICES, GAPS, or "" for anyone: it stays until another is asked for, or a step leads away from it."""
        if self.show in ("next", "previous"):
            return GAPS if self.within == GAPS else ""
        asked = self.show or self.within
        return asked if asked in (*CHOICES, GAPS) else ""


def show(readers: Readers, texts: Texts, place: Place) -> Shown | None:
    """Nobody when there is nobody, or nobody with gaps."""
    codes = _codes(texts, place.tab)
    everybody = choosing.said_to(readers, texts, codes[0]) if len(codes) == 1 else readers.everybody()
    among = _with_gaps(readers, texts, everybody) if place.among == GAPS else everybody
    contact = choosing.find(readers, texts, place.among, codes) if place.among in CHOICES else _patiently(readers, among, place)
    if contact is None:
        return None
    said = texts.said_to(contact.language)
    values = readers.words(said).values(contact)
    body = readers.stored(contact, texts) or normalise(tokens.render(said, values))
    size = measure(body)
    language = contact.language if texts.translations.get(contact.language) else texts.language
    empty = [name for name in tokens.empty_in(said, values) if name in values]
    return Shown(contact, body, size, composer.cut(body), empty, language, *_beside(among, contact))


def _with_gaps(readers: Readers, texts: Texts, people: QuerySet[Contact]) -> QuerySet[Contact]:
    """Few among a million may take long to find: then among the first people."""
    found = people.filter(choosing.lacking(readers, texts))
    return choosing.first_of(readers, found) if choosing.are_many(readers) else found


def _codes(texts: Texts, tab: str) -> list[str]:
    """Languages whose readers are gone through."""
    if not texts.translations or not tab:
        return list(texts.all)
    code = tab.removeprefix("text_")
    return [code if code in texts.translations else texts.language]


def _patiently(readers: Readers, among: QuerySet[Contact], place: Place) -> Contact | None:
    """Among the first people where it takes too long."""
    try:
        with patience(PATIENCE):
            return _step(among, place)
    except TookTooLong:
        return _step(choosing.first_of(readers, among), place)


def _step(among: QuerySet[Contact], place: Place) -> Contact | None:
    """Past the ends it stays with the last; somebody who is no longer among them gives way to the first."""
    at, found = place.at, None
    if at is not None and place.show == "next":
        found = among.filter(id__gt=at).order_by("id").first()
    elif at is not None and place.show == "previous":
        found = among.filter(id__lt=at).order_by("-id").first()
    if found is None and at is not None and place.show in ("", "next", "previous"):
        found = among.filter(id=at).first()
    return found or among.order_by("id").first()


def _beside(among: QuerySet[Contact], contact: Contact) -> tuple[bool, bool]:
    try:
        with patience(PATIENCE):
            return among.filter(id__lt=contact.pk).exists(), among.filter(id__gt=contact.pk).exists()
    except TookTooLong:
        return True, True
