"""Columns of the list of marketing activities: on the page beside the label, and in a file."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from workflows.activities.rows import Row


@dataclass(frozen=True, slots=True)
class Column:
    """A column that can be chosen. `cell`: what a file has of it; a page draws it by its key. `css`: where it leaves on narrow windows."""

    key: str
    label: Any
    cell: Callable[[Row], Any]
    css: str = "col-full"
    sort: str = ""


def _time(at: datetime | date | None) -> str:
    return timezone.localtime(at).strftime("%Y-%m-%d %H:%M") if isinstance(at, datetime) else _day(at)


def _day(day: date | None) -> str:
    return day.isoformat() if day else ""


COLUMNS = (
    Column("status", _("Status"), lambda row: str(row.state.label), "col-wide"),
    Column("date", _("Date"), lambda row: _time(row.at) or _day(row.first), "col-wide", "at"),
    Column("campaign", _("Campaign"), lambda row: row.campaign.name if row.campaign else ""),
    Column("texts", _("Texts"), lambda row: row.texts, "end col-wide"),
    Column("sent", _("Texts sent"), lambda row: row.sent, "end col-full"),
    Column("delivered", _("Delivered"), lambda row: row.delivered, "end col-full"),
    Column("type", _("Type"), lambda row: str(row.type)),
    Column("template", _("Template"), lambda row: row.template.name if row.template else ""),
    Column("author", _("Author"), lambda row: str(row.author or "")),
    Column("last", _("Last day"), lambda row: _day(row.last)),
    Column("created", _("Created"), lambda row: _time(row.created)),
    Column("finished", _("Finished"), lambda row: _time(row.finished)),
    Column("id", _("ID"), lambda row: row.pk, "end col-full"),
)
KNOWN = {column.key: column for column in COLUMNS}
USUAL = ("status", "date", "texts")  # the campaign stands below the label where it has no column
ALWAYS = (
    Column("label", _("Label"), lambda row: row.label),
    Column("kind", pgettext_lazy("of an activity", "Kind"), lambda row: str(row.kind.label)),
    Column("of", _("Part of"), lambda row: " · ".join(map(str, row.of))),
)  # what else a file may have: on the page it stands in the first cell


def chosen(keys: Iterable[str]) -> list[Column]:
    """Those of these keys, in the order of the list; the usual ones where none is known."""
    wanted = set(keys)
    return [column for column in COLUMNS if column.key in wanted] or [KNOWN[key] for key in USUAL]
