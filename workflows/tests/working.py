"""Workers beside a test: whatever is due now is carried out, prepared and sent, as the real ones do it."""

from collections.abc import Iterable
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

from campaigns.models import Mailing
from campaigns.pipeline import deliver, finish
from campaigns.pipeline.prepare import prepare
from campaigns.statuses import MailingStatus
from workflows import sets
from workflows.engine import wake
from workflows.engine.advance import advance
from workflows.graph import Node
from workflows.models import PeopleSet, Run, Workflow
from workflows.states import RunState
from workflows.steps import registry
from workflows.steps.base import Came, Done, Work

NOW = datetime(2027, 3, 1, 8, 0, tzinfo=UTC)


def work(rounds: int = 4, *, sending: bool = True) -> None:
    """Ticks, runs, preparations and texts, until nothing of it goes on or so many rounds were made. Without `sending` texts wait."""
    wake.tick()
    for _round in range(rounds):
        going = [*Run.objects.filter(state=RunState.RUNNING).values_list("pk", flat=True)]
        for run in going:
            advance(run)
        moving = [MailingStatus.PREPARING, *([MailingStatus.SENDING] if sending else [])]
        sent = [prepare_and_send(mailing) for mailing in Mailing.objects.filter(status__in=moving)]
        if not going or not (sent or Run.objects.filter(state=RunState.RUNNING).exists()):
            return


def prepare_and_send(mailing: Mailing) -> None:
    """As far as it may go."""
    if mailing.status == MailingStatus.PREPARING:
        prepare(mailing.pk)
        return
    for _slice in range(2):
        deliver.run_slice(cast(int, mailing.provider_id), urgent_only=False)
    finish.finish()


# --- one step alone ---


def people(ids: Iterable[int]) -> PeopleSet:
    """A population of these contacts, whether they exist or not."""
    return sets.save("SELECT unnest(%s::bigint[])", [list(ids)])


def ids(population: PeopleSet | None) -> set[int] | None:
    """The contacts of a population, which must say its size rightly and have each once; None is a mere sign to go on."""
    if population is None:
        return None
    found = [*population.ids().values_list("contact", flat=True)]
    assert len(found) == len(set(found)) == population.size
    return set(found)


def performed(kind: str, *came: Any, missing: int = 0, workflow: Any = None, **options: Any) -> dict[str, set[int] | None]:
    """What leaves a step alone by which output. What comes in are ids, or None for a mere sign; ("port", ids) at another entrance."""
    ports = [port if isinstance(port, tuple) else (registry.kinds()[kind].ports[0][0], port) for port in came]
    arrived = [Came(port, f"s{place}", None if them is None else people(them)) for place, (port, them) in enumerate(ports, start=2)]
    run: Any = SimpleNamespace(number=1)
    found, node = registry.kinds()[kind], Node("s1", kind, options=options)
    joined = registry.known_shape(node).outs
    done = found.perform(Work(workflow or Workflow(time_zone="Europe/Paris"), run, node, arrived, NOW, missing, joined=joined))
    assert isinstance(done, Done), "it waits"
    return {out: ids(them) for out, them in done.outs.items()}
