"""What `manage.py run` leaves for commands beside it: the addresses that its processes were given, true for as long as it runs."""

import fcntl
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path


def _file(checkout: Path) -> Path:
    return checkout / "var" / "run.json"


@contextmanager
def left(checkout: Path, env: Mapping[str, str]) -> Iterator[None]:
    """Leave it. A lock says that it is true: the system drops it when the process dies, however it dies."""
    path = _file(checkout)
    path.parent.mkdir(exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        with suppress(BlockingIOError):  # another `run` of this checkout was first: its word stays
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            os.ftruncate(handle, 0)
            os.write(handle, json.dumps(dict(env)).encode())
        yield
    finally:
        os.close(handle)


def read(checkout: Path) -> dict[str, str]:
    """What a `run` that is up has left; empty without one."""
    try:
        with _file(checkout).open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return json.load(file)  # type: ignore[no-any-return]
    except (OSError, ValueError):
        pass
    return {}
