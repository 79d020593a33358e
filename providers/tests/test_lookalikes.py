"""Look-alikes: cheaper, never dearer, and shown before they are used."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from providers.charset import normalise, outside
from providers.lookalikes import lookalike, replace_lookalikes, replacement
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
    assert replace_lookalikes(text) == better


def test_each_change_is_told_with_its_places():
    found = replacement("C’est prêt, c’est fait… " + "a" * 60)
    assert [(change.char, change.other, change.places, change.times) for change in found.changes] == [
        ("’", "'", (1, 13), 2), ("ê", "e", (8,), 1), ("…", "...", (22,), 1),
    ]  # fmt: skip
    assert (found.becomes_gsm, found.saved, found.after.segments) == (True, 1, 1)


def test_a_text_that_stays_unicode_says_so():
    found = replacement("l’été ж")
    assert (found.text, found.becomes_gsm, found.saved) == ("l'été ж", False, 0)


def test_what_takes_more_room_stays_where_it_would_cost_a_segment():
    found = replacement("…’" + "ж" * 68)
    assert (found.text, [change.char for change in found.changes]) == ("…'" + "ж" * 68, ["’"])
    assert replacement("½" * 70).changes == ()


@given(st.text(st.sampled_from(sorted(ALONE | PAIRS))))
def test_a_gsm_text_is_never_changed(text):
    found = replacement(text)
    assert (found.text, found.changes) == (normalise(text), ())


def check(text):
    before, found = normalise(text), replacement(text)
    after = found.text
    assert len(outside(after)) <= len(outside(before))
    assert (found.before, found.after) == (measure(text), measure(after))
    assert found.saved >= 0
    assert replace_lookalikes(after) == after
    assert all(before[place] == change.char and lookalike(change.char) == change.other for change in found.changes for place in change.places)
    assert bool(found.changes) == (after != before)


@given(ANY_TEXT)
@example("…" * 23 + "ж" * 50)
def test_never_dearer_and_done_after_once(text):
    check(text)


def test_never_dearer_around_the_ends_of_segments():
    for text in generated(2_000, seed=7):
        check(text)
