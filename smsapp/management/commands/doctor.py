"""Say what is wrong with this installation, and how to mend it."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand

from smsapp.watch import doctor
from smsapp.watch.findings import Finding, Level


class Command(BaseCommand):
    """`doctor [--json]`; exit code 1 when something is wrong, 0 when all is well or only worth knowing."""

    help = "Look at database, Redis, workers, beat, clocks, disk, queues, providers and reports."
    requires_system_checks: list[str] = []  # it is for installations that are not in order
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look once and say it."""
        found = doctor.look()
        is_wrong = any(finding.level is Level.WRONG for finding in found)
        if options["json"]:
            self.stdout.write(json.dumps({"well": not is_wrong, "findings": [asdict(finding) for finding in found]}, indent=2, ensure_ascii=False))
        else:
            self.stdout.write("\n".join(map(_line, found)) if found else "Nothing is wrong.")
        if is_wrong:
            raise SystemExit(1)


def _line(finding: Finding) -> str:
    sign = "WRONG" if finding.level is Level.WRONG else "note "
    return f"{sign}  {finding.what}\n       {finding.cure}"
