"""What words of a gateway mean, as an administrator writes it: one “word = meaning” a line. Pure."""

from collections.abc import Collection
from functools import lru_cache

from django.utils.translation import gettext_lazy as _


class PairFault(ValueError):
    """A line that cannot be used; its only argument is a sentence for who wrote it."""


@lru_cache(maxsize=200)
def _pairs(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        word, equals, meaning = line.rpartition("=")
        if not equals or not word.strip() or not meaning.strip():
            raise PairFault(_("“%(line)s” is no pair. Write each as “word = meaning”, one a line.") % {"line": line[:60]})
        found[word.strip().lower()] = meaning.strip().lower()
    return found


def table(text: str, right: Collection[str] = ()) -> dict[str, str]:
    """Words in small letters → what they mean. Raises PairFault for what is none, or none of the `right` ones."""
    found = _pairs(text)
    wrong = sorted(set(found.values()) - set(right)) if right else []
    if wrong:
        raise PairFault(_("“%(word)s” is none of %(all)s.") % {"word": wrong[0][:40], "all": ", ".join(right)})
    return found
