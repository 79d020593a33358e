"""What the composer says about a text."""

from campaigns import composer
from campaigns.composing import offers
from providers.lookalikes import replacement


def test_the_longest_person_is_counted_not_the_raw_text() -> None:
    people = [("Léo", {"contact.first_name": "Léo"}), ("Marie-Emmanuelle", {"contact.first_name": "Marie-Emmanuelle"})]
    counter = composer.count("Bonjour {contact.first_name}", people)
    assert (counter.name, counter.size.units) == ("Marie-Emmanuelle", 24)


def test_one_unicode_name_makes_the_text_longest() -> None:
    text = "a" * 75 + "{contact.first_name}"
    people = [("Longest", {"contact.first_name": "x" * 40}), ("Zoë", {"contact.first_name": "Zoë"})]
    assert composer.count(text, people).name == "Zoë"


def test_who_has_fewest_characters_left_is_nearer_than_a_longer_text() -> None:
    people = [("Longest", {"contact.first_name": "x" * 40}), ("Zoê", {"contact.first_name": "Zoê"})]
    counter = composer.count("a" * 65 + "{contact.first_name}", people)
    assert (counter.name, counter.size.left) == ("Zoê", 2)


def test_segments_over_the_limit_are_told_with_the_characters_to_cut() -> None:
    counter = composer.count("a" * 170, limit=1)
    assert (counter.too_many, counter.left_in_limit) == (1, 10)


def test_dear_characters_come_with_their_look_alikes_and_how_often() -> None:
    swaps = [(change.char, change.other, change.times) for change in replacement("C’est l’été prêt… ж").changes]
    assert swaps == [("’", "'", 2), ("ê", "e", 1), ("…", "...", 1), ("ж", None, 1)]


def test_letters_that_nobody_sees_are_named() -> None:
    assert [offers.Swap(change).shown for change in replacement("a\u00a0b").changes] == ["no-break space"]


def test_an_unknown_token_is_named() -> None:
    assert composer.count("Hello {contact.frist_name}").problems[0].suggestion == "{contact.first_name}"


def test_bars_show_each_segment_and_what_is_over() -> None:
    bars = composer.count("a" * 200, limit=1).bars
    assert [bar["css"] for bar in bars] == ["used", "spill"]


def test_an_empty_text_has_one_empty_bar() -> None:
    assert composer.count("").bars[0]["used"] == "0.00%"


def test_a_text_is_cut_where_its_segments_begin() -> None:
    text = "a" * 152 + "€" + "b" * 20
    pieces = composer.cut(text)
    assert [piece["text"] for piece in pieces] == ["a" * 152, "€" + "b" * 20]
