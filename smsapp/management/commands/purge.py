"""Remove what has been kept long enough, now."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from smsapp import retention
from smsapp.retention import Purged


class Command(BaseCommand):
    """`purge [--dry-run] [--json]`; exit code 1 when another purge is under way."""

    help = "Remove data older than the days that administrators chose (Administration, Organisation). Can be stopped at any time and run again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--dry-run", action="store_true", help="say what would go and remove nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Purge and tell."""
        found = retention.purge(dry_run=options["dry_run"])
        if found is None:
            raise CommandError("Another purge is under way. Wait until it has ended, or stop it.", returncode=1)
        if options["json"]:
            told = {"dry_run": options["dry_run"], "kinds": [asdict(each) | {"label": str(each.label), "before": each.before.isoformat()} for each in found]}
            self.stdout.write(json.dumps(told, indent=2))
        else:
            self.stdout.write("\n".join(line for each in found for line in _lines(each, options["dry_run"])) or "Everything is kept for ever.")


def _lines(found: Purged, dry_run: bool) -> list[str]:
    verb = "would go" if dry_run else "removed"
    rows = ", ".join(f"{count:,} {what}" for what, count in found.rows.items()) or "nothing"
    return [f"{found.label}, before {found.before:%Y-%m-%d}: {rows} {verb}", *(f"  kept: {sentence}" for sentence in found.kept)]
