"""A broker that is away costs whoever presses Send one short wait, and no error."""

import pytest
from kombu.exceptions import OperationalError

from smsapp.common import ring


class Task:
    """Counts the bells that were tried; as long as the broker is away each of them fails."""

    name, tried, away = "look", 0, True

    def apply_async(self, **options):
        self.tried += 1
        if self.away:
            raise OperationalError


@pytest.fixture
def task(monkeypatch):
    monkeypatch.setattr(ring, "_quiet_until", 0.0)
    return Task()


def test_a_bell_that_reached_nobody_is_followed_by_silence(task):
    for _bell in range(5):
        ring._publish(task, (), {})
    assert task.tried == 1


def test_after_a_while_the_broker_is_tried_again(task, monkeypatch):
    ring._publish(task, (), {})
    task.away = False
    monkeypatch.setattr(ring.time, "monotonic", lambda now=ring._quiet_until: now + 0.1)
    ring._publish(task, (), {})
    ring._publish(task, (), {})
    assert task.tried == 3
