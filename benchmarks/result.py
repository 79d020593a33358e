"""What a benchmark prints."""

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(slots=True)
class Result:
    """Figures with their units in the names, and the ratios between them, which are what counts."""

    name: str
    figures: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """One plain object for --json."""
        return asdict(self)

    def lines(self) -> list[str]:
        """The same for people."""
        figures = [f"  {name:<34}{value:>14,.1f}" for name, value in self.figures.items()]
        ratios = [f"  {name:<34}{value:>14.2f}" for name, value in self.ratios.items()]
        return [self.name, *figures, "ratios", *ratios, *self.notes]
