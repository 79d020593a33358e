"""Each task arrives somewhere: its queue is consumed by a process of the local stack, and beat rings only what exists."""

import fnmatch
from pathlib import Path

import pytest
from django.conf import settings

from contacts.services import number_policy
from smsapp.celery import app
from smsapp.services import local

URGENT, BULK, BACKGROUND = "urgent", "bulk", "background"
QUEUES = {
    # seconds at most: somebody waits for a text
    "campaigns.tasks.dispatch_urgent": URGENT,
    "campaigns.tasks.tick": URGENT,
    "campaigns.tasks.sweep": URGENT,
    "campaigns.tasks.finish": URGENT,
    "providers.tasks.process_webhooks": URGENT,
    "workflows.tasks.tick": URGENT,
    # mailings
    "campaigns.tasks.dispatch_bulk": BULK,
    "campaigns.tasks.prepare_mailing": BULK,
    "campaigns.tasks.look_up_unknown": BULK,
    "campaigns.tasks.poll_reports": BULK,
    # minutes, perhaps an hour: no text ever waits for these
    "contacts.tasks.work_on_import": BACKGROUND,
    "contacts.tasks.resume_imports": BACKGROUND,
    "contacts.tasks.forget_import_files": BACKGROUND,
    "contacts.tasks.look_for_duplicates": BACKGROUND,
    "contacts.tasks.tick_duplicates": BACKGROUND,
    "contacts.tasks.refresh_groups": BACKGROUND,
    "contacts.tasks.refresh_due_groups": BACKGROUND,
    "contacts.tasks.work_on_exports": BACKGROUND,
    "contacts.tasks.remove_old_exports": BACKGROUND,
    "contacts.tasks.change_people": BACKGROUND,
    "contacts.tasks.resume_people_changes": BACKGROUND,
    "contacts.tasks.apply_number_policy": BACKGROUND,
    "contacts.tasks.forget_searches": BACKGROUND,
    "smsapp.tasks.purge": BACKGROUND,
    "workflows.tasks.advance_run": BACKGROUND,
}


def ours() -> list[str]:
    app.autodiscover_tasks(force=True)
    return sorted(name for name in app.tasks if name.partition(".")[0] in {"smsapp", "contacts", "providers", "campaigns", "workflows"})


def queue_of(task: str) -> str:
    route = app.amqp.router.route({}, task)
    return route["queue"].name if "queue" in route else settings.CELERY_TASK_DEFAULT_QUEUE


def test_there_are_tasks():
    assert ours()


def test_each_task_goes_to_the_queue_that_was_chosen_for_it():
    assert {task: queue_of(task) for task in ours()} == QUEUES


def test_each_queue_has_a_worker_of_its_own_in_the_local_stack():
    assert sorted(local.WORKERS.values()) == sorted(set(QUEUES.values()))
    commands = {spec.name: list(spec.command) for spec in local.specs(host="127.0.0.1", port=8000, simulator_port=8090, smpp_port=2775, checkout=Path("/srv"))}
    for name, queue in local.WORKERS.items():
        assert commands[name][commands[name].index("-Q") + 1] == queue


def test_each_route_leads_a_task_that_exists():
    for pattern in settings.CELERY_TASK_ROUTES:
        assert fnmatch.filter(ours(), pattern), pattern


def test_the_manual_names_a_command_for_each_queue():
    manual = (Path(settings.BASE_DIR) / "docs" / "deploying.md").read_text()
    for queue in local.WORKERS.values():
        assert f"celery -A smsapp worker -Q {queue} " in manual


def test_work_that_goes_on_is_rung_for_in_the_same_queue(db, monkeypatch, django_capture_on_commit_callbacks):
    """A bell without a route would go to the urgent workers."""
    sent = []
    monkeypatch.setattr("celery.app.task.Task.apply_async", lambda task, *args, **options: sent.append((task.name, queue_of(task.name), options.get("queue"))))
    with django_capture_on_commit_callbacks(execute=True):
        number_policy.changed()
    assert sent == [("contacts.tasks.apply_number_policy", BACKGROUND, None)]


@pytest.mark.parametrize("entry", sorted(app.conf.beat_schedule))
def test_beat_rings_a_task_that_exists(entry):
    tick = app.conf.beat_schedule[entry]
    assert tick["task"] in ours()
    assert tick["options"]["queue"] == QUEUES[tick["task"]]
    assert tick["options"]["expires"] <= max(30, tick["schedule"].seconds / 2), "a stopped worker must not find a heap of old ticks"
