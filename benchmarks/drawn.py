"""Workflows beside a million people, for the pages that show them: birthdays of three months, and a drawing of fifty steps whose run is under way."""

from typing import Any

from campaigns.models import Mailing
from campaigns.services import made
from campaigns.texts import Texts
from smsapp.demo import birthdays
from workflows import ready
from workflows.engine import start
from workflows.graph import Graph, Link, Node
from workflows.models import Workflow
from workflows.services import ready_made, workflows

ZONE = "Europe/Paris"
MORNING = {"every": "day", "times": ["09:00"], "from": "2026-01-01", "zone": ZONE}
FRENCH = {"all": [{"q": "language", "test": "is", "value": ["fr"]}]}
CHAPTERS, LONG = 6, 8  # the large drawing: chapters of so many steps, one behind the other


def make_birthdays() -> tuple[Workflow, Mailing]:
    """Texted every morning for three months, and the text of all these sends."""
    chosen = ready.get("birthday")
    assert chosen is not None
    workflow = ready_made.make(chosen, None, time_zone=ZONE)
    birthdays.make_birthdays(workflow, None)
    return workflow, Mailing.objects.get(pk=workflow.drawing.steps["s3"].options["content"])


def make_large(group: int) -> Workflow:
    """A scheduler, six chapters and an end: fifty steps, started, with a run that has begun."""
    graph = Graph().with_step(Node("s1", "scheduler", options={"rule": MORNING}))
    for number in range(CHAPTERS):
        graph = _chapter(graph, 1 + number * LONG, group)
    last = 1 + CHAPTERS * LONG
    graph = graph.with_step(Node(f"s{last + 1}", "end")).with_link(Link(f"s{last}", "out", f"s{last + 1}"))
    workflow = workflows.create("Fifty steps", None, graph=graph, time_zone=ZONE)
    start.run_now(start.start(workflow, None), "s1", None)
    return workflow


def _chapter(graph: Graph, before: int, group: int) -> Graph:
    """A fork to a query and a group, who is in both, each number once, a test, a text, a day: behind a step."""
    content = made.keep_content(f"Chapter {before}", None, texts=Texts("Good morning {contact.first_name|friend}. STOP 36111", "en"))
    steps: list[tuple[str, dict[str, Any]]] = [
        ("fork", {}), ("query", {"rules": FRENCH}), ("read_group", {"group": group}), ("intersection", {}), ("deduplication", {}),
        ("test", {"number": 1}), ("sms", {"content": content.pk, "how": "single", "afterwards": "same"}), ("wait", {"amount": 1, "unit": "days"}),
    ]  # fmt: skip
    fork, query, members, both, once, test, sms, wait = (f"s{before + 1 + place}" for place in range(LONG))
    for place, (kind, options) in enumerate(steps):
        graph = graph.with_step(Node(f"s{before + 1 + place}", kind, options=options))
    ways = [(f"s{before}", "out", fork), (fork, "way1", query), (fork, "way2", members), (query, "out", both), (members, "out", both), (both, "out", once)]
    for source, out, target in [*ways, (once, "out", test), (test, "yes", sms), (sms, "out", wait)]:
        graph = graph.with_link(Link(source, out, target))
    return graph


def paths(workflow: Workflow, content: Mailing, large: Workflow) -> dict[str, str]:
    """Addresses of their pages, by name."""
    sms, home, fifty = f"/workflows/sms/{content.pk}/", f"/workflows/{workflow.pk}/", f"/workflows/{large.pk}/"
    period = content.executions.earliest("first")
    return {
        "workflows": "/workflows/", "activities": "/workflows/activities/", "activities_recurring": "/workflows/activities/?recurring=on",
        "activities_sends": "/workflows/activities/?recurring=on&kind=send", "activities_label": "/workflows/activities/?recurring=on&q=birthday",
        "sms_dashboard": sms, "sms_details": f"{sms}details/", "sms_sends": f"{sms}details/?by=sends", "sms_period": f"{sms}periods/{period.pk}/",
        "sms_log": f"{sms}log/", "sms_left_out": f"{sms}log/?part=left-out", "sms_causes": f"{sms}log/?part=causes",
        "workflow_runs": f"{home}runs/", "workflow_run": f"{home}runs/60/", "workflow_log": f"{home}log/",
        "canvas": home, "canvas_50_steps": fifty, "canvas_50_scheduler": f"{fifty}?step=s1", "canvas_50_query": f"{fifty}?step=s3",
        "canvas_50_sms": f"{fifty}?step=s8", "canvas_50_options": f"{fifty}?step=s8&tab=step", "canvas_50_live": f"{fifty}live/?mark=none-0&seen=1",
    }  # fmt: skip
