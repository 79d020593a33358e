"""A workflow's populations: query ∩ query − group over a million contacts, feeding an SMS step; beside the same sets in plain SQL."""

import time
from collections.abc import Callable
from functools import partial
from statistics import median
from typing import Any
from unittest.mock import patch

from django.db import connection, transaction

from benchmarks import audience, seed, stage
from benchmarks.result import Result
from campaigns.models import Mailing
from campaigns.models.mailing import Role
from workflows.engine import start
from workflows.engine.advance import advance
from workflows.graph import Graph
from workflows.models import Arrival, StepRun, Workflow
from workflows.services import workflows
from workflows.states import StepState

SIZE = 1_000_000
ROUNDS = 7
CHAIN = 40  # steps through which a mere sign travels: all that they take is the engine's own
FRENCH, BORN = {"q": "language", "test": "is", "value": ["fr"]}, {"q": "birth_date", "test": "filled"}
GROUP = 0  # the largest of the seed: 60 % of all people

# As somebody would write it who has the tables before them. Once in one statement that keeps nobody but those who are to be texted, and once with
# every set kept, as a workflow keeps them: they are what people look at on the canvas.
SETS = {
    "french": "SELECT id FROM contacts_contact WHERE deleted_at IS NULL AND language = 'fr'",
    "born": "SELECT id FROM contacts_contact WHERE deleted_at IS NULL AND birth_date IS NOT NULL",
    "members": "SELECT c.id FROM contacts_contact AS c JOIN contacts_membership AS m ON m.contact_id = c.id"
    " WHERE c.deleted_at IS NULL AND m.group_id = %(group)s",
}
AT_ONCE = f"INSERT INTO plain_chosen {SETS['french']} INTERSECT {SETS['born']} EXCEPT {SETS['members']}"
ONE_BY_ONE = [
    *[f"INSERT INTO plain_{name} {query}" for name, query in SETS.items()],
    "INSERT INTO plain_both SELECT id FROM plain_french INTERSECT SELECT id FROM plain_born",
    "INSERT INTO plain_chosen SELECT id FROM plain_both EXCEPT SELECT id FROM plain_members",
]
TABLES = ("french", "born", "members", "both", "chosen")


def run(size: int = SIZE) -> Result:
    """Seconds of each way, alternating, and what the engine adds to each step."""
    result = Result("workflow")
    with patch("smsapp.common.ring._publish"), stage.scratch_database():  # no bells: workers look at another database
        world = seed.fill(seed.Size(size, mailings=0, notes=0))
        stage.quiet_start()
        group = world.groups[GROUP]
        drawn, chain = _sets(world, group), _chain(group)
        _tables()
        ways = {"ours": partial(_begun, drawn), "sql": partial(_sql, [AT_ONCE], group), "sql_each_set_kept": partial(_sql, ONE_BY_ONE, group)}
        seconds = {name: [] for name in ways}  # type: dict[str, list[float]]
        for turn in range(ROUNDS + 1):
            for name, way in ways.items():
                took = _timed(way)
                seconds[name] += [took] if turn else []  # the first round warms them
        steps = [_timed(partial(_begun, chain)) / CHAIN for _turn in range(ROUNDS)]
        result.figures = _figures(drawn) | {f"{name}_s": median(values) for name, values in seconds.items()}
    result.figures |= {"engine_ms_per_step": 1000 * median(steps)}
    result.ratios = {"ours_vs_sql": audience.ratio(seconds, "ours", "sql"), "ours_vs_sql_each_set_kept": audience.ratio(seconds, "ours", "sql_each_set_kept")}
    result.notes += [f"{name}: {', '.join(f'{each:.2f}' for each in sorted(values))} s" for name, values in seconds.items()]
    result.notes.append(f"{size:,} people, {ROUNDS} rounds; ratios: of seconds, the median of each round's own; ours until the SMS step has its mailing")
    result.notes.append(f"engine: a run of {CHAIN} steps that do nothing, from its beginning to its end")
    return result


def _timed(work: Callable[[], object]) -> float:
    stage.checkpoint()
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


# --- ours ---


def _sets(world: seed.Seeded, group: int) -> Workflow:
    content = Mailing.objects.create(name="Measured", role=Role.CONTENT, provider_id=world.provider, sender="36111", text="Hello {contact.first_name}")
    kinds: list[tuple[str, dict[str, Any]]] = [
        ("query", {"rules": {"all": [FRENCH]}}),
        ("query", {"rules": {"all": [BORN]}}),
        ("intersection", {}),
        ("read_group", {"group": group}),
        ("exclusion", {}),
        ("sms", {"content": content.pk, "how": "single", "afterwards": "none", "confirm": True}),
    ]
    links = [("s1", "s3", "in"), ("s2", "s3", "in"), ("s3", "s5", "main"), ("s4", "s5", "minus"), ("s5", "s6", "in")]
    return _drawn(kinds, [(source, "out", target, port) for source, target, port in links])


def _chain(group: int) -> Workflow:
    kinds: list[tuple[str, dict[str, Any]]] = [("external_signal", {"by": "api"}), *[("test", {"number": 1})] * (CHAIN - 1)]
    links = [("s1", "out", "s2", "in"), *[(f"s{number}", "no", f"s{number + 1}", "in") for number in range(2, CHAIN)]]
    return _drawn(kinds, links)


def _drawn(kinds: list[tuple[str, dict[str, Any]]], links: list[tuple[str, str, str, str]]) -> Workflow:
    steps = [{"id": f"s{number}", "kind": kind, "options": options} for number, (kind, options) in enumerate(kinds, start=1)]
    graph = Graph.read({"steps": steps, "links": [dict(zip(("from", "out", "to", "port"), link, strict=True)) for link in links]})
    return workflows.create("Measured", None, graph=graph)


def _begun(workflow: Workflow) -> None:
    """A run from its beginning until nothing is left to do but to prepare its mailing."""
    start.restart(workflow, None)
    if "external_signal" in {node.kind for node in workflow.drawing.steps.values()}:
        with transaction.atomic():
            start.begin(Workflow.objects.select_for_update(of=("self",)).get(pk=workflow.pk), "s1", workflow.started_at)  # type: ignore[arg-type] # just started
    run = workflow.runs.latest("pk")
    advance(run.pk)
    states = {*StepRun.objects.filter(run=run).values_list("state", flat=True)}
    assert states <= {StepState.DONE, StepState.HELD}, f"it did not come to its end: {states}"


def _figures(workflow: Workflow) -> dict[str, float]:
    """How many people each step let go, which must be as many as plain SQL found."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM plain_chosen")
        found = cursor.fetchone()[0]
    arrivals = Arrival.objects.filter(run=workflow.runs.latest("pk"), out="out")
    sizes = {arrival.step: float(arrival.size or 0) for arrival in arrivals}
    assert sizes["s5"] == found, f"ours found {sizes['s5']}, SQL {found}"
    return {name: sizes[step] for name, step in (("query_1", "s1"), ("query_2", "s2"), ("both", "s3"), ("group", "s4"), ("left", "s5"))}


# --- plain ---


def _tables() -> None:
    with connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"CREATE TABLE plain_{name} (id bigint NOT NULL)")


def _sql(statements: list[str], group: int) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for name in TABLES:
            cursor.execute(f"TRUNCATE plain_{name}")
        for statement in statements:
            cursor.execute(statement, {"group": group})
