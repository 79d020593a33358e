"""A machine of a world: processes of workers, beat, sender or web server that live and die together."""

import signal
from pathlib import Path

from smsapp.testing import processes
from smsapp.testing.processes import Process


class Machine:
    """Workers, and beat if wanted, that live and die together: processes of their own groups with one environment."""

    def __init__(self, parts: dict[str, Process]) -> None:
        self.parts = parts

    def __getitem__(self, name: str) -> Process:
        return self.parts[name]

    def ready(self) -> "Machine":
        """Wait until all take tasks."""
        for name, process in self.parts.items():
            if name in ("urgent", "bulk", "background"):
                processes.wait_until(lambda process=process: " ready." in process.printed(), f"the {name} worker", process=process)
        return self

    def signal_all(self, number: int) -> None:
        """To every process of it, children too."""
        for process in self.parts.values():
            process.signal_all(number)

    def kill(self) -> None:
        """As when somebody pulls the plug."""
        self.signal_all(signal.SIGKILL)

    def stop(self, seconds: float = 20.0) -> None:
        """In good order: the first process of each part is asked, as a supervisor does."""
        for process in self.parts.values():
            process.ask_to_end()
        for process in self.parts.values():
            process.stop(seconds=seconds)

    def said(self) -> str:
        """What its processes printed, but for each tick."""
        told = {name: [line for line in process.printed().splitlines() if "celery.beat" not in line] for name, process in self.parts.items()}
        return "\n".join(f"--- {name}\n" + "\n".join(lines) for name, lines in told.items())


def children(process: Process) -> list[int]:
    """The processes that it has forked, by number."""
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    return [int(pid) for pid in path.read_text().split()]
