"""Export contacts to a CSV file or a workbook."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from contacts.exporting import columns, people, run
from contacts.models import Contact, ExportJob, Group
from contacts.models.contact import ContactQuerySet
from smsapp.common.models import Organisation


class Command(BaseCommand):
    """`export_contacts FILE.csv|FILE.xlsx [--group NAME]… [--columns a,b] [--separator ,] [--language fr]`; exit code 2 when it cannot be."""

    help = "Export contacts, all or those of groups; the file is one that import_contacts reads back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Arguments of the command line."""
        parser.add_argument("file", type=Path, metavar="FILE", help="ends in .csv or .xlsx")
        parser.add_argument("--group", action="append", default=[], metavar="NAME", help="members of this group; repeat it for those of several")
        parser.add_argument("--columns", default="", help="keys in their order, separated by commas (default: what an import reads)")
        parser.add_argument("--separator", default=",", choices=ExportJob.Separator.values, help="between the cells of CSV")
        parser.add_argument("--language", default="", choices=["", "en", "fr"], help="of the column names (default: the organisation's)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the file and say how many rows it has."""
        organisation, path = Organisation.current(), options["file"]
        kind = path.suffix.lower().removeprefix(".")
        if kind not in ExportJob.Format.values:
            raise CommandError("Name a file that ends in .csv or .xlsx.", returncode=2)
        try:
            with translation.override(options["language"] or organisation.language):
                contacts, keys = _people(options["group"]), _keys(options["columns"])
                rows = run.write(path, people.table(contacts, keys), kind=kind, separator=options["separator"], region=organisation.default_region)
        except OSError as problem:
            raise CommandError(f"The file cannot be written: {problem.strerror}.", returncode=2) from None
        self.stdout.write(f"{rows} {'contact' if rows == 1 else 'contacts'} in {path}")


def _people(names: list[str]) -> ContactQuerySet:
    groups = dict(Group.objects.filter(name__in=names).values_list("name", "id"))
    if missing := [name for name in names if name not in groups]:
        raise CommandError(f"There is no group “{missing[0]}”.", returncode=2)
    return Contact.objects.active().in_groups(list(groups.values())) if names else Contact.objects.active()


def _keys(text: str) -> list[str]:
    keys = [key.strip() for key in text.split(",") if key.strip()] or columns.usual()
    known = [column.key for column in columns.offered()]
    if unknown := [key for key in keys if key not in known]:
        raise CommandError(f"There is no column “{unknown[0]}”. Choose among: {', '.join(known)}.", returncode=2)
    return keys
