"""Each task arrives somewhere: its queue is consumed by a process of the local stack, and beat rings only what exists."""

import pytest
from django.conf import settings

from smsapp.celery import app
from smsapp.services import local


def ours() -> list[str]:
    app.autodiscover_tasks(force=True)
    return sorted(name for name in app.tasks if name.partition(".")[0] in {"smsapp", "contacts", "providers", "campaigns"})


def queue_of(task: str) -> str:
    route = app.amqp.router.route({}, task)
    return route["queue"].name if "queue" in route else settings.CELERY_TASK_DEFAULT_QUEUE


def test_there_are_tasks():
    assert ours()


def test_each_task_goes_to_a_queue_that_somebody_consumes():
    assert {queue_of(task) for task in ours()} <= set(local.WORKERS.values())


def test_each_route_names_a_task_that_exists():
    assert set(settings.CELERY_TASK_ROUTES) <= set(ours())


@pytest.mark.parametrize("entry", sorted(app.conf.beat_schedule))
def test_beat_rings_a_task_that_exists(entry):
    tick = app.conf.beat_schedule[entry]
    assert tick["task"] in ours()
    assert tick["options"]["queue"] in local.WORKERS.values()
    assert tick["options"]["expires"] <= 30, "a stopped worker must not find a heap of old ticks"
