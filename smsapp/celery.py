"""The Celery application: queues and the ticks of beat."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_process_init

from smsapp.common import garbage, leaving  # noqa: F401 (its receivers)
from smsapp.ticking import Every
from smsapp.watch import listening

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "smsapp.settings")

app = Celery("smsapp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["consumer"].add(listening.SignOfLife)


@worker_process_init.connect
def settle_down(**_facts: Any) -> None:
    """In each new child of a pool."""
    garbage.look_seldom()


# From the environment and not from the settings, which must not be read before everybody has said which ones they are.
TICK_SECONDS = float(os.environ.get("TICK_SECONDS", "2"))
SWEEP_SECONDS = float(os.environ.get("SWEEP_SECONDS", "10"))

# A task is a hint; these ticks find whatever nobody was told about. `expires` keeps a stopped worker from piling them up; it is compared by the
# worker's clock, so a tick must live longer than the clocks of machines may differ.
TICKS: dict[str, dict[str, Any]] = {
    "due-work": {  # scheduled mailings, due chunks, stuck preparations: people notice a delay of seconds
        "task": "campaigns.tasks.tick",
        "schedule": TICK_SECONDS,
        "options": {"queue": "urgent", "expires": 30},
    },
    "stuck-work": {  # chunks whose lease is over; a lease lasts a minute
        "task": "campaigns.tasks.sweep",
        "schedule": SWEEP_SECONDS,
        "options": {"queue": "urgent", "expires": 30},
    },
    "webhooks": {  # stored events that nobody processed, and early reports that can be matched now
        "task": "providers.tasks.process_webhooks",
        "schedule": 5.0,
        "options": {"queue": "urgent", "expires": 30},
    },
    "missing-reports": {  # gateways are asked about texts without a report, a hundred at a time; a minute sooner or later does not matter
        "task": "campaigns.tasks.poll_reports",
        "schedule": 60.0,
        "options": {"queue": "bulk", "expires": 30},
    },
    "workflows": {  # schedulers whose time has come, steps that are due: people chose the minute
        "task": "workflows.tasks.tick",
        "schedule": 5.0,
        "options": {"queue": "urgent", "expires": 30},
    },
    "imports": {  # imports whose bell or worker was lost
        "task": "contacts.tasks.resume_imports",
        "schedule": 20.0,
        "options": {"queue": "background", "expires": 30},
    },
    "import-files": {  # uploaded files whose days are over; an hour sooner or later does not matter
        "task": "contacts.tasks.forget_import_files",
        "schedule": 3600.0,
        "options": {"queue": "background", "expires": 30},
    },
    "kept-searches": {  # long searches that nobody has looked at for months; a day sooner or later does not matter
        "task": "contacts.tasks.forget_searches",
        "schedule": 86_400.0,
        "options": {"queue": "background", "expires": 3600},
    },
    "purge": {  # at night only, most of a minute each time; a night is long
        "task": "smsapp.tasks.purge",
        "schedule": 60.0,
        "options": {"queue": "background", "expires": 30},
    },
    "smart-groups": {  # rules that were changed, refreshes whose worker died, and members as of ten minutes ago
        "task": "contacts.tasks.refresh_due_groups",
        "schedule": 20.0,
        "options": {"queue": "background", "expires": 30},
    },
    "exports": {  # exports whose bell or worker was lost
        "task": "contacts.tasks.work_on_exports",
        "schedule": 20.0,
        "options": {"queue": "background", "expires": 20},
    },
    "old-exports": {  # files that were kept for a week
        "task": "contacts.tasks.remove_old_exports",
        "schedule": 600.0,
        "options": {"queue": "background", "expires": 30},
    },
    "people-changes": {  # many people on their way into a group, or to a tag, whose bell or worker was lost
        "task": "contacts.tasks.resume_people_changes",
        "schedule": 20.0,
        "options": {"queue": "background", "expires": 30},
    },
    "number-policy": {  # types and ranges that get texts were chosen anew, and a worker was lost on the way
        "task": "contacts.tasks.apply_number_policy",
        "schedule": 20.0,
        "options": {"queue": "background", "expires": 30},
    },
    "duplicates": {  # the look for contacts that may be one person: at night, after imports, and one whose bell was lost
        "task": "contacts.tasks.tick_duplicates",
        "schedule": 60.0,
        "options": {"queue": "background", "expires": 30},
    },
}
app.conf.beat_schedule = {name: {**tick, "schedule": Every(tick["schedule"])} for name, tick in TICKS.items()}
