"""How much memory a stretch of work takes in this process."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

KB, PAGE = 1024, os.sysconf("SC_PAGE_SIZE")
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(slots=True)
class Growth:
    """The highest point above the beginning, in bytes; 0 where the system does not tell."""

    peak: int = 0


@contextmanager
def growth() -> Iterator[Growth]:
    """Measure what a block needs at its highest point."""
    found = Growth()
    with suppress(OSError):
        CLEAR.write_text("5")  # forget the highest point so far
    before = _read("VmRSS")
    yield found
    found.peak = max(0, _read("VmHWM") - before)


def _read(name: str) -> int:
    try:
        lines = STATUS.read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * KB for line in lines if line.startswith(f"{name}:")), 0)


def of_group(group: int) -> int:
    """Bytes in memory of all processes of a group; 0 where the system does not tell."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError, IndexError, ValueError):
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[2]) == group:
                total += int(fields[21]) * PAGE
    return total
