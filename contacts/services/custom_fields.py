"""Custom fields: what administrators may define, who has a value, and how values come into a contact."""

import re
import unicodedata
from collections.abc import Container, Mapping, Sequence
from itertools import count
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts import custom_values, spelling
from contacts.importing import columns
from contacts.models import Contact, CustomField
from contacts.services.errors import ContactsError
from contacts.spelling import ValueProblem

MOST = 60  # active ones: more make neither a form nor a file that people can use
MOST_CHOICES = 200
LONGEST_KEY = 40
RESERVED = {*columns.FIELDS, "name", "id", "custom", "contact", "tag", "tags", "group", "region", "reason", "created_at", "updated_at"}

Problem = tuple[str, str]  # name of the form's field, sentence


def merged(present: Mapping[str, Any], told: Mapping[str, Any], *, region: str = "FR") -> dict[str, Any]:
    """A contact's values with those of `told` put in; None or an empty text takes one away. ContactsError for what a field cannot take.

    What stays as it is, is not judged: a value may be older than its field's choices, or its field archived.
    """
    values = dict(present)
    changes = {key: raw for key, raw in told.items() if raw != present.get(key)}
    fields = {field.key: field for field in CustomField.objects.active()} if changes else {}
    for key, raw in changes.items():
        if key not in fields:
            sentence = _("There is no field “%(key)s”, or it was archived. Load the page again.")
            raise ContactsError("no_such_field", sentence % {"key": key}, form_name(key))
        value = _read(fields[key], raw, region)
        if value is None:
            values.pop(key, None)
        else:
            values[key] = value
    return values


def _read(field: CustomField, raw: Any, region: str) -> Any:
    try:
        return custom_values.clean(field.type, raw, choices=field.choices, region=region)
    except ValueProblem as problem:
        raise ContactsError(problem.code, problem.message, form_name(field.key)) from None


def form_name(key: str) -> str:
    """What the field is called in forms."""
    return f"custom_{key}"


def contacts_with(key: str) -> int:
    """How many contacts have a value; reads all of them, so ask only when somebody changes a field."""
    return Contact.objects.filter(custom__has_key=key).count()


def is_used(key: str) -> bool:
    """Somebody has a value."""
    return Contact.objects.filter(custom__has_key=key).exists()


def problems_of(field: CustomField, before: CustomField | None, *, drop_used_choices: bool = False) -> list[Problem]:
    """Everything that keeps a field from being saved; `before` is how it is stored now."""
    problems = [] if before else _key_problems(field.key)
    problems += _label_problems(field)
    problems += _choice_problems(field.choices) if field.type == CustomField.Type.CHOICE else []
    if not field.archived and (before is None or before.archived) and CustomField.objects.active().count() >= MOST:
        problems.append(("archived", _("There are %(most)s fields already. Archive one that nobody needs first.") % {"most": MOST}))
    if before and before.type != field.type:
        problems += _type_problems(before)
    elif before and not drop_used_choices:
        problems += _dropped_problems(before, field.choices)
    return problems


def keys_taken() -> set[str]:
    """Keys of fields, archived ones too, and of what every contact has."""
    return {*CustomField.objects.values_list("key", flat=True), *RESERVED}


def key_for(label: str, taken: Container[str]) -> str:
    """A free key like a label or the name of a column: "N° d'adhérent" → "n_d_adherent". static/js/custom_field.js shows it beforehand."""
    folded = unicodedata.normalize("NFKD", label.casefold().replace("œ", "oe").replace("’", "'")).encode("ascii", "ignore").decode()
    plain = re.sub(r"[^a-z0-9]+", "_", folded).strip("_")
    key = (plain if plain[:1].isalpha() else f"field_{plain}".rstrip("_"))[: LONGEST_KEY - 4].rstrip("_")
    free = (f"{key}_{number}" for number in count(2))
    return key if _is_free(key, taken) else next(each for each in free if _is_free(each, taken))


def _is_free(key: str, taken: Container[str]) -> bool:
    return key not in taken and columns.plain(key) not in columns.BY_NAME


def _key_problems(key: str) -> list[Problem]:
    if key in RESERVED or columns.plain(key) in columns.BY_NAME:
        return [("key", _("“%(key)s” means a field that every contact has. Choose another key.") % {"key": key})]
    return []


def _label_problems(field: CustomField) -> list[Problem]:
    label = spelling.folded(field.label)
    if label in {spelling.folded(str(name)) for name in columns.FIELDS.values()}:
        return [("label", _("Every contact has a field of this name. Choose another label."))]
    others = CustomField.objects.active().exclude(pk=field.pk)
    if not field.archived and any(spelling.folded(other.label) == label for other in others):
        return [("label", _("Another field has this label. People could not tell them apart: choose another one."))]
    return []


def _choice_problems(choices: Sequence[str]) -> list[Problem]:
    if not choices:
        return [("choices", _("Write at least one choice, each on a line of its own."))]
    if len(choices) > MOST_CHOICES:
        return [("choices", _("%(count)s choices. Use at most %(most)s, or a text field.") % {"count": len(choices), "most": MOST_CHOICES})]
    if long := next((choice for choice in choices if len(choice) > 100), ""):
        return [("choices", _("“%(choice)s…” is too long. Use at most 100 characters a line.") % {"choice": long[:40]})]
    seen: set[str] = set()
    for choice in choices:
        if (same := spelling.folded(choice)) in seen:
            return [("choices", _("“%(choice)s” stands here twice, but for accents and capitals. Keep one of them.") % {"choice": choice})]
        seen.add(same)
    return []


def _type_problems(before: CustomField) -> list[Problem]:
    count = contacts_with(before.key)
    if not count:
        return []
    sentence = ngettext(
        "%(count)s contact has a value, so the type stays “%(type)s”. Make a new field for another type, and archive this one.",
        "%(count)s contacts have a value, so the type stays “%(type)s”. Make a new field for another type, and archive this one.",
        count,
    )
    return [("type", sentence % {"count": count, "type": before.get_type_display()})]


def _dropped_problems(before: CustomField, choices: Sequence[str]) -> list[Problem]:
    """Choices that go although people have them, each with how many."""
    dropped = [(choice, Contact.objects.filter(custom__contains={before.key: choice}).count()) for choice in before.choices if choice not in choices]
    used = ", ".join(f"{choice} ({count})" for choice, count in dropped if count)
    if not used:
        return []
    sentence = _("Contacts have these choices: %(choices)s. Leave them in, or tick “Drop choices in use”: the contacts keep what they have.")
    return [("choices", sentence % {"choices": used})]
