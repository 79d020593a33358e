"""Where links run on the canvas: cells of 13 × 8 rem, a step in the middle of its own. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workflows.graph import Graph, Link

WIDE, HIGH = 13, 8
TOP, BOTTOM = 6.125, 1.875  # of a step, above the lower edge of its cell
ROUND = 0.8
APART, CLOSE, FEW = 1.625, 1.125, 5  # between the exits of a step: of a few, of many
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Line:
    """A link as it is drawn: its path, its tip, and where its words stand."""

    path: str
    tip: str
    x: str
    y: str


def aside(place: int, exits: int) -> float:
    """How far an exit is from the middle of its step."""
    return (place - (exits - 1) / 2) * (APART if exits <= FEW else CLOSE)


def line(graph: Graph, link: Link, rows: Mapping[str, int], columns: Mapping[str, int], exits: Sequence[str] = ()) -> Line:
    """Down, across and down; past steps that stand between, on the edge of the column."""
    place = aside(exits.index(link.out), len(exits)) if link.out in exits else 0.0
    x1, y1 = WIDE * columns[link.source] - WIDE / 2 + place, HIGH * rows[link.source] - BOTTOM
    x2, y2 = WIDE * columns[link.target] - WIDE / 2, HIGH * rows[link.target] - TOP
    forked = len(graph.out_of(link.source)) > 1
    if rows[link.target] == rows[link.source] + 1:
        middle = y1 + 1.1 if forked else y2 - 1.1 if len(graph.into(link.target)) > 1 else (y1 + y2) / 2
        points = [(x1, y1), (x2, y2)] if x1 == x2 else [(x1, y1), (x1, middle), (x2, middle), (x2, y2)]
    else:
        lane = WIDE * columns[link.source] - 0.6
        points = [(x1, y1), (x1, y1 + 1.1), (lane, y1 + 1.1), (lane, y2 - 1.1), (x2, y2 - 1.1), (x2, y2)]
    if len(points) == 6:
        words = (points[2][0], (y1 + y2) / 2)
    elif len(points) == 4:
        words = (x2, y2 - 1.3) if forked else (x1, y1 + 1.3)
    else:
        words = (x1, (y1 + y2) / 2)
    return Line(_path(points), f"M{x2 - 0.55:.3f} {y2 - 0.9:.3f}h1.1l-.55 .75z", f"{words[0]:.3f}", f"{words[1]:.3f}")


def _path(points: Sequence[Point]) -> str:
    """Straight pieces with round corners."""
    parts = [f"M{points[0][0]:.3f} {points[0][1]:.3f}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        enter, leave = _towards(corner, before), _towards(corner, after)
        parts.append(f"L{enter[0]:.3f} {enter[1]:.3f}Q{corner[0]:.3f} {corner[1]:.3f} {leave[0]:.3f} {leave[1]:.3f}")
    return "".join([*parts, f"L{points[-1][0]:.3f} {points[-1][1]:.3f}"])


def _towards(corner: Point, other: Point) -> Point:
    far = max(abs(other[0] - corner[0]), abs(other[1] - corner[1]))
    share = min(ROUND, far / 2) / far if far else 0
    return corner[0] + (other[0] - corner[0]) * share, corner[1] + (other[1] - corner[1]) * share
