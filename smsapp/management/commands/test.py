"""`manage.py test`: lint, types, tests and browser tests, in one go."""

import os
import re
import shutil
import subprocess
import sys
import time
from argparse import REMAINDER, ArgumentParser
from typing import Any

from django.core.management import BaseCommand

from smsapp.services.embedded import CHECKOUT
from smsapp.testing.plugin import TEST_NUMBERS_FROM, chromium_path, redis_with_number

FAULTS = "--faults"
SIDE_BY_SIDE = ("-n", "3", "--dist", "worksteal", "--durations=15", "--reuse-db")  # on two cores: many wait for processes of their own
NO_TESTS = 5  # pytest's exit code when a selection is empty
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
            given = [FAULTS, "tests/faults", *SIDE_BY_SIDE, "--create-db"]  # nothing else need be read
        results = [] if given else [self._step(name, command) for name, command in self._checks()]
        self.closing: list[str] = []
        results += [self._pytest("tests", given)] if given else [self._tests(), self._browser_tests()]
        self._conclude([name for name in results if name])

    def _checks(self) -> list[tuple[str, list[str]]]:
        python = [sys.executable, "-m"]
        return [
            ("ruff", [*python, "ruff", "check", "."]),
            ("mypy", [*python, "mypy", "."]),
            ("djlint", [*python, "djlint", "--lint", "--quiet", "templates"]),
            ("migrations", [sys.executable, "manage.py", "makemigrations", "--check", "--dry-run"]),
        ]

    def _step(self, name: str, command: list[str], **variables: str) -> str:
        """The step's name when it failed."""
        self.stdout.write(self.style.MIGRATE_HEADING(f"── {name}"))
        self.stdout.flush()
        began = time.monotonic()
        code = subprocess.run(command, cwd=CHECKOUT, env={**os.environ, **variables}, check=False).returncode  # noqa: S603  (our own commands)
        self.stdout.write(f"   {name}: {'fine' if code == 0 else 'FAILED'} ({time.monotonic() - began:.0f} s)")
        return name if code else ""

    def _tests(self) -> str:
        return self._pytest("tests", [*SIDE_BY_SIDE, "--create-db", "-m", "not e2e"])

    def _browser_tests(self) -> str:
        return self._pytest("browser tests", [*SIDE_BY_SIDE, "-m", "e2e", "-p", "no:randomly"], may_be_empty=True)

    def _pytest(self, name: str, arguments: list[str], *, may_be_empty: bool = False) -> str:
        """Run pytest, pass its output on and keep its closing line."""
        self.stdout.write(self.style.MIGRATE_HEADING(f"── {name}"))
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
                self._last = line.strip()
        code = process.wait()
        self.closing.append(f"{name}: {getattr(self, '_last', 'pytest did not finish')}")
        return "" if code == 0 or (may_be_empty and code == NO_TESTS) else name

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
        for line in self.closing:
            self.stdout.write(line)
        sys.stdout.flush()
        if failed:
            sys.exit(1)
