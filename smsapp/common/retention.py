"""Data that are kept for a time: what each app removes, and how it is asked to."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from smsapp.common.registry import Slot


@dataclass(slots=True)
class Round:
    """One purge: whether it only tells, and until when it may begin another batch. Adds up what went and what must stay."""

    dry_run: bool = False
    ends: float = float("inf")  # of time.monotonic()
    rows: Counter[str] = field(default_factory=Counter)  # what it is called → how many went, or would go
    kept: list[str] = field(default_factory=list)  # sentences: what is old enough and stays all the same

    @property
    def is_over(self) -> bool:
        """The next batch is for the next time."""
        return time.monotonic() > self.ends


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of data; `days` names the field of the organisation that says how long it is kept. Without it the rows say so themselves: they are
    asked about with the moment of the purge, and what goes is older."""

    label: Any
    days: str
    purge: Callable[[datetime, Round], None]  # remove what is older, in small transactions: may be broken off after any and run again


kinds: Slot[Kind] = Slot()
