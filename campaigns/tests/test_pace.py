"""Strides grow while the gateway is quick, and shrink when it drags."""

import pytest

from campaigns.pipeline.pace import LONGEST, Pace, longest


@pytest.mark.parametrize(("rate", "texts"), [(1, 1), (3, 1), (40, 10), (100_000, LONGEST)])
def test_a_stride_is_at_most_a_quarter_of_a_second_of_the_rate(rate, texts):
    assert longest(rate) == texts == Pace(rate, 1_000).size


def test_strides_begin_with_a_text_for_each_connection_and_double_while_they_are_quick():
    pace, sizes = Pace(100_000, 64), []
    for _stride in range(4):
        sizes.append(pace.size)
        pace.note(pace.size, 0.01)
    assert sizes == [64, 128, LONGEST, LONGEST]


def test_strides_that_drag_are_halved_down_to_a_text_for_each_connection():
    pace = Pace(100_000, 64)
    for _stride in range(3):
        pace.note(pace.size, 0.01)
    sizes = []
    for _stride in range(4):
        pace.note(pace.size, 5)
        sizes.append(pace.size)
    assert sizes == [125, 64, 64, 64]


@pytest.mark.parametrize(("texts", "seconds"), [(64, 0.5), (5, 0.01), (0, 0.0)])
def test_a_middling_stride_and_a_short_one_change_nothing(texts, seconds):
    pace = Pace(100_000, 64)
    pace.note(texts, seconds)
    assert pace.size == 64
