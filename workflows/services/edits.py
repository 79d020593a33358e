"""Changes of a drawing as people make them: each takes the drawing and gives the next one. Raises WorkflowError with a sentence."""

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from workflows.errors import WorkflowError
from workflows.graph import IGNORE, LONGEST_LABEL, SUSPEND, Graph, Link, Node
from workflows.steps import registry
from workflows.steps.base import StepKind


def node_of(graph: Graph, step: str) -> Node:
    """The step; somebody may have removed it."""
    if step not in graph.steps:
        raise WorkflowError("no_step", _("This step no longer exists."))
    return graph.steps[step]


def _kind(name: str) -> StepKind:
    kind = registry.get(name)
    if kind is None:
        raise WorkflowError("unknown_kind", _("This kind of step does not exist (any longer). Remove it."))
    return kind


def add(graph: Graph, kind: str, after: str = "", out: str = "") -> Graph:
    """One more step; behind another one where that makes sense, at the exit that is named, else at a free one, else at the first. What followed
    there follows behind the new step; where nothing can, it stands beside."""
    made = _kind(kind)
    node = Node(graph.free_id(), kind)
    grown = graph.with_step(node)
    before = graph.steps.get(after)
    if before is None or made.most == 0:
        return grown
    source = _kind(before.kind)
    if not out:
        if made.makes_people and not source.begins:
            return grown  # another beginning of people
        out = next(iter([*free_outs(graph, after), *registry.known_shape(before).outs]), "")
    followed, ways = graph.out_of(after).get(out), registry.known_shape(node).outs
    if out not in registry.known_shape(before).outs or (followed and not ways):
        return grown
    grown = grown.with_link(Link(after, out, node.id, made.ports[0][0]))
    return grown.with_link(Link(node.id, ways[0], followed.target, followed.port)) if followed and ways else grown


def free_outs(graph: Graph, step: str) -> list[str]:
    """Exits of a step at which nothing is joined."""
    return [out for out in registry.known_shape(graph.steps[step]).outs if out not in graph.out_of(step)]


def copy(graph: Graph, step: str) -> Graph:
    """The same step once more, not joined to anything."""
    return graph.with_step(replace(node_of(graph, step), id=graph.free_id()))


def remove(graph: Graph, step: str) -> Graph:
    """One step less."""
    node_of(graph, step)
    return graph.without_step(step)


def connect(graph: Graph, step: str, out: str, to: str, port: str = "") -> Graph:
    """Let an exit lead to a step; to its main entrance while that is free. An empty one leads nowhere."""
    node = node_of(graph, step)
    out = out or next(iter(free_outs(graph, step)), "")
    if not to:
        return graph.without_link(step, out)
    if out not in registry.known_shape(node).outs:
        raise WorkflowError("no_out", _("Each exit of this step leads somewhere already. Change where one leads, or put a fork behind it."))
    target = node_of(graph, to)
    kind = _kind(target.kind)
    if to == step:
        raise WorkflowError("itself", _("A step cannot lead to itself."))
    if kind.most == 0:
        raise WorkflowError("begins", _("Nothing leads into this step: it begins a run."))
    names = [name for name, _label in kind.ports]
    if port not in names:
        port = names[-1] if any(link.port == names[0] for link in graph.into(to)) else names[0]
    return graph.with_link(Link(step, out, to, port))


def name(graph: Graph, step: str, label: str, errors: str) -> Graph:
    """What a step is called, and what an error in it does."""
    return graph.with_step(replace(node_of(graph, step), label=label.strip()[:LONGEST_LABEL], errors=IGNORE if errors == IGNORE else SUSPEND))


def choose(graph: Graph, step: str, options: dict[str, Any]) -> Graph:
    """What people chose for a step; links at exits that it no longer has go."""
    node = replace(node_of(graph, step), options=options)
    grown = graph.with_step(node)
    for out in grown.out_of(step).keys() - {*registry.known_shape(node).outs}:
        grown = grown.without_link(step, out)
    return grown
