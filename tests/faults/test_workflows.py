"""A workflow's run is broken at every point of its life: the worker is killed, or its connection is cut. Each step happens once, and each person is
texted once."""

import os
import signal
import threading
from contextlib import suppress

import psycopg
import pytest
from django.contrib.auth import get_user_model
from django.db import Error as DatabaseFault
from django.db import connection, connections
from django.db.models.functions import Now
from django.test import override_settings

from campaigns.models import Mailing, Message
from campaigns.services import made
from campaigns.statuses import MailingStatus
from campaigns.tests.factories import make_provider, make_template
from contacts.models import Group
from smsapp.common import ring
from smsapp.roles import give_role
from tests.faults.invariants import invariants
from tests.faults.people import RATE, crowd
from workflows.engine import start
from workflows.models import Run, RunLog, Schedule, StepRun, Workflow
from workflows.states import RunState, StepState
from workflows.tests.factories import drawn, group_step, make_workflow, query
from workflows.tests.working import prepare_and_send, work

pytestmark = pytest.mark.processes
PEOPLE = 3
DAILY = {"every": "day", "times": ["00:00", "06:00", "12:00", "18:00"], "from": "2026-01-01", "zone": "Europe/Paris"}


# --- a run from its scheduler to its last group ---


@pytest.fixture
def marketer(world):
    user = get_user_model().objects.create_user("marketer")
    give_role(user, "Marketer")
    return user


def due_now(group, marketer) -> Workflow:
    """Scheduler → query ∩ group → SMS, unasked → those texted into a new group; its time has come."""
    provider = make_provider(rate=RATE)
    content = made.keep_content("Birthday", marketer, template=make_template("Hello {contact.first_name}", provider=provider, sender="36111"))
    saved = Group.objects.create(name=f"Texted {content.pk}")
    steps = {
        "s1": ("scheduler", {"rule": DAILY}), "s2": query(q="first_name", test="filled"), "s3": group_step(group), "s4": ("intersection", {}),
        "s5": ("sms", {"content": content.pk, "how": "recurring", "period": "month", "afterwards": "texted", "confirm": False}),
        "s6": ("save_group", {"how": "add", "group": saved.pk}),
    }  # fmt: skip
    workflow = start.start(make_workflow(drawn(steps, "s1 s2", "s2 s4", "s3 s4", "s4 s5", "s5 s6"), marketer), marketer)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflows_schedule SET next_at = now() - interval '1 second' WHERE workflow_id = %s", [workflow.pk])  # whatever the hour
    return workflow


def is_over(workflow) -> bool:
    return Run.objects.filter(workflow=workflow, state=RunState.FINISHED).exists()


def outcome(workflow) -> dict:
    """Everything that a run leaves behind, which must be the same whatever happened on the way."""
    run = Run.objects.get(workflow=workflow)
    mailing = Mailing.objects.get(made_by__run=run)
    saved = Group.objects.get(pk=workflow.drawing.steps["s6"].options["group"])
    return {
        "run": run.state,
        "steps": {step.step: (step.state, step.came_in) for step in run.steps.all()},
        "links": {(one.step, one.out): (one.live, one.size) for one in run.arrivals.all()},
        "mailing": (mailing.status, mailing.targeted, mailing.audience_size),
        "texts": sorted(Message.objects.filter(mailing=mailing).values_list("number", "status")),
        "saved": sorted(saved.memberships.values_list("contact__sms_number", flat=True)),
        "log": sorted(RunLog.objects.filter(workflow=workflow).values_list("step", "is_error")),
        "schedule": Schedule.objects.get(workflow=workflow).next_at is not None,
    }


# --- at every statement, in this process and in forked ones ---


class Moments:
    """Counts what happens on this process's connection: before each statement, before and after each commit. Acts once, at the so-manieth."""

    def __init__(self, at: int, act) -> None:
        self.at, self.act, self.count = at, act, 0
        self._commit = connection._commit

    def look(self) -> None:
        self.count += 1
        if self.count == self.at:
            self.act()

    def statement(self, execute, *arguments):
        self.look()
        return execute(*arguments)

    def commit(self) -> None:
        self.look()
        self._commit()
        self.look()

    def __enter__(self):
        self._wrapping = connection.execute_wrapper(self.statement)
        self._wrapping.__enter__()
        connection._commit = self.commit
        return self

    def __exit__(self, *facts) -> None:
        del connection._commit
        self._wrapping.__exit__(*facts)


def killed_at(moment: int) -> bool:
    """A worker, in a process of its own, that kills itself at a moment of its work; False when it had come to its end before."""
    connections.close_all()
    worker = os.fork()
    if not worker:
        with suppress(BaseException), Moments(moment, lambda: os.kill(os.getpid(), signal.SIGKILL)):
            prepare_only()
        os._exit(0)
    return os.WIFSIGNALED(os.waitpid(worker, 0)[1])


def cut_at(moment: int) -> bool:
    """A worker whose connection is cut at a moment; False when it had come to its end before."""
    cut = []

    def act() -> None:
        cut.append(connection.connection.info.backend_pid)
        with psycopg.connect(_address(), autocommit=True) as other:
            other.execute("SELECT pg_terminate_backend(%s, 5000)", cut)

    with suppress(DatabaseFault, psycopg.Error), Moments(moment, act):
        prepare_only()
    connections.close_all()
    return bool(cut)


