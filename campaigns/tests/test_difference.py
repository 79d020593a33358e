"""What changed between two texts, word by word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns import difference
from campaigns.texts import Texts


def marked(before, after):
    signs = {"same": "{}", "added": "[+{}]", "removed": "[-{}]"}
    return "".join(signs[part.kind].format(part.text) for part in difference.of(before, after))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("", "", ""),
        ("See you", "See you", "See you"),
        ("", "See you", "[+See you]"),
        ("See you", "", "[-See you]"),
        ("See you at 18:00.", "See you at 19:00.", "See you at [-18][+19]:00."),
        ("Hello {contact.first_name|friend}!", "Hello {contact.first_name|you}!", "Hello [-{contact.first_name|friend}][+{contact.first_name|you}]!"),
        ("C'est l’été", "C'est l’hiver", "C'est [-l’été][+l’hiver]"),
        ("one\ntwo", "one\n\ntwo", "one[-\n][+\n\n]two"),
    ],
)
def test_words_that_came_and_went_are_marked(before, after, shown):
    assert marked(before, after) == shown


WORDS = st.text(alphabet="ab {}.|'’é😀\n", max_size=60)


@given(WORDS, WORDS)
def test_both_texts_can_be_read_from_the_difference(before, after):
    parts = difference.of(before, after)
    assert "".join(part.text for part in parts if part.kind != "added") == before
    assert "".join(part.text for part in parts if part.kind != "removed") == after


def test_very_long_texts_are_compared_by_the_line():
    before = "\n".join("word " * 10 for _line in range(200))
    parts = difference.of(before, before + "\nlast")
    assert [part.kind for part in parts][-1] == "added"
    assert "".join(part.text for part in parts if part.kind != "removed") == before + "\nlast"


def test_each_language_is_compared_with_itself():
    before, after = Texts("Hello", "en", {"fr": "Bonjour"}), Texts("Hello", "en", {"fr": "Salut"})
    assert [(row.language, row.main, row.changed) for row in difference.of_texts(before, after)] == [("en", True, False), ("fr", False, True)]
    gone = difference.of_texts(before, Texts("Hello", "en"))
    assert [(part.kind, part.text) for part in gone[1].parts] == [("removed", "Bonjour")]
