"""Whose texts are worth looking at: the longest, the shortest, the dearest, those with nothing for a token.

The database ranks by the length of the values, for rendering a million texts takes too long; a few of the first are then rendered. What takes
too long even so is ranked among the first people only.
"""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from hashlib import md5

from django.core.cache import cache
from django.db import transaction
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, Length

from campaigns import composer, tokens
from campaigns.columns import Computed
from campaigns.composing.readers import KEPT, Readers
from campaigns.lacking import nothing_for
from campaigns.odd_letters import LETTERS, odd_in
from campaigns.texts import Texts
from campaigns.vocabulary import Vocabulary
from contacts.models import Contact
from contacts.smart.patience import TookTooLong, in_order, patience
from providers.charset import normalise
from providers.segments import measure

RENDERED = 8  # people of each ranking who are rendered
FIRST = 10_000  # people, when everybody takes too long
MOST_ID = 2**63 - 1
A_MOMENT = timedelta(milliseconds=60)


@dataclass(frozen=True, slots=True)
class Extremes:
    """Ids of people by what the database thinks of their texts; `partly` when it looked at the first people only."""

    long: list[int]
    odd: list[int]
    short: list[int]
    partly: bool


def said_to(texts: Texts, code: str) -> Q:
    """True of those who read the text of this language; the first text's readers are all whose language has none of its own."""
    if code in texts.translations:
        return Q(language=code)
    return ~Q(language__in=list(texts.translations)) if texts.translations else Q()


def worst(readers: Readers, texts: Texts, code: str) -> tuple[list[Contact], bool]:
    """People among whom the dearest text of this language is, and whether only the first people were looked at."""
    found = extremes(readers, texts, code)
    return list(Contact.objects.filter(id__in=[*found.long, *found.odd])), found.partly


def extremes(readers: Readers, texts: Texts, code: str) -> Extremes:
    """Kept a while, for the counter asks at every pause of typing."""
    text = texts.translations.get(code, texts.text)
    words = readers.words(text)
    fields, keys, worked_out = _fields(words), sorted({token.key for token in words.custom}), words.computed
    if not fields and not keys and not worked_out:
        return Extremes([], [], [], False)
    named = [*fields, *keys, *(column.about for column in worked_out)]
    about = "-".join([code, *sorted(texts.translations), *named])  # as long as there are tokens, and a key of the cache is short
    name = f"extremes-{readers.scope}-{md5(about.encode(), usedforsecurity=False).hexdigest()}"
    found = cache.get(name) if readers.scope else None
    if found is None:
        found = _ranked(readers, readers.everybody().filter(said_to(texts, code)), fields, keys, worked_out)
        if readers.scope:
            cache.set(name, found, KEPT)
    return found


def _ranked(readers: Readers, people: QuerySet[Contact], fields: list[str], keys: list[str], worked_out: Iterable[Computed]) -> Extremes:
    def rank(some: QuerySet[Contact], *, partly: bool) -> Extremes:
        words = [*(F(field) for field in fields), *(KeyTextTransform(key, "custom") for key in keys)]
        words += [Cast(column.expression(""), TextField()) for column in worked_out]
        size = sum((Coalesce(Length(word), Value(0)) for word in words), start=Value(0))
        sized = some.alias(size=size).order_by("-size", "id").values_list("id", flat=True)
        odd = odd_in([*fields, *(f"custom__{key}" for key in keys)])
        short = some.alias(size=size).order_by("size", "id").values_list("id", flat=True)
        return Extremes(list(sized[:RENDERED]), list(sized.filter(odd)[:RENDERED]), list(short[:RENDERED]), partly)

    if not are_many(readers):
        with suppress(TookTooLong), patience(A_MOMENT):
            return rank(people, partly=False)
    first = people.filter(among_the_first(readers))
    return rank(first, partly=are_many(readers))


def are_many(readers: Readers) -> bool:
    """Whether everybody is known to be too many to be gone through."""
    return bool(readers.scope) and cache.get(f"last-{readers.scope}", MOST_ID) < MOST_ID


def among_the_first(readers: Readers) -> Q:
    """True of the first readers by id. Where they end is found along the index, and kept a while."""
    name = f"last-{readers.scope}"
    if (last := cache.get(name) if readers.scope else None) is None:
        last = _last_of_the_first(readers)
        if readers.scope:
            cache.set(name, last, KEPT)
    return Q(id__lte=last)


def _fields(words: Vocabulary) -> list[str]:
    """Fields of a contact that make one text longer than another."""
    return sorted({field for token in words.fixed for field in token.fields} & LETTERS)


def _last_of_the_first(readers: Readers) -> int:
    """Read along the index, which is quick where they are many; else as the planner likes."""
    ids = readers.ids()[FIRST - 1 : FIRST]
    with suppress(TookTooLong), transaction.atomic(), in_order(), patience(4 * A_MOMENT):
        return next(iter(ids), None) or MOST_ID
    return next(iter(ids.all()), None) or MOST_ID


def find(readers: Readers, texts: Texts, what: str, codes: Iterable[str]) -> Contact | None:
    """The person with the "longest", "shortest" or "dearest" text among those who read these languages."""
    people: dict[int, Contact] = {}
    for code in codes:
        found = extremes(readers, texts, code)
        ids = found.short if what == "shortest" else [*found.long, *found.odd]
        some = Contact.objects.filter(id__in=ids) if ids else readers.everybody().filter(said_to(texts, code)).order_by("id")[:1]
        people |= {contact.pk: contact for contact in some}
    words = {code: readers.words(text) for code, text in texts.all.items()}
    for each in words.values():
        each.complete(people.values())

    def weight(contact: Contact) -> tuple[int, ...]:
        code = contact.language if texts.translations.get(contact.language) else texts.language
        body = normalise(tokens.render(texts.said_to(contact.language), words[code].values(contact)))
        size = measure(body)
        return (*composer.nearness(size), -contact.pk) if what == "dearest" else (len(body), -contact.pk)

    return (min if what == "shortest" else max)(people.values(), key=weight, default=None)


def lacking(readers: Readers, texts: Texts) -> Q:
    """True of people for whom a token without a fallback has no value."""
    found = Q(pk__in=[])
    for code, text in texts.all.items():
        for lacks in _gaps(readers, text):
            found |= said_to(texts, code) & lacks
    return found


def _gaps(readers: Readers, text: str) -> list[Q]:
    """For each token without a fallback, the condition that it has no value. Unknown tokens stay as they are written."""
    words = readers.words(text)
    known = {*words.same, *(token.name for token in words.fixed), *(token.name for token in words.custom), *(column.name for column in words.computed)}
    return [nothing_for(name, words) for name in known.intersection(tokens.empty_in(text, {}))]
