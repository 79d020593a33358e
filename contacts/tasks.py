"""Background work of the app: doorbells only."""

from celery import shared_task
from django.utils import timezone


@shared_task
def work_on_import(job_id: int) -> None:
    """Try or run one import."""
    from contacts.importing import jobs

    jobs.work(job_id)


@shared_task
def resume_imports() -> None:
    """Find imports that nobody works on: their task was lost or its worker died."""
    from contacts.importing import jobs

    jobs.work_on_waiting()


@shared_task
def forget_import_files() -> None:
    """Delete uploaded files that have been kept long enough."""
    from contacts.services import imports

    imports.forget_files(timezone.now())


@shared_task
def look_for_duplicates() -> None:
    """Look over all contacts, if that was asked for."""
    from contacts.duplicates import rounds

    rounds.work()


@shared_task
def tick_duplicates() -> None:
    """Take up a look that was lost; begin the nightly one."""
    from contacts.duplicates import rounds

    rounds.tick()


@shared_task
def refresh_groups(group_ids: list[int]) -> None:
    """Bring these smart groups up to date."""
    from contacts.smart import refresh

    refresh.work_on(group_ids)


@shared_task
def refresh_due_groups() -> None:
    """Find smart groups that wait, that a dead worker left, or that are older than they should be."""
    from contacts.smart import refresh

    refresh.work_on_due()


@shared_task
def work_on_exports() -> None:
    """Write the exports that wait: asked for just now, or left by a lost task or a dead worker."""
    from contacts.exporting import jobs

    jobs.work_on_waiting()


@shared_task
def remove_old_exports() -> None:
    """Remove files that were kept for their time."""
    from contacts.exporting import jobs

    jobs.remove_old()


@shared_task
def change_people(change_id: int) -> None:
    """Move many people into a group or out of it, or give them a tag or take it."""
    from contacts.services import many

    many.work(change_id)


@shared_task
def resume_people_changes() -> None:
    """Find changes of many people whose bell or worker was lost."""
    from contacts.services import many

    many.work_on_open()


@shared_task
def apply_number_policy() -> None:
    """Make numbers follow the types and ranges that administrators chose, if they do not yet."""
    from contacts.services import number_policy

    number_policy.apply()


@shared_task
def forget_searches() -> None:
    """Drop long searches that nobody has looked at for a while."""
    from contacts.smart import addresses

    addresses.forget(timezone.now())
