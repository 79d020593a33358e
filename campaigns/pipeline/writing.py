"""A person's own text: in their language, filled, and measured as it is sent."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models.expressions import Combinable

from campaigns import tokens
from campaigns.texts import Texts
from campaigns.vocabulary import Occasion, Vocabulary
from providers.charset import normalise
from providers.segments import GSM_7, price

Measured = tuple[str, int, int]  # text, encoding, segments
Write = Callable[[Any], Measured]  # of a person with the writer's fields


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes to many; `fields` are those of a contact that it reads, the language only where there is a choice of texts. `expressions` are those
    of them that the database works out."""

    write: Write
    fields: tuple[str, ...]
    expressions: Mapping[str, Combinable]

    @classmethod
    def of(cls, texts: Texts, occasion: Occasion) -> "Writer":
        """What is the same for everybody is looked up once."""
        others = {code: text for code, text in texts.translations.items() if text.strip()}
        words = {text: Vocabulary.of(text, occasion) for text in (texts.text, *others.values())}
        writes = {text: _write(text, vocabulary) for text, vocabulary in words.items()}
        expressions = {name: found for vocabulary in words.values() for name, found in vocabulary.expressions.items()}
        if not others:
            return cls(writes[texts.text], words[texts.text].fields, expressions)
        fields = dict.fromkeys(["language", *(field for vocabulary in words.values() for field in vocabulary.fields)])
        return cls(_by_language({code: writes[text] for code, text in others.items()}, writes[texts.text]), tuple(fields), expressions)


def _by_language(writes: dict[str, Write], otherwise: Write) -> Write:
    return lambda person: writes.get(person.language, otherwise)(person)


def _write(text: str, words: Vocabulary) -> Write:
    """One that says the same to everybody is measured once."""
    render = tokens.compiled(text, words.same)
    if not words.fields:
        same = measured(render({}))
        return lambda person: same
    return lambda person: measured(render(words.own(person)))


def measured(text: str) -> Measured:
    """As a message keeps it."""
    text = normalise(text)
    encoding, segments = price(text)
    return text, 0 if encoding == GSM_7 else 1, segments
