"""Import contacts from a CSV file or a workbook."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.importing import tables
from contacts.importing.problems import FileProblem
from contacts.importing.report import Fault, Report
from contacts.importing.run import Import, Source
from smsapp.common.models import Organisation


class Command(BaseCommand):
    """`import_contacts FILE [--region FR] [--dry-run] [--json]`: exit code 0 when the file was read, also with refused rows, else 2."""

    help = "Import contacts from a CSV file or an Excel workbook; people are found again by external id, e-mail or number."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--region", default="", help="country of numbers written without one, as two letters (default: the organisation's)")
        parser.add_argument("--sheet", default="", help="name of the sheet of a workbook (default: the first with anything in it)")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, print, and choose the exit code."""
        try:
            region = (options["region"] or Organisation.current().default_region).upper()
            with tables.table_of(options["file"], options["sheet"]) as (table, dialect):
                source = Source.guess(table, dialect, region, options["file"].name)
                report = Import(source, today=timezone.localdate(), dry_run=options["dry_run"]).run()
        except FileProblem as problem:
            self._refuse(problem, as_json=options["json"])
        except OSError as problem:
            message = _("The file cannot be read: %(reason)s.") % {"reason": problem.strerror}
            self._refuse(FileProblem("unreadable", message), as_json=options["json"])
        else:
            self._print(report, as_json=options["json"], dry_run=options["dry_run"])

    def _refuse(self, problem: FileProblem, *, as_json: bool) -> None:
        if as_json:
            report = Report()
            report.errors.append(Fault(problem.row or 0, "", "", problem.code, str(problem.message)).as_json())
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
        raise CommandError(str(problem.message), returncode=2)  # Django prints it on standard error

    def _print(self, report: Report, *, as_json: bool, dry_run: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
            return
        for fault in report.errors:
            where = _("Row %(row)s, %(column)s “%(value)s”") if fault["column"] else _("Row %(row)s")
            self.stdout.write(f"{where % fault}: {fault['message']}")
        words = _("Dry run, nothing changed: %(created)s new, %(updated)s to update, %(unchanged)s unchanged, %(refused)s refused of %(rows)s rows.")
        if not dry_run:
            words = _("%(created)s new, %(updated)s updated, %(unchanged)s unchanged, %(refused)s refused of %(rows)s rows.")
        self.stdout.write(words % report.as_json())
