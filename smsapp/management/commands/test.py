"""`manage.py test`: lint, types, tests and browser tests, in one go."""

import os
import re
import shutil
import subprocess
import sys
import time
from argparse import REMAINDER, ArgumentParser
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from django.core.management import BaseCommand

from smsapp.services.embedded import CHECKOUT
from smsapp.testing.browsing import chromium_path
from smsapp.testing.plugin import TEST_NUMBERS_FROM, redis_with_number

FAULTS = "--faults"
SIDE_BY_SIDE = ("-n", "3", "--dist", "worksteal", "--durations=15", "--reuse-db", "--create-db")  # on two cores: many wait for processes of their own
CLOSING = re.compile(r"^=+ .*(passed|failed|error|no tests ran|skipped|deselected).* =+$|^\d+ (passed|failed|error|skipped).* in [\d.]+s")


class Command(BaseCommand):
    """Every check of the project; what follows `test` goes to pytest."""

    help = "Runs ruff, mypy, djlint, the migration check, the tests and the browser tests; other arguments go to pytest."
    requires_system_checks = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Hand everything after `test` on, options of pytest included."""
        self._pytest_arguments = argv[2:]
        super().run_from_argv([*argv[:2], *(["--help"] if argv[2:] in (["--help"], ["-h"]) else [])])

    def add_arguments(self, parser: ArgumentParser) -> None:
        """For the help text only."""
        parser.add_argument(FAULTS, action="store_true", help="run the whole fault suite and nothing else; without it, its short form runs with all tests")
        parser.add_argument("pytest", nargs=REMAINDER, help="arguments of pytest; with any, only pytest runs")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run all, then say what failed and what was skipped."""
        given = getattr(self, "_pytest_arguments", [])
        if given == [FAULTS]:
            given = [FAULTS, "tests/faults", *SIDE_BY_SIDE]  # nothing else need be read
        self._closing = "pytest did not finish"
        with ThreadPoolExecutor(1) as beside:  # the checks take one processor for a minute
            checks = beside.submit(lambda: [] if given else [self._step(*check) for check in self._checks()])
            tests = self._pytest(given or [*SIDE_BY_SIDE])
        self._conclude([name for name in [*checks.result(), tests] if name])

    def _checks(self) -> list[tuple[str, list[str]]]:
        python = [sys.executable, "-m"]
        return [
            ("ruff", [*python, "ruff", "check", "."]),
            ("mypy", [*python, "mypy", "."]),
            ("djlint", [*python, "djlint", "--lint", "--quiet", "templates"]),
            ("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]),
        ]

    def _step(self, name: str, command: list[str]) -> str:
        """The step's name when it failed. What it says comes at its end, in one piece."""
        began = time.monotonic()
        done = subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)  # noqa: S603  (our own commands)
        result = f"   {name}: {'FAILED' if done.returncode else 'fine'} ({time.monotonic() - began:.0f} s)"
        self.stdout.write("\n".join([self.style.MIGRATE_HEADING(f"── {name}"), done.stdout.rstrip(), result]))
        self.stdout.flush()
        return name if done.returncode else ""

    def _pytest(self, arguments: list[str]) -> str:
        """Run pytest, pass its output on and keep its closing line."""
        self.stdout.write(self.style.MIGRATE_HEADING("── tests"))
        self.stdout.flush()
        command = [sys.executable, "-m", "pytest", "-ra", *arguments]
        variables = {**os.environ, "PYTHONUNBUFFERED": "1", **self._redis()}
        variables.pop("DJANGO_SETTINGS_MODULE", None)
        variables.pop("PYTHONDONTWRITEBYTECODE", None)  # tests start many processes: each would compile the project anew
        process = subprocess.Popen(command, cwd=CHECKOUT, env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # noqa: S603
        assert process.stdout is not None
        for line in process.stdout:
            self.stdout.write(line.rstrip("\n"))
            if CLOSING.match(line.strip()):
                self._closing = line.strip()
        return "tests" if process.wait() else ""

    def _redis(self) -> dict[str, str]:
        """Tests keep out of the running console's Redis number when both share the embedded server."""
        if "REDIS_URL" in os.environ.get("SMSAPP_EMBEDDED", "").split(","):
            return {"SMSAPP_TEST_REDIS": redis_with_number(os.environ["REDIS_URL"], TEST_NUMBERS_FROM)}
        return {}

    def _conclude(self, failed: list[str]) -> None:
        self.stdout.write(self.style.MIGRATE_HEADING("── summary"))
        if chromium_path() is None:
            self.stdout.write("Skipped: browser tests, for want of Chromium. To run them: apt install chromium")
        if shutil.which("msgfmt") is None:
            self.stdout.write("Note: gettext is not installed; tests use the compiled translations that are there.")
        if failed:
            self.stdout.write(self.style.ERROR(f"Failed: {', '.join(failed)}"))
        self.stdout.write(f"tests: {self._closing}")
        sys.stdout.flush()
        if failed:
            sys.exit(1)
