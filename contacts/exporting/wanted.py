"""What was chosen for an export: the posted selection, kept as JSON, and in words."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts import selection
from contacts.filters import Filters
from contacts.models import Group
from smsapp.common.bidi import isolated

Pairs = list[tuple[str, str]]
MOST_WORDS = 300


def as_json(pairs: Pairs) -> dict[str, list[str]]:
    """For the job's row."""
    kept: dict[str, list[str]] = {}
    for name, value in pairs:
        kept.setdefault(name, []).append(value)
    return kept


def as_posted(kept: Mapping[str, Iterable[str]]) -> QueryDict:
    """The selection as a list posts it."""
    data = QueryDict(mutable=True)
    for name, values in kept.items():
        data.setlist(name, list(values))
    return data


def is_everything(data: Any) -> bool:
    """All contacts, narrowed by nothing."""
    return selection.fields(data) == [("all", "1")]


def in_words(data: Any) -> str:
    """The selection as one line for people, without its number."""
    if data.get("all") != "1":
        ticked = len(set(data.getlist("contact")))
        return ngettext("%(n)s contact chosen in a list", "%(n)s contacts chosen in a list", ticked) % {"n": ticked}
    words = _words_of(Filters.read(data))
    return (_("Contacts: %(filters)s") % {"filters": ", ".join(words)} if words else _("All contacts"))[:MOST_WORDS]


def _words_of(filters: Filters) -> list[str]:
    groups = Group.objects.filter(id__in=filters.groups).order_by("name").values_list("name", flat=True)
    return [
        *([_("search “%(words)s”") % {"words": filters.q}] if filters.q else []),
        *([_("in %(groups)s") % {"groups": _(" or ").join(map(isolated, groups))}] if filters.groups else []),
        *([_("tagged %(tags)s") % {"tags": ", ".join(filters.tags)}] if filters.tags else []),
        *([_("can be texted") if filters.sms == "yes" else _("cannot be texted")] if filters.sms else []),
        *([filters.problem] if filters.problem else [filters.rules().words()] if filters.packed else []),
    ]
