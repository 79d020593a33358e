"""What a text costs, by table, by property and against an independent counter."""

import re
import unicodedata

import pytest
import smsutil
from hypothesis import given
from hypothesis import strategies as st

from providers.charset import BASIC, EXTENSION, is_gsm, normalise, outside, replace_lookalikes
from providers.segments import GSM_7, UCS_2, measure

GSM_TEXT = st.text(st.sampled_from((BASIC + EXTENSION).replace("\r", "")), max_size=700)
ANY_TEXT = st.text(st.one_of(st.sampled_from(BASIC + EXTENSION), st.characters(codec="utf-16")), max_size=400)


@pytest.mark.parametrize(
    ("text", "encoding", "units", "segments", "left"),
    [
        ("", GSM_7, 0, 0, 160),
        ("a", GSM_7, 1, 1, 159),
        ("a" * 160, GSM_7, 160, 1, 0),
        ("a" * 161, GSM_7, 161, 2, 145),
        ("a" * 306, GSM_7, 306, 2, 0),
        ("a" * 307, GSM_7, 307, 3, 152),
        ("€" * 80, GSM_7, 160, 1, 0),
        ("€" * 81, GSM_7, 162, 2, 143),
        ("a" * 152 + "€" + "a" * 152, GSM_7, 306, 3, 152),
        ("ж" * 70, UCS_2, 70, 1, 0),
        ("ж" * 71, UCS_2, 71, 2, 63),
        ("😀" * 35, UCS_2, 70, 1, 0),
        ("ж" * 66 + "😀" + "ж" * 66, UCS_2, 134, 3, 66),
        ("a\r\nb", GSM_7, 3, 1, 157),
        ("e\u0301" * 160, GSM_7, 160, 1, 0),
        ("\f^{}\\[~]|€", GSM_7, 20, 1, 140),
        ("\x1b", UCS_2, 1, 1, 69),
        ("`", UCS_2, 1, 1, 69),
        ("\t", UCS_2, 1, 1, 69),
        ("éèàùìòÇÉæÆ", GSM_7, 10, 1, 150),
    ],
)
def test_table(text, encoding, units, segments, left):
    assert measure(text)[:4] == (encoding, units, segments, left)


@pytest.mark.parametrize("char", list("çêëîïôûâœÀÈÊÔ«»’“”–—…\u00a0\u202f`\t"))
def test_french_characters_that_cost_the_whole_text(char):
    found = measure("Bonjour" + char)
    assert found.encoding == UCS_2
    assert found.dear == ((7, char),)


@given(GSM_TEXT)
def test_gsm_agrees_with_an_independent_counter(text):
    text = text.replace("\f", "")
    assert measure(text).units == sum(2 if char in EXTENSION else 1 for char in text)
    if measure(text).units > 0:
        assert measure(text).segments == len(smsutil.split(text).parts)


@given(ANY_TEXT)
def test_parts_hold_the_text_and_no_pair_straddles(text):
    found, text = measure(text), normalise(text)
    gsm = is_gsm(text)
    costs = [(2 if c in EXTENSION else 1) if gsm else (2 if ord(c) > 0xFFFF else 1) for c in text]
    alone, part = (160, 153) if gsm else (70, 67)
    parts, room = (1 if text else 0), alone if sum(costs) <= alone else part
    left = room
    for cost in costs:
        if cost > left:
            parts, left = parts + 1, room
        left -= cost
    assert (found.units, found.segments, found.left) == (sum(costs), parts, left)


@given(ANY_TEXT)
def test_replacing_lookalikes_never_adds_a_dear_character(text):
    before, after = normalise(text), replace_lookalikes(text)
    assert len(outside(after)) <= len(outside(before))
    assert replace_lookalikes(after) == after


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("L’été… à Œuvre", "L'été... à OEuvre"),
        ("ça s’arrête là\u00a0!", "ca s'arrete là !"),
        ("« Où ? »", '" Où ? "'),
        ("À Êtes Ôtez", "A Etes Otez"),
        ("Привет 😀", "Привет 😀"),
        ("Zażółć", "Zazólc".replace("ó", "o")),
        ("é è ù à ì ò Ç", "é è ù à ì ò Ç"),
    ],
)
def test_lookalikes(text, better):
    assert replace_lookalikes(text) == better


def test_normalised_text_is_composed_and_has_single_line_feeds():
    assert normalise("e\u0301\r\n") == "é\n"
    assert unicodedata.is_normalized("NFC", normalise("A\u030a"))
    assert not re.search("\r\n", normalise("\r\n\r\n"))
