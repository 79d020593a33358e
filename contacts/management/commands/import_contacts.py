"""Import contacts from a CSV file or a workbook."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.importing import tables
from contacts.importing.faults import Fault, Faults
from contacts.importing.options import MatchBy, Options
from contacts.importing.problems import FileProblem
from contacts.importing.report import Report, opt_ins, sums
from contacts.importing.run import Import, Source
from contacts.models import Group
from contacts.services import tags
from contacts.services.errors import ContactsError
from smsapp.common.models import Organisation


class Command(BaseCommand):
    """`import_contacts FILE [--region FR] [--dry-run] [--json] …`: exit code 0 when the file was read, also with refused rows, else 2.

    The options are those of the page; columns are recognised by their names.
    """

    help = "Import contacts from a CSV file or an Excel workbook; people are found again by external id, e-mail or number."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("file", type=Path, metavar="FILE")
        told = "country of numbers written without one and of dates such as 03/04/1990, as two letters (default: the organisation's)"
        parser.add_argument("--region", default="", help=told)
        parser.add_argument("--sheet", default="", help="name of the sheet of a workbook (default: the first with anything in it)")
        parser.add_argument("--match-by", default=MatchBy.ANY, metavar="KEY", help=f"find people by this key only: one of {', '.join(MatchBy.values)}")
        parser.add_argument("--empty-marker", default="", metavar="TEXT", help="a cell with this text empties the field; an empty cell changes nothing")
        parser.add_argument("--group", action="append", default=[], metavar="NAME", help="a group that everybody joins; can be given several times")
        parser.add_argument("--tag", action="append", default=[], help="a tag that everybody gets; can be given several times")
        parser.add_argument("--consent-source", default="", metavar="TEXT", help="where these people agreed to get texts")
        parser.add_argument("--consent-wording", default="", metavar="TEXT", help="what they agreed to, word for word")
        parser.add_argument("--dry-run", action="store_true", help="say what would happen and change nothing")
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run, print, and choose the exit code."""
        try:
            chosen = _options(options)
            with tables.table_of(options["file"], options["sheet"]) as (table, dialect):
                report = Import(Source.guess(table, dialect, chosen), today=timezone.localdate(), dry_run=options["dry_run"]).run()
        except FileProblem as problem:
            self._refuse(problem, as_json=options["json"])
        except OSError as problem:
            message = _("The file cannot be read: %(reason)s.") % {"reason": problem.strerror}
            self._refuse(FileProblem("unreadable", message), as_json=options["json"])
        else:
            self._print(report, as_json=options["json"], dry_run=options["dry_run"], has_source=bool(chosen.consent_source))

    def _refuse(self, problem: FileProblem, *, as_json: bool) -> None:
        if as_json:
            report = Report()
            report.errors.extend([Fault(problem.row or 0, "", "", problem.code, str(problem.message))])
            self._print_json(report)
        raise CommandError(str(problem.message), returncode=2)  # Django prints it on standard error

    def _print(self, report: Report, *, as_json: bool, dry_run: bool, has_source: bool) -> None:
        if as_json:
            self._print_json(report)
            return
        for fault in report.errors:
            self.stdout.write(_line(fault))
        for fault in report.warnings:
            self.stdout.write(_("To look at: %(line)s") % {"line": _line(fault)})
        for sentence in sums(report.told):
            self.stdout.write(sentence)
        if has_source:
            self.stdout.write(opt_ins(report.told))
        counts = report.counts()
        words = ngettext(
            "Dry run, nothing changed: %(created)s new, %(updated)s to update, %(unchanged)s unchanged, %(refused)s refused of %(rows)s row.",
            "Dry run, nothing changed: %(created)s new, %(updated)s to update, %(unchanged)s unchanged, %(refused)s refused of %(rows)s rows.",
            counts["rows"],
        )  # fmt: skip
        if not dry_run:
            words = ngettext(
                "%(created)s new, %(updated)s updated, %(unchanged)s unchanged, %(refused)s refused of %(rows)s row.",
                "%(created)s new, %(updated)s updated, %(unchanged)s unchanged, %(refused)s refused of %(rows)s rows.",
                counts["rows"],
            )  # fmt: skip
        self.stdout.write(words % counts)

    def _print_json(self, report: Report) -> None:
        """The object of Report.as_json, written piece by piece: there may be a million faults."""
        self.stdout.write(json.dumps(report.counts()).removesuffix("}"), ending="")
        for name, faults in (("errors", report.errors), ("warnings", report.warnings)):
            self.stdout.write(f', "{name}": [', ending="")
            self._print_faults(faults)
            self.stdout.write("]", ending="")
        self.stdout.write("}")

    def _print_faults(self, faults: Faults) -> None:
        for number, fault in enumerate(faults):
            self.stdout.write((", " if number else "") + json.dumps(fault.as_json(), ensure_ascii=False), ending="")


def _line(fault: Fault) -> str:
    where = _("Row %(row)s, %(column)s “%(value)s”") if fault.column else _("Row %(row)s")
    return f"{where % fault.as_json()}: {fault.message}"


def _options(told: dict[str, Any]) -> Options:
    """What holds for all rows. Raises FileProblem when it cannot be."""
    match_by = told["match_by"].replace("-", "_")
    if match_by not in MatchBy.values:
        words = _("People cannot be found by %(key)s. Write one of: %(keys)s.")
        raise FileProblem("unknown_key", words % {"key": told["match_by"], "keys": ", ".join(MatchBy.values)})
    try:
        wanted = tuple(tags.cleaned(told["tag"]))
    except ContactsError as problem:
        raise FileProblem(problem.code, problem.message) from None
    return Options(
        region=(told["region"] or Organisation.current().default_region).upper(), file_name=told["file"].name,
        group_ids=tuple(_group_id(name) for name in told["group"]), tags=wanted, match_by=match_by, empty_marker=told["empty_marker"].strip(),
        consent_source=told["consent_source"].strip()[:200], consent_wording=told["consent_wording"].strip(),
    )  # fmt: skip


def _group_id(name: str) -> int:
    group = Group.objects.filter(name__iexact=name.strip()).first()
    if group is None:
        raise FileProblem("no_group", _("There is no group “%(name)s”. Create it first, or mend the name.") % {"name": name})
    if group.kind == Group.Kind.SMART:
        raise FileProblem("smart_group", _("The rules of the smart group “%(name)s” choose its members. Name a static group.") % {"name": name})
    return int(group.pk)
