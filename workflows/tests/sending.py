"""Sends of an SMS step for tests, without waiting for days to pass."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.models import Mailing
from campaigns.pipeline.prepare import prepare
from campaigns.services import made
from campaigns.tests.factories import fictional, make_provider, make_template
from campaigns.tests.working import settle
from contacts.models import Contact
from contacts.tests.factories import make_contact
from workflows import sets
from workflows.engine import start
from workflows.models import Run, Workflow
from workflows.services import sends
from workflows.tests.factories import drawn, make_workflow

DAILY = {"rule": {"every": "day", "times": ["09:00"], "from": "2027-03-01", "zone": "Europe/Paris"}}


def sms(content: Mailing, **options: Any) -> tuple[str, dict[str, Any]]:
    """An SMS step."""
    return "sms", {"content": content.pk, "how": "single", "afterwards": "none", "confirm": True, "period": "month", **options}


def make_content(by: Any, name: str = "Birthday", **changes: Any) -> Mailing:
    """A text that sends are made of."""
    make_provider(price_per_segment="0.05", currency="EUR")
    return made.keep_content(name, by, template=make_template("Happy birthday, {contact.first_name}"), **changes)


def make_recurring(content: Mailing, by: Any, **options: Any) -> Workflow:
    """A workflow in progress that texts everybody daily."""
    everybody = ("query", {"rules": {"all": [{"q": "first_name", "test": "filled"}]}})
    graph = drawn({"s0": ("scheduler", DAILY), "s1": everybody, "s2": sms(content, how="recurring", **options)}, "s0 s1", "s1 s2")
    return start.start(make_workflow(graph, by, label="Birthdays"), by)


def send_of(workflow: Workflow, content: Mailing, day: date, people: list[Contact], *, period: str | None = "month", asks: bool = True) -> Mailing:
    """What the step makes on a day, prepared."""
    number = workflow.runs.count() + 1
    assert workflow.started is not None
    due = datetime.combine(day, time(9), ZoneInfo(workflow.time_zone))
    run = Run.objects.create(workflow=workflow, drawing=workflow.started, number=number, begin="s0", due_at=due)
    chosen = sets.save("SELECT unnest(%s::bigint[])", [[person.pk for person in people]])
    mailing = sends.make(run, "s2", content, chosen, name=content.name, period=period, day=day, asks=asks)
    prepare(mailing.pk)
    mailing.refresh_from_db()
    return mailing


def make_readers(amount: int, *, left_out: int = 0) -> list[Contact]:
    """People, of whom the last ones may not be texted."""
    return [make_contact(fictional(n), first_name=f"Reader {n}", do_not_sms=n >= amount - left_out) for n in range(amount)]


__all__ = ["make_content", "make_readers", "make_recurring", "send_of", "settle", "sms"]
