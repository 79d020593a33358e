"""Kept sentences are read in the reader's language."""

from django.utils import translation
from django.utils.translation import gettext as _

from smsapp.common.sentences import for_reader, in_each_language


def test_a_sentence_is_said_in_each_language_and_read_in_ones_own() -> None:
    said = in_each_language(lambda: _("All contacts"))
    for language, words in (("en", "All contacts"), ("fr", "Tous les contacts")):
        with translation.override(language):
            assert for_reader(said) == words
    with translation.override("de"):
        assert for_reader(said, "Contacts") == "Contacts"
