"""Beat ticks evenly, whatever the clock on the wall does."""

import pickle
from datetime import timedelta

import pytest

from smsapp import ticking
from smsapp.celery import app
from smsapp.ticking import Every, steady_now


def test_it_is_due_when_its_seconds_have_passed():
    every = Every(2.0)
    assert every.is_due(steady_now() - timedelta(seconds=2)) == (True, 2.0)
    due, later = every.is_due(steady_now() - timedelta(seconds=0.5))
    assert not due and later == pytest.approx(1.5, abs=0.2)


def test_a_last_run_in_the_future_was_a_wrong_clock():
    assert Every(2.0).is_due(steady_now() + timedelta(minutes=5)) == (True, 2.0)


def test_the_clock_on_the_wall_is_not_asked(monkeypatch):
    class Wrong:
        @staticmethod
        def now(*_zone):
            raise AssertionError

    every, last = Every(2.0), steady_now()
    monkeypatch.setattr(ticking, "datetime", Wrong)
    assert not every.is_due(last).is_due


def test_beat_can_keep_it_in_its_file():
    again = pickle.loads(pickle.dumps(Every(0.5)))
    assert (again.seconds, again.nowfun) == (0.5, steady_now)


def test_all_ticks_have_it():
    assert {type(entry["schedule"]) for entry in app.conf.beat_schedule.values()} == {Every}
