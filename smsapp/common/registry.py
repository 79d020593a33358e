"""Named slots that an upper app fills in AppConfig.ready, so that a lower app can show what it must not import."""

from collections.abc import Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")


class Slot(Generic[Item]):
    """An ordered, named collection; registering a name twice replaces the first entry."""

    def __init__(self) -> None:
        self._items: dict[str, tuple[int, Item]] = {}

    def register(self, name: str, item: Item, *, order: int = 100) -> None:
        """Put `item` in the slot; a lower `order` comes first."""
        self._items[name] = (order, item)

    def get(self, name: str) -> Item | None:
        """The item of that name, or None."""
        entry = self._items.get(name)
        return entry[1] if entry else None

    def names(self) -> list[str]:
        """The names, in order."""
        return [name for name, _entry in sorted(self._items.items(), key=lambda item: item[1][0])]

    def items(self) -> list[tuple[str, Item]]:
        """Names with their items, in order."""
        return [(name, self._items[name][1]) for name in self.names()]

    def __iter__(self) -> Iterator[Item]:
        return (item for _, item in sorted(self._items.values(), key=lambda entry: entry[0]))
