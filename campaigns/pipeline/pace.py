"""How many texts are started together: as many as the gateway takes in a moment. Pure.

Each stride costs two commits, so long strides are fast; but a crash leaves the strides in flight unknown, and a text that waits too long
for a connection has to be judged again. So strides begin short, double while they end quickly and halve when they drag.
"""

LONGEST = 250  # texts; half a chunk of a fast provider
QUICK = 0.25  # seconds from the hand-over to the last answer
SLOW = 1.0


def longest(rate: int) -> int:
    """Texts of the longest stride: a quarter of a second of work at the provider's rate."""
    return max(1, min(LONGEST, rate // 4))


class Pace:
    """The size of the next stride, in texts; the first has at most one for each connection."""

    def __init__(self, rate: int, connections: int) -> None:
        self._most = longest(rate)
        self._least = min(connections, self._most)
        self.size = self._least

    def note(self, texts: int, seconds: float) -> None:
        """A stride of so many texts took so long; one that was cut short by the end of its chunk says little."""
        if seconds > SLOW:
            self.size = max(self._least, self.size // 2)
        elif seconds < QUICK and texts >= self.size // 2:
            self.size = min(self._most, self.size * 2)
