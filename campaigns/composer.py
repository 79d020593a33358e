"""What the composer says about a text: its size for the person with the longest values, what is unknown. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from campaigns import token_problems, tokens
from providers.segments import Measure, measure, parts


@dataclass(frozen=True, slots=True)
class Counter:
    """The size of the longest of some rendered texts, against a limit of segments."""

    size: Measure
    text: str
    name: str  # of the person whose text it is; empty for a text without people
    limit: int
    problems: list[token_problems.Problem]

    @property
    def too_many(self) -> int:
        """Segments over the limit."""
        return max(self.size.segments - self.limit, 0)

    @property
    def room(self) -> int:
        """Units that the counted segments hold together."""
        return self.size.per_segment * max(self.size.segments, 1)

    @property
    def left_in_limit(self) -> int:
        """Units over what the limit allows."""
        alone = 70 if self.size.encoding == "UCS-2" else 160
        part = 67 if self.size.encoding == "UCS-2" else 153
        return max(self.size.units - (alone if self.limit == 1 else part * self.limit), 0)

    @property
    def bars(self) -> list[dict[str, str]]:
        """One bar a segment, for SVG: where it begins, its room, what is used, and whether that is over the limit."""
        count = max(self.size.segments, 1)
        width = (100 - 1.25 * (count - 1)) / count
        last = (self.size.per_segment - self.size.left) / self.size.per_segment if self.size.segments else 0
        return [
            {
                "x": f"{i * (width + 1.25):.2f}%",
                "room": f"{width:.2f}%",
                "used": f"{width * (1 if i < count - 1 else last):.2f}%",
                "css": "used" if i < self.limit else "spill",
            }
            for i in range(count)
        ]


def count(
    text: str,
    people: Iterable[tuple[str, Mapping[str, str]]] = (),
    *,
    limit: int = 1,
    check: Callable[[str], list[token_problems.Problem]] = token_problems.check,
) -> Counter:
    """Measure `text` rendered for each of `people` (name, values); the one nearest to the limit is told. `check` finds unknown tokens."""
    rendered = [(measure(body), body, name) for name, values in people for body in [tokens.render(text, values)]]
    size, body, name = max(rendered, key=lambda row: nearness(row[0]), default=(measure(text), text, ""))
    return Counter(size, body, name, limit, check(text))


def nearness(size: Measure) -> tuple[int, int]:
    """To the limit: most segments, then fewest characters left; one in Unicode may be nearer than a longer one."""
    return size.segments, -size.left


def cut(text: str) -> list[dict[str, Any]]:
    """The text in pieces, one a segment, as they are sent: {"number": 2, "text": …}."""
    return [{"number": number, "text": piece} for number, piece in enumerate(parts(text), 1)]
