"""Kept sentences are read in the reader's language."""

import json
from datetime import UTC, datetime

import pytest
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from smsapp.common import sentences
from smsapp.common.sentences import in_each_language, retold, say, say_n

AT = datetime(2026, 5, 12, 7, 30, tzinfo=UTC)
SENTENCES = [
    say("Same person as row %(row)s.") % {"row": 7},
    say("Check the year.") + say("Same person as row %(row)s.") % {"row": 7},
    say_n("%(shown)s row", "%(shown)s rows", 2) % {"shown": "2"},
    say("The contact opted out on %(day)s by their own act and stays so.") % {"day": AT},
    say("People are found by %(key)s here, and this row has none. Fill it in, or find people by more.") % {"key": say("number")},
    sentences.of(gettext_lazy("There are too few digits. Write the whole number, for example 06 39 98 04 17 or +33 6 39 98 04 17.")),
    sentences.of("100 % of it"),
    say("The audience grew from %(before)s to %(now)s people since it was confirmed, more than a fifth. Look at the plan and send it again.")
    % {"before": sentences.Count(4391), "now": sentences.Count(12_000)},
]


@pytest.mark.parametrize("sentence", SENTENCES)
def test_a_sentence_that_was_kept_says_the_same_and_changes_its_language(sentence):
    kept = json.loads(json.dumps(sentences.as_json(sentence)))
    assert sentences.retold(kept) == sentence
    with translation.override("fr"):
        french = sentences.retold(kept)
    with translation.override("en"):
        assert sentences.retold(json.loads(json.dumps(sentences.as_json(french)))) == sentence


def test_what_was_said_in_each_language_is_read_in_ones_own():
    said = in_each_language(lambda: _("All contacts"))
    for language, words in (("en", "All contacts"), ("fr", "Tous les contacts"), ("de", "All contacts")):
        with translation.override(language):
            assert retold(said) == words
    assert retold({}) == retold([]) == ""


def test_numbers_are_grouped_as_the_reader_writes_them():
    kept = json.loads(json.dumps(sentences.as_json(say("of %(shown)s rows") % {"shown": sentences.Count(4391)})))
    assert retold(kept) == "of 4,391 rows"
    with translation.override("fr"):
        assert "4\u202f391" in retold(kept) or "4\u00a0391" in retold(kept)
