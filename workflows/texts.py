"""To which step of a workflow a text belongs, and what columns say of the people who come there, or leave another one."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from campaigns.columns import Column
from campaigns.models import Mailing
from campaigns.models.mailing import Role
from campaigns.vocabulary import Vocabulary
from contacts.models import Contact
from workflows.columns import coming_to, leaving
from workflows.graph import Node
from workflows.models import Arrival, Send, Workflow


def step_of(content: Mailing) -> tuple[Workflow, Node] | None:
    """The workflow and the step whose text it is."""
    workflow = Workflow.objects.filter(graph__steps__contains=[{"options": {"content": content.pk}}]).order_by("id").first()
    return next(((workflow, node) for node in workflow.drawing.steps.values() if node.options.get("content") == content.pk), None) if workflow else None


def columns_of(mailing: Mailing) -> list[Column]:
    """Of the people who come to its step: for the text itself as it is drawn now, for a send as it was drawn for its run."""
    if mailing.role != Role.CONTENT and mailing.population is None:
        return []
    send = Send.objects.select_related("run__drawing", "parent", "workflow").filter(mailing=mailing).first()
    if send and send.run:
        return _by_clock_of(send.workflow, coming_to(send.run.drawing.read(), send.step))
    found = step_of(send.parent if send else mailing)
    return _by_clock_of(found[0], coming_to(found[0].drawing, found[1].id)) if found else []


def _by_clock_of(workflow: Workflow, columns: Sequence[Column]) -> list[Column]:
    return [replace(column, zone=workflow.time_zone) for column in columns]


def last_population(content: Mailing) -> int | None:
    """Who came last to the step whose text it is."""
    if (found := step_of(content)) is None:
        return None
    workflow, node = found
    ways = {(link.source, link.out) for link in workflow.drawing.into(node.id)}
    came = Arrival.objects.filter(run__workflow=workflow, live=True, people__isnull=False, step__in=[source for source, _out in ways]).order_by("-id")[:20]
    return next((arrival.people_id for arrival in came if (arrival.step, arrival.out) in ways), None)


def tell(arrival: Arrival, people: Iterable[Contact]) -> list[str]:
    """Give each of those who left a step `more`: what its columns say of them now; the answer are the names of the columns."""
    columns = _by_clock_of(arrival.run.workflow, leaving(arrival.run.drawing.read()).get(arrival.step, ()))
    words = Vocabulary.of("", added=columns)
    words.complete(people)
    for person in people:
        values = words.own(person)
        person.more = [(column.label, values.get(column.token, "")) for column in columns]  # type: ignore[attr-defined]
    return [column.label for column in columns]
