"""One real person's text on the phone, and the way to others."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Q

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
    among = _among(readers, texts, place, codes)
    contact = _extreme(readers, texts, place.among, codes) if place.among in CHOICES else _patiently(readers, among, place)
    if contact is None:
        return None
    said = texts.said_to(contact.language)
    values = readers.words(said).values(contact)
    body = readers.stored(contact) or normalise(tokens.render(said, values))
    size = measure(body)
    language = contact.language if texts.translations.get(contact.language) else texts.language
    empty = [name for name in tokens.empty_in(said, values) if name in values]
    return Shown(contact, body, size, composer.cut(body), empty, language, *_beside(readers, among, contact))


def _among(readers: Readers, texts: Texts, place: Place, codes: list[str]) -> Q:
    """Whom the preview goes through. Few with gaps among a million may take long to find: then among the first people."""
    among = choosing.said_to(texts, codes[0]) if len(codes) == 1 else Q()
    if place.among == GAPS:
        among &= choosing.lacking(readers, texts)
        if choosing.are_many(readers):
            among &= choosing.among_the_first(readers)
    return among


def _extreme(readers: Readers, texts: Texts, what: str, codes: list[str]) -> Contact | None:
    return readers.extreme(what) or choosing.find(readers, texts, what, codes)


def _codes(texts: Texts, tab: str) -> list[str]:
    """Languages whose readers are gone through."""
    if not texts.translations or not tab:
        return list(texts.all)
    code = tab.removeprefix("text_")
    return [code if code in texts.translations else texts.language]


def _patiently(readers: Readers, among: Q, place: Place) -> Contact | None:
    """Among the first people where it takes too long."""
    try:
        with _patience(readers, among):
            return _step(readers, among, place)
    except TookTooLong:
        return _step(readers, among & choosing.among_the_first(readers), place)


def _patience(readers: Readers, among: Q) -> AbstractContextManager[None]:
    return patience(PATIENCE) if readers.may_take_long(among) else nullcontext()


def _step(readers: Readers, among: Q, place: Place) -> Contact | None:
    """Past the ends it stays with the last; somebody who is no longer among them gives way to the first."""
    at, found = place.at, None
    if at is not None and place.show == "next":
        found = readers.nearest(among, gt=at)
    elif at is not None and place.show == "previous":
        found = readers.nearest(among, backwards=True, lt=at)
    if found is None and at is not None and place.show in ("", "next", "previous"):
        found = readers.nearest(among, exact=at)
    return found or readers.nearest(among)


def _beside(readers: Readers, among: Q, contact: Contact) -> tuple[bool, bool]:
    try:
        with _patience(readers, among):
            return readers.nearest(among, backwards=True, lt=contact.pk) is not None, readers.nearest(among, gt=contact.pk) is not None
    except TookTooLong:
        return True, True
