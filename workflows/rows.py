"""Rows that steps name by their ids. While a drawing is looked at as a whole, each table is asked once for all of its steps."""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from workflows.graph import Graph
from workflows.steps import registry


@dataclass(frozen=True, eq=False)
class Table:
    """Something that steps refer to: `load` gives what is there of some keys."""

    load: Callable[[list[Any]], Mapping[Any, Any]]


@dataclass(slots=True)
class _Drawing:
    wanted: dict[Table, set[Hashable]] = field(default_factory=dict)
    loaded: dict[Table, Mapping[Any, Any]] = field(default_factory=dict)

    def of(self, table: Table) -> Mapping[Any, Any]:
        if table not in self.loaded:
            self.loaded[table] = table.load(sorted(self.wanted.get(table, ()), key=str))
        return self.loaded[table]


_looked_at: ContextVar[_Drawing | None] = ContextVar("looked_at", default=None)


@contextmanager
def together(graph: Graph) -> Iterator[None]:
    """Inside, what the steps of a drawing refer to is read together."""
    drawing = _Drawing()
    for node in graph.steps.values():
        kind = registry.get(node.kind)
        for table, key in kind.refers(node.options) if kind else ():
            if key:
                drawing.wanted.setdefault(table, set()).add(key)
    token = _looked_at.set(drawing)
    try:
        yield
    finally:
        _looked_at.reset(token)


def some(table: Table, keys: list[Any]) -> Mapping[Any, Any]:
    """What is there of some keys: of what was read together, where it was."""
    drawing = _looked_at.get()
    if drawing and drawing.wanted.get(table, set()).issuperset(keys):
        found = drawing.of(table)
        return {key: found[key] for key in keys if key in found}
    return table.load(keys)


def one(table: Table, key: Any) -> Any:
    """What is there of one key; None when nothing is, or none was chosen."""
    if not key:
        return None
    return some(table, [key]).get(key)
