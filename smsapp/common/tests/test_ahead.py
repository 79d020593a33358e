"""Read ahead in a thread: the same items, failures where they belong, and no thread left behind."""

import threading
import time

import pytest
from django.utils import translation

from smsapp.common.ahead import ahead


def test_the_same_items_in_the_same_order():
    with ahead(iter(range(1_000)), 3) as items:
        assert list(items) == list(range(1_000))


def test_it_runs_ahead_but_not_too_far():
    made = []

    def make():
        for number in range(100):
            made.append(number)
            yield number

    with ahead(make(), 5) as items:
        while len(made) < 6:
            time.sleep(0.001)
        time.sleep(0.05)
        assert len(made) == 6, "five that wait, and one for which there is no room"
        assert len(list(items)) == 100


def test_a_failure_is_raised_where_it_belongs():
    def make():
        yield 1
        raise LookupError("no more")

    with ahead(make(), 5) as items:
        assert next(items) == 1
        with pytest.raises(LookupError, match="no more"):
            next(items)


def test_a_reader_who_gives_up_leaves_no_thread():
    before = threading.active_count()
    with pytest.raises(ZeroDivisionError), ahead(iter(range(1_000)), 2) as items:
        next(items)
        1 / 0  # noqa: B018
    assert threading.active_count() == before


def test_it_speaks_the_language_of_who_asks():
    with translation.override("fr"), ahead(iter(translation.get_language, None), 1) as items:
        assert next(items) == "fr"