def _address() -> str:
    facts = connection.settings_dict
    return psycopg.conninfo.make_conninfo(
        host=facts["HOST"], port=facts["PORT"], user=facts["USER"], password=facts["PASSWORD"], dbname=facts["NAME"],
    )  # fmt: skip


def prepare_only() -> None:
    """All that workflows' own workers do; what the gateway is told has tests of its own."""
    work(rounds=3, sending=False)


@pytest.fixture
def bells_are_lost(monkeypatch, world):
    """Nobody is told of anything, and the gateway is the world's."""
    monkeypatch.setattr(ring, "_publish", lambda *arguments: None)
    with override_settings(SIMULATOR_URL=world.gateway.url, SEND_SLICE_SECONDS=1.0):
        yield


def broken_at_each(workflows, breaks, first: int, every: int, expected: dict) -> int:
    """Break a run at each so-manieth moment, a new run each time, and let others end it; how many were broken."""
    moment, broken = first, 0
    for workflow in workflows:
        if not breaks(moment):
            finish(workflow)
            return broken
        finish(workflow)
        assert outcome(workflow) == expected, f"broken at moment {moment}"
        moment, broken = moment + every, broken + 1
    raise AssertionError


def finish(workflow) -> None:
    """Workers that nothing happens to."""
    for _look in range(6):
        look_now()
        work()
        if is_over(workflow):
            return
    raise AssertionError(f"it did not end: {[*StepRun.objects.filter(run__workflow=workflow).values_list('step', 'state', 'tries', 'problem')]}")


def look_now() -> None:
    """Steps look at their mailings each minute; a test does not wait."""
    StepRun.objects.filter(state=StepState.HELD).update(due_at=Now())


def beginning(group, marketer):
    """Runs that are due and not begun."""
    while True:
        yield due_now(group, marketer)


def sent(group, marketer):
    """Runs whose texts have left, and whose step has not heard of it."""
    for workflow in beginning(group, marketer):
        look_now()
        work(rounds=3, sending=False)
        prepare_and_send(Mailing.objects.get(made_by__workflow=workflow))
        look_now()
        yield workflow


BREAKS = {"the worker is killed": killed_at, "the connection is cut": cut_at}


@pytest.mark.usefixtures("bells_are_lost")
@pytest.mark.parametrize("how", BREAKS)
@pytest.mark.parametrize("every", [pytest.param(29, marks=pytest.mark.short, id="here and there"), pytest.param(1, id="everywhere")])
def test_a_run_is_broken_at_each_moment_and_ends_the_same(world, marketer, how, every):
    group = crowd(PEOPLE)
    finish(whole := due_now(group, marketer))
    begun = broken_at_each(beginning(group, marketer), BREAKS[how], min(every, 7), every, outcome(whole))
    ended = broken_at_each(sent(group, marketer), BREAKS[how], min(every, 5), every, outcome(whole))
    assert begun > 150 // every and ended > 50 // every, "they came to their ends too soon to prove anything"
    invariants(world)


# --- with real workers and beat ---


def judged(world, workflow) -> None:
    """It ended as if nothing had happened."""
    world.wait(lambda: is_over(workflow), "the end of the run", 90)
    run = Run.objects.get(workflow=workflow)
    assert {state for _step, state in run.steps.values_list("step", "state")} == {StepState.DONE}
    saved = Group.objects.get(pk=workflow.drawing.steps["s6"].options["group"])
    assert saved.memberships.count() == Message.objects.count() == PEOPLE == len(world.log())
    assert Mailing.objects.filter(made_by__workflow=workflow, status=MailingStatus.FINISHED).count() == 1
    assert RunLog.objects.filter(workflow=workflow, words__contains="began").count() == 1
    invariants(world)


WORKERS = "urgent bulk background"
BREAKING = "tests.faults.breaking"
MOMENTS = [
    "a step is to begin, scheduler", "a step is to begin, intersection", "a step is unwritten, query",
    pytest.param("a step is unwritten, sms", marks=pytest.mark.short), "a step is written, sms", "a step is to begin, save_group",
    "a step is unwritten, save_group", "a step is written, save_group",
]  # fmt: skip


@pytest.mark.parametrize("moment", MOMENTS)
def test_all_workers_and_beat_are_killed_while_a_step_is_carried_out(world, marketer, moment):
    workflow = due_now(crowd(PEOPLE), marketer)
    where, kind = moment.split(", ")
    machine = world.machine(workers=WORKERS, include=BREAKING, BREAK_AT=where, BREAK_STEP=kind, BREAK_ONCE=str(world.home / "broken"))
    world.wait(lambda: not machine["background"].lives(), "the death of the worker")
    machine.kill()
    assert not is_over(workflow) or moment.endswith("save_group")
    world.machine(workers=WORKERS)
    judged(world, workflow)


def test_connections_are_cut_again_and_again(world, marketer):
    workflow = due_now(crowd(PEOPLE), marketer)
    over = threading.Event()

    def cut() -> None:
        with psycopg.connect(world.postgres.url(), autocommit=True) as other:
            while not over.wait(0.7):
                other.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")

    cutting = threading.Thread(target=cut)
    cutting.start()
    world.machine(workers=WORKERS, wait=False)
    over.wait(20)
    over.set()
    cutting.join()
    connection.close()
    judged(world, workflow)
