"""The accepted rows of a trial run in words: who each is, and what would be otherwise afterwards."""

from datetime import date
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from contacts import custom_values
from contacts.importing import columns, effects
from contacts.models import CustomField, ImportJob
from contacts.services import imports
from smsapp.common import dates, phone
from smsapp.common.bidi import isolated

Words = tuple[str, str, str]  # label, before, after


def of(job: ImportJob, *, outcome: str, place: str) -> dict[str, Any]:
    """A page of the rows that would make, change or leave contacts; empty when nothing is kept of them."""
    counts = {name: job.report.get(name, 0) for name in effects.OUTCOMES}
    chosen = outcome if outcome in effects.OUTCOMES else next((name for name in ("updated", "created") if counts[name]), "unchanged")
    start = int(place) if place.isascii() and place.isdigit() and len(place) < 15 else 0
    try:
        told, following = effects.page(imports.path_of(job), chosen, start)
    except OSError:
        return {}
    fields = {f"{columns.CUSTOM}{field.key}": field for field in CustomField.objects.all()}
    chips = [(name, label, counts[name]) for name, label in zip(effects.OUTCOMES, (_("New contacts"), _("Updated"), _("Unchanged")), strict=True)]
    lines = [_line(row, fields) for row in told]
    pages = {"next_place": following, "at_start": not start, "is_cut": counts[chosen] > effects.MOST, "most": effects.MOST}
    return {"outcome": chosen, "outcomes": chips, "accepted": lines, **pages}


def _line(told: dict[str, Any], fields: dict[str, CustomField]) -> dict[str, Any]:
    was, becomes = told.get("was", ""), told.get("becomes", "")
    names = {"who": was, "becomes": becomes} if was and was != becomes else {"becomes": ""}
    apart = {kind: [isolated(name) for name in told[kind]] for kind in ("groups", "tags")}
    return told | names | apart | {"changes": [_change(meaning, before, after, fields) for meaning, before, after in told["changes"]]}


def _change(meaning: str, before: Any, after: Any, fields: dict[str, CustomField]) -> Words:
    if meaning.startswith("number:"):
        return _("Number"), _value(meaning, before, None), _value(meaning, after, None)
    field = fields.get(meaning)
    label = field.label if field else columns.label_of(meaning, {}) if meaning in columns.FIELDS else meaning.removeprefix(columns.CUSTOM)
    return label, _value(meaning, before, field), _value(meaning, after, field)


def _value(meaning: str, value: Any, field: CustomField | None) -> str:
    if value is None or value == "":
        return ""
    if field:
        return custom_values.display(field.type, value)
    if meaning.startswith("number:"):
        return phone.display(value)
    if meaning == "birth_date":
        return dates.said(date.fromisoformat(value), "DATE_FORMAT")
    if meaning == "language":
        return str(dict(settings.LANGUAGES).get(value, value))
    return (_("yes") if value else _("no")) if isinstance(value, bool) else str(value)
