"""Every road by which a workflow's texts could leave, each walked by somebody with a role."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from typing import Any

from campaigns.models import Mailing
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings
from campaigns.statuses import MailingStatus
from campaigns.texts import Texts
from smsapp.common import clock
from workflows import ready
from workflows.engine import start, wake
from workflows.engine.advance import advance
from workflows.models import Run, Schedule, StepRun, Workflow
from workflows.services import edits, ready_made, workflows
from workflows.states import RunState, StepState
from workflows.tests.factories import drawn, group_step, make_workflow
from workflows.views.signals import address

DAILY = {"rule": {"every": "day", "times": ["09:00"], "from": "2026-01-01", "zone": "Europe/Paris"}}


@dataclass
class Scene:
    """A marketer's text that asks nobody before it leaves, and somebody who acts, as which role."""

    marketer: Any
    actor: Any
    client: Any
    content: Mailing
    group: Any

    def sms(self, **options: Any) -> tuple[str, dict[str, Any]]:
        return "sms", {"content": self.content.pk, "how": "single", "afterwards": "none", "confirm": False, **options}

    def workflow(self, *, scheduled: bool = False, between: Any = None, by: Any = None) -> Workflow:
        """Group → SMS, as the marketer drew it; after a scheduler, with something between."""
        steps = {**({"s0": ("scheduler", DAILY)} if scheduled else {}), "s1": group_step(self.group), **({"s2": between} if between else {}), "s3": self.sms()}
        return make_workflow(drawn(steps, *[f"{one} {other}" for one, other in pairwise(steps)]), by or self.marketer)

    def posts(self, url: str, **data: Any) -> Any:
        return self.client.post(url, data)

    def does(self, workflow: Workflow, action: str) -> None:
        assert self.posts(f"/workflows/{workflow.pk}/run/{action}/").status_code == 302

    def does_step(self, workflow: Workflow, step: str, action: str) -> None:
        assert self.posts(f"/workflows/{workflow.pk}/steps/{step}/{action}/").status_code == 302


def time_comes(workflow: Workflow) -> None:
    """Its scheduler begins a run."""
    Schedule.objects.filter(workflow=workflow).update(next_at=clock.now() - timedelta(seconds=2))
    wake.tick()
    go_on()


def go_on() -> None:
    """As workers do it, but for the calls."""
    for _look in range(3):
        StepRun.objects.filter(state=StepState.HELD).update(due_at=clock.now())
        for run in Run.objects.filter(state=RunState.RUNNING):
            advance(run.pk)
        for mailing in Mailing.objects.filter(status=MailingStatus.PREPARING):
            prepare(mailing.pk)


def start_it(scene: Scene) -> None:
    scene.does(scene.workflow(), "start")


def start_it_by_the_scheduler(scene: Scene) -> None:
    workflow = scene.workflow(scheduled=True)
    scene.does(workflow, "start")
    time_comes(workflow)


def restart_it(scene: Scene) -> None:
    workflow = start.start(scene.workflow(scheduled=True), scene.marketer)
    scene.does(workflow, "restart")
    time_comes(workflow)


def stop_and_start_it(scene: Scene) -> None:
    workflow = start.start(scene.workflow(scheduled=True), scene.marketer)
    scene.does(workflow, "stop")
    scene.does(workflow, "start")
    time_comes(workflow)


def begin_a_run_out_of_its_time(scene: Scene) -> None:
    workflow = start.start(scene.workflow(scheduled=True), scene.marketer)
    scene.does_step(workflow, "s0", "run-now")


def hurry_a_wait(scene: Scene) -> None:
    workflow = start.start(scene.workflow(scheduled=True, between=("wait", {"amount": 3, "unit": "days"})), scene.marketer)
    time_comes(workflow)
    scene.does_step(workflow, "s2", "run-now")


def resume_what_was_paused(scene: Scene) -> None:
    workflow = start.start(scene.workflow(scheduled=True), scene.marketer)
    start.pause(workflow, scene.marketer)
    scene.does(workflow, "resume")
    time_comes(workflow)


def let_a_suspended_step_go(scene: Scene) -> None:
    workflow = start.start(scene.workflow(scheduled=True), scene.marketer)
    start.suspend(workflow, "s3", scene.marketer)
    time_comes(workflow)
    scene.does_step(workflow, "s3", "release")


def post_to_the_address_of_a_signal(scene: Scene) -> None:
    steps = {"s1": ("external_signal", {"by": "api"}), "s2": group_step(scene.group), "s3": scene.sms()}
    workflow = make_workflow(drawn(steps, "s1 s2", "s2 s3"), scene.marketer)
    scene.does(workflow, "start")
    assert scene.posts(address(workflow.pk, "s1")).status_code == 202


