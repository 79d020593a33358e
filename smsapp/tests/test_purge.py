"""Administrators choose how long kinds of data are kept; the command and the nights remove what is older, and nothing else."""

import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from auditlog.models import LogEntry
from django.core.management import CommandError, call_command
from django.utils import timezone

from campaigns.tests.factories import make_provider
from contacts.models import ConsentEntry, ExportJob, ImportJob, Suppression
from contacts.services import consent
from contacts.tests.factories import make_contact
from providers.models import Provider, WebhookEvent
from smsapp import retention
from smsapp.common.models import Organisation

pytestmark = pytest.mark.django_db
State = WebhookEvent.State


def purge(*options: str) -> dict[str, Any]:
    """Rows by kind, as the command tells them."""
    out = io.StringIO()
    call_command("purge", "--json", *options, stdout=out)
    return {kind["name"]: kind["rows"] for kind in json.loads(out.getvalue())["kinds"]}


def keep(**days: int | None) -> None:
    Organisation.current()
    Organisation.objects.update(**days)


def event(provider: Provider, days: int, state: str = State.APPLIED, **facts: Any) -> int:
    row = WebhookEvent.objects.create(provider=provider, event="status", body=b"", digest=f"{WebhookEvent.objects.count():016}".encode(), state=state, **facts)
    WebhookEvent.objects.filter(pk=row.pk).update(received_at=timezone.now() - timedelta(days=days))
    return row.pk


def test_old_events_go_and_those_that_still_wait_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("providers.services.retention.BATCH", 2)
    provider = make_provider()
    gone = [event(provider, 40), event(provider, 40, State.BROKEN), event(provider, 40, State.UNMATCHED)]
    waits = [event(provider, 40, State.NEW), event(provider, 40, State.UNMATCHED, due_at=timezone.now())]
    gone += [event(provider, 31)]
    young = [event(provider, 29), event(provider, 0)]
    assert purge("--dry-run")["events"] == {"events": len(gone)} and WebhookEvent.objects.count() == 8
    assert purge()["events"] == {"events": len(gone)}
    assert set(WebhookEvent.objects.values_list("pk", flat=True)) == {*waits, *young}
    assert purge()["events"] == {"events": 0}
    assert LogEntry.objects.filter(changes__has_key="purged: events").count() == 1


def test_files_and_reports_of_imports_and_exports(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "imports").mkdir()
    old = timezone.now() - timedelta(days=60)
    paths = [tmp_path / "imports" / "a.upload", tmp_path / "imports" / "a.refused.jsonl"]
    for path in paths:
        path.write_text("x")
    job = ImportJob.objects.create(file_name="a.csv", path="imports/a.upload", state=ImportJob.State.FINISHED)
    ImportJob.objects.filter(pk=job.pk).update(updated_at=old)
    export = ExportJob.objects.create(state=ExportJob.State.FINISHED, path="exports/b.csv", finished_at=old)
    keep(import_file_days=30, import_report_days=None, export_days=90)
    assert purge() == {"events": {"events": 0}, "import files": {"files": 1}, "exports": {"files": 0}}
    assert not any(path.exists() for path in paths) and ImportJob.objects.filter(pk=job.pk).exists()
    keep(import_report_days=50, export_days=30)
    assert purge()["import reports"] == {"imports": 1} and not ImportJob.objects.filter(pk=job.pk).exists()
    export.refresh_from_db()
    assert export.path == ""


def test_empty_is_for_ever() -> None:
    event(make_provider(), 4000)
    keep(event_days=None, import_file_days=None, export_days=None)
    assert purge() == {}
    out = io.StringIO()
    call_command("purge", stdout=out)
    assert "for ever" in out.getvalue() and WebhookEvent.objects.count() == 1


def test_consents_and_blocked_numbers_are_never_purged() -> None:
    with time_machine.travel(datetime(2016, 1, 1, tzinfo=UTC)):
        consent.opt_out(make_contact("+33639980001"), source="reply", own_act=True)
    before = ConsentEntry.objects.count(), Suppression.objects.count()
    keep(event_days=4, message_days=31, import_file_days=1, import_report_days=1, export_days=1)
    purge()
    assert (ConsentEntry.objects.count(), Suppression.objects.count()) == before and before[0]


def test_a_second_one_at_the_same_time_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "purge", lambda **_how: None)
    with pytest.raises(CommandError, match="Another purge"):
        call_command("purge")


@pytest.mark.parametrize(("hour", "purged"), [(3, True), (12, False)])
def test_the_tick_purges_at_night_of_the_organisation(hour: int, purged: bool) -> None:
    event(make_provider(), 400)
    keep(time_zone="Asia/Tokyo")
    with time_machine.travel(datetime(2026, 11, 29, tzinfo=UTC) + timedelta(hours=hour - 9), tick=False):
        WebhookEvent.objects.update(received_at=timezone.now() - timedelta(days=400))
        retention.tick()
    assert WebhookEvent.objects.exists() is not purged


def test_administrators_choose_the_days_and_the_least_is_heeded(client_for: Any) -> None:
    organisation = Organisation.current()
    url = f"/admin/common/organisation/{organisation.pk}/change/"
    page = client_for("administrator").get(url)
    form = page.context["adminform"].form
    values = {name: form.initial.get(name) or "" for name in form.fields} | {"textable_kinds": ["mobile"]}
    refused = client_for("administrator").post(url, values | {"message_days": "7"})
    assert "31" in str(refused.context["adminform"].form.errors["message_days"])
    client_for("administrator").post(url, values | {"message_days": "400", "event_days": ""})
    organisation.refresh_from_db()
    assert (organisation.message_days, organisation.event_days) == (400, None)
    assert client_for("marketer").get(url).status_code in (302, 403)
