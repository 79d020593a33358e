"""Who changed which parts of a draft, and when: what somebody is told whose window shows an older version of it."""

from typing import Any

from django.utils.html import strip_tags
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.models import Mailing, MailingChange
from campaigns.models.mailing import AUDIENCE
from campaigns.statuses import MailingStatus
from smsapp.common.readable import person_time

# Parts of a draft in words, each with the fields of its row that hold it, and with its many-to-many fields.
PARTS: dict[str, tuple[Any, tuple[str, ...], tuple[str, ...]]] = {
    "name": (gettext_lazy("name"), ("name",), ()),
    "campaign": (gettext_lazy("campaign"), ("campaign_id",), ()),
    "recipients": (gettext_lazy("recipients"), (), AUDIENCE),
    "rest": (gettext_lazy("who is left out because they were texted not long ago"), ("rest_hours",), ()),
    "provider": (gettext_lazy("provider or sender"), ("provider_id", "sender"), ()),
    "kind": (gettext_lazy("type"), ("kind",), ()),
    "series": (gettext_lazy("series"), ("series",), ()),
    "text": (gettext_lazy("text"), ("text", "language", "translations"), ()),
    "template": (gettext_lazy("template"), ("template_id",), ()),
    "limit": (gettext_lazy("most segments"), ("max_segments",), ()),
}

Facts = dict[str, list[Any]]


def facts(row: Mailing) -> Facts:
    """What each part says, to compare with later."""
    return {
        part: [getattr(row, field) for field in fields] + [sorted(getattr(row, field).values_list("id", flat=True)) for field in chosen]
        for part, (_words, fields, chosen) in PARTS.items()
    }


def note(row: Mailing, version: int, by: Any, parts: list[str]) -> None:
    """Keep that a save made this version of a draft."""
    MailingChange.objects.create(mailing=row, version=version, author=by, parts=parts)


def different(before: Facts, after: Facts) -> list[str]:
    """The parts that somebody changed."""
    return [part for part in PARTS if before[part] != after[part]]


def told(mailing: Mailing, seen: int, reader: Any) -> str:
    """A sentence for each person who saved since version `seen`: who, what and when."""
    by_author: dict[Any, list[MailingChange]] = {}
    for change in mailing.changes.filter(version__gt=seen).select_related("author").order_by("version"):
        by_author.setdefault(change.author, []).append(change)
    if not by_author:
        return _("Somebody else saved this draft meanwhile.")
    return " ".join(_sentence(author, found, own=reader is not None and author == reader) for author, found in by_author.items())


def _sentence(author: Any, found: list[MailingChange], *, own: bool) -> str:
    changed = {part for change in found for part in change.parts}
    words = {
        "who": author or _("Somebody"),
        "what": ", ".join(str(words) for part, (words, _fields, _chosen) in PARTS.items() if part in changed),
        "when": strip_tags(person_time(found[-1].at)),
    }
    if not changed:
        return (_("You saved this draft in another window (%(when)s).") if own else _("%(who)s saved this draft meanwhile (%(when)s).")) % words
    if own:
        return _("You changed this in another window (%(when)s): %(what)s.") % words
    return _("%(who)s changed this meanwhile (%(when)s): %(what)s.") % words


def version_of_last_plan(mailing: Mailing, reader: Any) -> int | None:
    """The version that the last plan was made of, where others than the reader have changed something since; None where they have not."""
    planned = mailing.events.filter(status=MailingStatus.READY).values_list("at", flat=True).first()
    since = mailing.changes.filter(at__gt=planned) if planned else mailing.changes.none()
    if not since.exclude(author=reader).exclude(parts=[]).exists():
        return None
    return since.order_by("version").values_list("version", flat=True)[0] - 1
