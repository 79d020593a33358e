"""Look-alikes: cheaper, never dearer, and shown before they are used."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from providers.charset import normalise, outside
from providers.lookalikes import lookalike, replacement
from providers.segments import measure
from providers.tests.texts import ALONE, PAIRS, PIECES, generated

ANY_TEXT = st.one_of(st.text(st.sampled_from(sorted(ALONE | PAIRS) + list("’…½ж😀ŝ\u0301\u0302™")), max_size=200), st.text(max_size=100), st.lists(st.sampled_from(PIECES)).map("".join))


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
        ("a\tb`c", "a b'c"),
        ("\u202f\u2009\u200b", "  "),
        ("s\u0302\u0301", "s"),  # the accent behind joins the plain letter, and goes as well
    ],
)
def test_table(text, better):
    assert replacement(text).text == better


def test_each_change_is_told_in_order():
    found = replacement("C’est prêt, c’est fait… " + "a" * 60)
    assert found.changes == (("’", "'", 2, True), ("ê", "e", 1, True), ("…", "...", 1, True))
    assert (measure(found.text).encoding, measure(found.text).segments) == ("GSM-7", 1)


def test_what_has_no_look_alike_is_told_and_stays():
    assert replacement("l’été ж") == ("l'été ж", (("’", "'", 1, True), ("ж", None, 1, False)))


def test_what_takes_more_room_stays_where_it_would_cost_a_segment():
    found = replacement("…’" + "ж" * 68)
    assert (found.text, [change.char for change in found.changes if change.done]) == ("…'" + "ж" * 68, ["’"])
    assert replacement("½" * 70) == ("½" * 70, (("½", "1/2", 70, False),))


@given(st.text(st.sampled_from(sorted(ALONE | PAIRS))))
def test_a_gsm_text_is_never_changed(text):
    found = replacement(text)
    assert (found.text, found.changes) == (normalise(text), ())


def check(text):
    before, found = normalise(text), replacement(text)
    after = found.text
    assert len(outside(after)) <= len(outside(before))
    assert measure(after).segments <= measure(text).segments
    assert replacement(after).text == after
    assert all(before.count(change.char) == change.times and lookalike(change.char) == change.other for change in found.changes)
    assert any(change.done for change in found.changes) == (after != before)
    assert not any(change.done and change.char in after for change in found.changes)


@given(ANY_TEXT)
@example("…" * 23 + "ж" * 50)
def test_never_dearer_and_done_after_once(text):
    check(text)


def test_never_dearer_around_the_ends_of_segments():
    for text in generated(2_000, seed=7):
        check(text)
