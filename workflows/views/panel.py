"""What stands beside the canvas: the chosen step with its tabs, or the chosen link."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from smsapp.common import clock
from workflows.forms.own import LinkForm, OwnForm
from workflows.graph import Graph
from workflows.models import Workflow
from workflows.recurrence import Rule, RuleProblem, next_runs
from workflows.services import workflows
from workflows.services.sends import SENDS
from workflows.steps import registry
from workflows.steps.base import StepForm
from workflows.steps.scheduler import rule_of
from workflows.views import signals
from workflows.views.picture import Cell, Exit, Picture

Form = StepForm | OwnForm | LinkForm


@dataclass(frozen=True, slots=True)
class Choice:
    """What is chosen on the canvas: a step with one of its tabs, or an exit as step.out; `form` came back with something wrong."""

    step: str = ""
    tab: str = ""
    at: str = ""
    form: Form | None = None

    @classmethod
    def of(cls, values: Any) -> "Choice":
        """From an address."""
        return cls(values.get("step", ""), "step" if values.get("tab") == "step" else "", values.get("at", ""))

    def stands_on(self, graph: Graph) -> bool:
        """Whether it can still be chosen."""
        step, _dot, out = self.at.partition(".")
        return out in registry.known_shape(graph.steps[step]).outs if step in graph.steps else self.step in graph.steps


def of(request: HttpRequest, workflow: Workflow, picture: Picture, choice: Choice) -> dict[str, Any]:
    """For the templates."""
    if choice.form and not choice.stands_on(picture.graph):
        return {"lost": Lost.of(choice.form), "who": workflows.last_author(workflow, request.user)}
    if picture.chosen:
        return _step(request, workflow, picture, picture.chosen, choice)
    if picture.chosen_exit:
        return {"exit": picture.chosen_exit, "form": choice.form or LinkForm(picture=picture, chosen=picture.chosen_exit), "movable": _movable(picture)}
    return {}


def _step(request: HttpRequest, workflow: Workflow, picture: Picture, cell: Cell, choice: Choice) -> dict[str, Any]:
    context: dict[str, Any] = {"cell": cell, "tab": choice.tab, "ways": _ways(picture, cell), "left": [one for one in cell.exits if one.arrival]}
    if choice.tab == "step":
        return context | {"form": choice.form or OwnForm(picture=picture, cell=cell)}
    if cell.kind:
        context |= cell.kind.tells(cell.node)
        context["form"] = choice.form or cell.kind.form(workflow=workflow, node=cell.node, user=request.user)
    if cell.node.kind == "external_signal" and request.user.has_perms([SENDS, "workflows.run_workflow"]):
        context["signal_address"] = request.build_absolute_uri(signals.address(workflow.pk, cell.node.id))
    if cell.node.kind == "scheduler":
        context["coming"] = coming(workflow, _rule(cell), cell.node.id)
    return context


def _ways(picture: Picture, cell: Cell) -> list[tuple[Any, str]]:
    """(what its link is, the step that it comes from) of a step whose links are not all alike."""
    ports = dict(cell.kind.ports) if cell.kind and len(cell.kind.ports) > 1 else {}
    came = [(list(ports).index(link.port), ports[link.port], picture.names[link.source]) for link in picture.graph.into(cell.node.id) if link.port in ports]
    return [(label, name) for _place, label, name in sorted(came, key=lambda one: one[0])]


@dataclass(frozen=True, slots=True)
class Lost:
    """What somebody typed beside a step, or a transition, that another one removed meanwhile: it cannot be saved, and is shown to be copied."""

    name: str
    typed: list[tuple[str, str]]

    @classmethod
    def of(cls, form: Form) -> "Lost":
        """As far as it differs from what was kept."""
        name = form.exit.name if isinstance(form, LinkForm) else registry.name_of(form.node)
        return cls(name, [(str(field.label), said) for field in form if field.name in form.changed_data and (said := _said(field))])


def _said(field: Any) -> str:
    """What a field holds, in words."""
    value = field.value()
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    chosen = {str(one) for one in (value if isinstance(value, list) else [value])}
    named = [str(label) for key, label in getattr(field.field, "choices", ()) if str(key) in chosen]
    return ", ".join(named) or str(value or "")


def _rule(cell: Cell) -> Rule | None:
    try:
        return rule_of(cell.node) if cell.node.options.get("rule") else None
    except RuleProblem:
        return None  # the step says what is wrong with it


def coming(workflow: Workflow, rule: Rule | None, step: str) -> dict[str, Any]:
    """The next runs, by the clock of the workflow, and which days the rule leaves out."""
    zone, other = workflow.time_zone, rule.zone if rule else ""
    runs = next_runs(_still(workflow, rule, step), clock.now()) if rule else None
    return {"runs": runs, "zone": zone, "other_zone": other if other != zone else "", "short": rule.day if rule and rule.skips_short_months else 0}


def _still(workflow: Workflow, rule: Rule, step: str) -> Rule:
    """A rule as it is carried out already has fewer times left."""
    schedule = workflow.schedules.filter(step=step).first()
    node = workflow.started.read().steps.get(step) if workflow.started and schedule else None
    if schedule is None or schedule.left is None or node is None or node.options.get("rule") != rule.as_json():
        return rule
    return replace(rule, after=schedule.left)


def _movable(picture: Picture) -> Iterable[tuple[str, str]]:
    """Steps that could stand at the chosen exit."""
    chosen: Exit | None = picture.chosen_exit
    before = {chosen.step, *picture.graph.before(chosen.step)} if chosen else set()
    return [(cell.node.id, cell.name) for cell in picture.cells if cell.node.id not in before and (not cell.kind or cell.kind.most != 0)]
