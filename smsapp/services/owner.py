"""Programs of the embedded servers, run as whom they belong to: root's may not be root's."""

import os
import subprocess
from pathlib import Path
from typing import Any

from smsapp.services.places import POINT_ELSEWHERE, EmbeddedError, Place


def run(place: Place, program: Path | str, *arguments: Path | str) -> subprocess.CompletedProcess[str]:
    """To its end; what it said is in `stdout`."""
    owner = place.unprivileged
    identity: dict[str, Any] = {"user": owner.uid, "group": owner.gid, "extra_groups": []} if owner else {}
    variables = {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": str(place.home), "TZ": "UTC"}
    with (place.home / "output").open("w+") as output:  # a file: a server would hold a pipe open for ever
        done = subprocess.run(  # noqa: S603  (our own binaries)
            [str(program), *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=output, stderr=output,
            cwd=place.home, env=variables, start_new_session=True, check=False, **identity,
        )
        output.seek(0)
        return subprocess.CompletedProcess(done.args, done.returncode, output.read())


def run_as_owner(place: Place, program: Path | str, *arguments: Path | str, explain: Path | None = None) -> None:
    """The same. Raises EmbeddedError with what it said, and the end of the file `explain`, when it fails."""
    done = run(place, program, *arguments)
    if done.returncode == 0:
        return
    told = (done.stdout + (explain.read_text() if explain and explain.exists() else ""))[-1500:].strip()
    if "No space left on device" in told:
        raise EmbeddedError(f"There is no space left on the disk of {place.home}: free about 500 MB and try again.")
    raise EmbeddedError(f"{Path(program).name} failed:\n{told}\n{POINT_ELSEWHERE}")
