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
    node = Node(graph.free_id(), made.kind)
    grown = graph.with_step(node)
    try:
        return _placed(grown, node, after, out)
    except WorkflowError:
        return grown


def _placed(graph: Graph, node: Node, after: str, out: str) -> Graph:
    """A step to which nothing is joined: behind another one, or between it and what followed."""
    made, before = _kind(node.kind), graph.steps.get(after)
    if before is None:
        return graph
    if made.most == 0:
        return _begun(graph, node, before)
    if not out and made.makes_people and not _kind(before.kind).begins:
        return graph  # another beginning of people, beside
    ways = registry.known_shape(before).outs
    out = out or next(iter([*free_outs(graph, after), *ways]), "")
    if out not in ways:
        return graph
    return _between(graph, node, after, out)


def _begun(graph: Graph, node: Node, first: Node) -> Graph:
    """What begins runs stands above a step that nothing leads to."""
    accepts = _kind(first.kind).most != 0 and not graph.into(first.id)
    return graph.with_link(Link(node.id, registry.known_shape(node).outs[0], first.id, _kind(first.kind).ports[0][0])) if accepts else graph


def _between(graph: Graph, node: Node, after: str, out: str) -> Graph:
    followed = graph.out_of(after).get(out)
    if followed and not registry.known_shape(node).outs:
        node = replace(node, options={**node.options, **_kind(node.kind).passing})
        graph = graph.with_step(node)
    ways = registry.known_shape(node).outs
    grown = graph.with_link(Link(after, out, node.id, _kind(node.kind).ports[0][0], followed.label if followed else ""))
    if followed is None:
        return grown
    if not ways:
        raise WorkflowError("no_way_on", _("Nothing can follow this step. Put it where a branch ends, or let it go on first."), after)
    return grown.with_link(Link(node.id, ways[0], followed.target, followed.port))


def free_outs(graph: Graph, step: str) -> list[str]:
    """Exits of a step at which nothing is joined."""
    return [out for out in registry.known_shape(graph.steps[step]).outs if out not in graph.out_of(step)]


def copy(graph: Graph, step: str) -> Graph:
    """The same step once more, not joined to anything."""
    return graph.with_step(replace(node_of(graph, step), id=graph.free_id()))


def remove(graph: Graph, step: str) -> Graph:
    """One step less. What led to it leads on to the one that followed, where there is no question which."""
    node_of(graph, step)
    came, left = graph.into(step), list(graph.out_of(step).values())
    rest = graph.without_step(step)
    if len(came) == 1 and len(left) == 1:
        return rest.with_link(replace(came[0], target=left[0].target, port=left[0].port))
    return rest


def move(graph: Graph, step: str, after: str, out: str) -> Graph:
    """A step to another place: between another one and what followed. What branches off it goes with it."""
    node = node_of(graph, step)
    if after == step or any(link.source == after and link.out == out for link in graph.into(step)):
        return graph
    if len(graph.out_of(step)) > 1 or not graph.into(step):
        return _led(graph, node, after, out)
    taken = remove(graph, step).with_step(node)
    return _placed(taken, node, after, out)


def detach(graph: Graph, step: str) -> Graph:
    """Nothing leads to a step any more; what follows it stays behind it."""
    for link in graph.into(node_of(graph, step).id):
        graph = graph.without_link(link.source, link.out)
    return graph


def _led(graph: Graph, node: Node, after: str, out: str) -> Graph:
    """A whole branch behind another step."""
    if after == node.id or after in graph.after(node.id):
        raise WorkflowError("circle", _("A step cannot stand behind one that comes after it. Move that one first."))
    if graph.out_of(node.id) and out in graph.out_of(after):
        raise WorkflowError("taken", _("Something follows here already, and this step leads on elsewhere. Move it to a free exit."))
    return _placed(detach(graph, node.id), node, after, out)


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
    if step in graph.after(to):
        raise WorkflowError("circle", _("This step comes before the other one already: the link would lead in a circle."))
    before = graph.out_of(step).get(out)
    if port not in [name for name, _label in kind.ports]:
        port = before.port if before and before.target == to else _free_port(graph.without_link(step, out), to, kind)
    return graph.with_link(Link(step, out, to, port, before.label if before else ""))


def _free_port(graph: Graph, to: str, kind: StepKind) -> str:
    """The main entrance, while nothing leads there."""
    names = [name for name, _label in kind.ports]
    return names[-1] if any(link.port == names[0] for link in graph.into(to)) else names[0]


def _label(text: str) -> str:
    label = text.strip()
    if len(label) > LONGEST_LABEL:
        raise WorkflowError("long_label", _("A label has at most %(most)s characters. Shorten it.") % {"most": LONGEST_LABEL})
    return label


def name_link(graph: Graph, step: str, out: str, label: str) -> Graph:
    """What stands on a link."""
    link = graph.out_of(step).get(out)
    return graph.with_link(replace(link, label=_label(label))) if link else graph


def name(graph: Graph, step: str, label: str, errors: str) -> Graph:
    """What a step is called, and what an error in it does."""
    return graph.with_step(replace(node_of(graph, step), label=_label(label), errors=IGNORE if errors == IGNORE else SUSPEND))


def choose(graph: Graph, step: str, options: dict[str, Any]) -> Graph:
    """What people chose for a step; links at exits that it no longer has go."""
    node = replace(node_of(graph, step), options=options)
    grown = graph.with_step(node)
    for out in grown.out_of(step).keys() - {*registry.known_shape(node).outs}:
        grown = grown.without_link(step, out)
    return grown
