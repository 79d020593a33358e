"""What a text costs, by table, by property and against independent counters."""

import re
import unicodedata

import pytest
import smsutil
from hypothesis import example, given
from hypothesis import strategies as st

from providers.charset import BASIC, EXTENSION, normalise
from providers.segments import GSM_7, UCS_2, measure, parts, price
from providers.tests.texts import ALONE, CASES, PAIRS, generated, packed

GSM_TEXT = st.text(st.sampled_from((BASIC + EXTENSION).replace("\r", "")), max_size=700)
ANY_TEXT = st.one_of(st.text(st.one_of(st.sampled_from(BASIC + EXTENSION), st.characters()), max_size=400), st.text(st.sampled_from("aж😀€\ud83d\ude00"), max_size=300))


@pytest.mark.parametrize(("text", "encoding", "units", "segments", "left"), CASES)
def test_table(text, encoding, units, segments, left):
    assert measure(text)[:4] == (encoding, units, segments, left)


def test_the_alphabet_is_that_of_the_standard():
    assert (frozenset(BASIC), frozenset(EXTENSION)) == (ALONE, PAIRS)
    assert len(BASIC) == 127  # the 128th is the escape


@pytest.mark.parametrize("char", list("éèàùìòÇÉæÆ"))
def test_french_letters_that_cost_one(char):
    assert measure("Bonjour" + char)[:2] == (GSM_7, 8)


@pytest.mark.parametrize("char", list("çêëîïôûâœŒÀÈÊÔÂÎÏÛÙË«»’“”–—…\u00a0\u202f`\t"))
def test_french_characters_that_cost_the_whole_text(char):
    found = measure("Bonjour" + char)
    assert found.encoding == UCS_2
    assert found.dear == ((7, char),)


def test_places_of_dear_characters_count_code_points_of_the_composed_text():
    assert measure("😀e\u0301\r\n’").dear == ((0, "😀"), (3, "’"))


@given(GSM_TEXT)
def test_gsm_agrees_with_an_independent_counter(text):
    text = text.replace("\f", "")
    if measure(text).units > 0:
        assert measure(text).segments == len(smsutil.split(text).parts)


@given(ANY_TEXT)
@example("ж" * 66 + "\ud83d" + "ж" * 67)
@example("\r\r\n")
def test_agrees_with_the_slow_way(text):
    found = measure(text)
    assert (found.encoding, found.units, found.segments, found.left, parts(text)) == packed(text)
    assert price(normalise(text)) == (found.encoding, found.segments)


def test_agrees_with_the_slow_way_around_the_ends_of_segments():
    for text in generated(3_000):
        found = measure(text)
        assert (found.encoding, found.units, found.segments, found.left, parts(text)) == packed(text), ascii(text)


@given(ANY_TEXT)
def test_parts_are_the_text_and_each_fits_a_segment(text):
    found, pieces = measure(text), parts(text)
    assert "".join(pieces) == normalise(text)
    assert len(pieces) == found.segments
    for piece in pieces:
        assert piece and sum((2 if char in PAIRS else 1) if found.encoding == GSM_7 else (2 if ord(char) > 0xFFFF else 1) for char in piece) <= found.per_segment


@given(ANY_TEXT, ANY_TEXT)
def test_together_never_costs_less_than_the_dearer_one(one, other):
    both = measure(one + "a" + other)  # something between them, so that nothing is composed
    assert both.segments >= max(measure(one).segments, measure(other).segments)


@given(ANY_TEXT)
def test_normalising_twice_changes_nothing_and_can_be_stored(text):
    once = normalise(text)
    assert normalise(once) == once
    assert measure(once) == measure(text)
    assert once.encode("utf-8").decode("utf-8") == once


def test_normalised_text_is_composed_and_has_single_line_feeds():
    assert normalise("e\u0301\r\n") == "é\n"
    assert unicodedata.is_normalized("NFC", normalise("A\u030a"))
    assert not re.search("\r\n", normalise("\r\n\r\n"))
