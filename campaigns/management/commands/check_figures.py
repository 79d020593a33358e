"""Prove that figures are true, and mend them."""

import json
from argparse import ArgumentParser
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from campaigns.services import proof
from campaigns.services.proof import Difference, What


class Command(BaseCommand):
    """`check_figures [--mailing N]… [--mend] [--json]`; exit code 1 when something differs, also when it was mended."""

    help = "Compare counters, pages and the list of unknown texts with the rows of the messages; reads all of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("--mailing", type=int, action="append", metavar="N", help="only this one; repeat it for several")
        parser.add_argument("--mend", action="store_true", help="bring counters and list to what the rows are")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, mend if asked, and say what was found."""
        try:
            found = proof.differences(options["mailing"])
            mended = proof.mend(options["mailing"]) if options["mend"] and found else 0
        except DatabaseError as failed:
            raise CommandError(f"The figures cannot be read: {str(failed).splitlines()[0]}\nmanage.py doctor says what is wrong.") from failed
        if options["json"]:
            self.stdout.write(json.dumps({"true": not found, "mended": mended, "differences": [asdict(each) for each in found]}, indent=2))
        else:
            self.stdout.write("\n".join([*map(str, found), *_sum(found, mended)]))
        if found:
            raise CommandError("Figures and rows differ.", returncode=1) if not options["json"] else SystemExit(1)


def _sum(found: list[Difference], mended: int) -> list[str]:
    if not found:
        return ["All figures are true."]
    lines = [f"Mended: {mended} lines were written."] if mended else ["Nothing was changed. Mend counters and list with --mend."]
    if any(each.what is What.STRANDED for each in found):
        lines.append("Texts that wait in no chunk are not mended: nobody knows whether they should still go. Tell the developers.")
    return lines
