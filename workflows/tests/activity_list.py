"""A list with one of each kind, for tests of marketing activities."""

import re
from calendar import monthrange
from datetime import date
from typing import Any

from campaigns.models import Campaign, Mailing
from campaigns.models.mailing import Role
from campaigns.tests.factories import make_mailing
from workflows.models import Execution, Send, Workflow
from workflows.tests.factories import make_workflow

LIST = "/workflows/activities/"
EVERYTHING = {"Spring season", "Open evening", "Birthday SMS", "Birthday SMS workflow"}
EXECUTIONS = {"Birthday SMS · January 2026", "Birthday SMS · February 2026"}


def make_recurring(name: str = "Birthday SMS", months: int = 2, sends: int = 2, **facts: Any) -> tuple[Workflow, Mailing]:
    """A workflow in progress whose recurring SMS was sent some times in each month of 2026, and that SMS."""
    workflow = make_workflow(label=f"{name} workflow", campaign=facts.get("campaign"))
    Workflow.objects.filter(pk=workflow.pk).update(state="running")
    parent = make_mailing(name=name, role=Role.CONTENT, **facts)
    for month in range(1, months + 1):
        execution = Execution.objects.create(parent=parent, key=f"2026-{month:02}", first=date(2026, month, 1), last=date(2026, month, monthrange(2026, month)[1]))
        for day in range(1, sends + 1):
            mailing = make_mailing(name=f"{name} · {day:02}.{month:02}.", role=Role.SEND, provider=parent.provider, status="finished", **facts)
            Send.objects.create(mailing=mailing, parent=parent, execution=execution, workflow=workflow, step="s3")
    return workflow, parent


def make_all() -> dict[str, Any]:
    """One of each kind."""
    campaign = Campaign.objects.create(name="Spring season", starts_on=date(2026, 3, 1), ends_on=date(2026, 5, 31))
    workflow, parent = make_recurring(campaign=campaign)
    mailing = make_mailing(name="Open evening", campaign=campaign)
    return {"campaign": campaign, "workflow": workflow, "parent": parent, "mailing": mailing}


def labels(page: str) -> list[str]:
    """What the lines of the list are called, in order."""
    table = page.partition("<tbody>")[2].partition("</tbody>")[0]
    return [re.sub(r"<[^>]+>", "", found).strip() for found in re.findall(r'<th scope="row".*?</i>\s*(.*?)\s*<span class="cell-sub">', table, re.DOTALL)]
