"""Sentences that are kept in a row and read later, by people of any language: said once in each."""

from collections.abc import Callable, Mapping
from typing import Any

from django.conf import settings
from django.utils import translation


def in_each_language(say: Callable[[], Any]) -> dict[str, str]:
    """What `say` says, by language."""
    said = {}
    for language, _name in settings.LANGUAGES:
        with translation.override(language):
            said[language] = str(say())
    return said


def for_reader(said: Mapping[str, str], otherwise: str = "") -> str:
    """The one in the language of now; `otherwise` for what is older than this."""
    return said.get((translation.get_language() or "")[:2]) or otherwise