def end_the_workflow_that_another_follows(scene: Scene) -> None:
    first = make_workflow(drawn({"s1": group_step(scene.group), "s2": ("end", {})}, "s1 s2"), scene.marketer)
    steps = {"s1": ("external_signal", {"by": "workflow", "workflow_ended": first.pk}), "s2": group_step(scene.group), "s3": scene.sms()}
    start.start(make_workflow(drawn(steps, "s1 s2", "s2 s3"), scene.marketer), scene.marketer)
    scene.does(first, "start")


def write_another_text(scene: Scene) -> None:
    workflow = start.start(scene.workflow(scheduled=True), scene.marketer)
    write(scene.content, scene.actor)
    time_comes(workflow)


def write_another_text_in_the_mailing_itself(scene: Scene) -> None:
    workflow = start.start(scene.workflow(scheduled=True), scene.marketer)
    Schedule.objects.update(next_at=clock.now() - timedelta(seconds=2))
    wake.tick()
    advance(workflow.runs.get().pk)
    mailing = Mailing.objects.get(made_by__workflow=workflow)
    prepare(mailing.pk)
    mailing.refresh_from_db()
    mailings.prepare(write(mailing, scene.actor), scene.actor)


def copy_it_and_start_the_copy(scene: Scene) -> None:
    scene.posts(f"/workflows/{scene.workflow().pk}/copy/")
    scene.does(Workflow.objects.latest("pk"), "start")


def let_the_sender_start_a_copy_of_the_text(scene: Scene) -> None:
    """The text of the copy is whoever copied it responsible for."""
    workflow = scene.workflow()
    scene.posts(f"/workflows/{workflow.pk}/draw/", do="copy", step="s3", version=str(workflow.version))
    workflow.refresh_from_db()
    graph = edits.remove(edits.connect(workflow.drawing, "s1", "out", "s4"), "s3")
    start.start(workflows.draw(workflow, scene.marketer, workflow.version, lambda _graph: graph), scene.marketer)


def bring_back_an_older_drawing_and_start_it(scene: Scene) -> None:
    workflow = scene.workflow()
    asked = scene.sms(confirm=True)[1]
    workflow = workflows.draw(workflow, scene.marketer, workflow.version, lambda graph: edits.choose(graph, "s3", asked))
    scene.posts(f"/workflows/{workflow.pk}/draw/", do="undo", version=str(workflow.version))
    workflow.refresh_from_db()
    assert workflow.drawing.steps["s3"].options["confirm"] is False
    scene.does(workflow, "start")


def say_that_somebody_else_owns_it(scene: Scene) -> None:
    workflow = scene.workflow(scheduled=True, by=scene.actor)
    scene.does(workflow, "start")
    facts = {name: str(scene.marketer.pk) for name in ("author", "started_by", "resumed_by", "owner", "by")}
    scene.posts(f"/workflows/{workflow.pk}/edit/", label="Other", campaign="", time_zone="Europe/Paris", history_days="30", **facts)
    time_comes(workflow)


def start_a_ready_made_one(scene: Scene) -> None:
    """Its confirmation may have been taken off by somebody who may send."""
    found = ready.get("birthday")
    assert found is not None
    workflow = ready_made.make(found, scene.marketer)
    content = Mailing.objects.get(pk=workflow.drawing.steps["s3"].options["content"])
    write(content, scene.marketer)
    with_everybody = {"rules": {"all": [{"q": "first_name", "test": "filled"}]}}
    chosen = {**workflow.drawing.steps["s3"].options, "confirm": False}
    workflow = workflows.draw(workflow, scene.marketer, workflow.version, lambda graph: edits.choose(edits.choose(graph, "s2", with_everybody), "s3", chosen))
    scene.does(workflow, "start")
    time_comes(workflow)


def write(mailing: Mailing, by: Any) -> Mailing:
    mailing.refresh_from_db()
    return mailings.save_content(mailing, by=by, version=mailing.version, provider=mailing.provider, sender=mailing.sender, texts=Texts("Other words", "", {}))

ROADS: list[Callable[[Scene], None]] = [
    start_it, start_it_by_the_scheduler, restart_it, stop_and_start_it, begin_a_run_out_of_its_time, hurry_a_wait, resume_what_was_paused,
    let_a_suspended_step_go, post_to_the_address_of_a_signal, end_the_workflow_that_another_follows, write_another_text,
    write_another_text_in_the_mailing_itself, copy_it_and_start_the_copy, let_the_sender_start_a_copy_of_the_text,
    bring_back_an_older_drawing_and_start_it, say_that_somebody_else_owns_it, start_a_ready_made_one,
]  # fmt: skip
