"""The people behind a number of the plan: recipients narrowed by what their text or they themselves are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns import wording
from campaigns.models import Mailing, Message
from campaigns.pipeline import planning
from campaigns.pipeline.rested import Before
from campaigns.plans import Plan
from campaigns.texts import Texts
from campaigns.wizard.picker import id_in
from smsapp.common import countries
from smsapp.common.bidi import isolated
from smsapp.common.readable import number

NOTHING = "none"
EARLIEST, LATEST = 1900, 3000  # years that can be reckoned with


def narrow(messages: QuerySet[Any], mailing: Mailing, asked: Mapping[str, str]) -> tuple[QuerySet[Any], str]:
    """The messages that an address asks for, and what they have in common in words; nonsense is left out."""
    for name, by in _BY.items():
        if asked.get(name) and (found := by(mailing, asked[name].replace("\0", "")[:60])):
            condition, words = found
            return messages.filter(condition), words
    return messages, ""


Found = tuple[Q, str] | None


def _segments(mailing: Mailing, value: str) -> Found:
    n = id_in(value) or 0
    return (Q(segments=n), ngettext("%(n)s segment", "%(n)s segments", n) % {"n": n}) if 0 < n < 100 else None


def _encoding(mailing: Mailing, value: str) -> Found:
    code = next((code for code, label in Message.Encoding.choices if label == value), None)
    return None if code is None else (Q(encoding=code), value)


def _country(mailing: Mailing, value: str) -> Found:
    code = "" if value == NOTHING else value[:2].upper()
    return Q(contact__sms_country=code), countries.name_of(code) if code else _("Unknown")


def _language(mailing: Mailing, value: str) -> Found:
    texts = Texts.of(mailing)
    code = "" if value == NOTHING else value[:2]
    others = [language for language, text in texts.translations.items() if text]
    if code in others:
        return Q(contact__language=code), str(wording.language(code))
    return (~Q(contact__language__in=others), str(wording.language(code))) if code == texts.language else None


def _empty(mailing: Mailing, value: str) -> Found:
    return Q(id__in=planning.without(mailing, value).values("id")), _("Nothing for %(token)s") % {"token": f"{{{value}}}"}


def _opted_out(mailing: Mailing, value: str) -> Found:
    return Q(contact__opted_out=True), _("Want no marketing")


def _recent(mailing: Mailing, value: str) -> Found:
    """Until a moment; until the plan was made where the address names none."""
    plan = Plan.read(mailing.plan)
    if plan is None:
        return None
    until = _moment(value) or plan.made
    words = ngettext("Texted within %(n)s hour", "Texted within %(n)s hours", plan.recent_hours) % {"n": number(plan.recent_hours)}
    return Q(id__in=planning.recently_texted(mailing, plan.recent_hours, until=until).values("id")), words


def _before(mailing: Mailing, value: str) -> Found:
    plan, at = Plan.read(mailing.plan), _moment(value)
    if plan is None or at is None:
        return None
    words = ngettext("Texted within the hour before", "Texted within the %(n)s hours before", plan.recent_hours) % {"n": number(plan.recent_hours)}
    return Q(id__in=Before(mailing, plan.recent_hours, at).either().values("id")), words


def _moment(value: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return None
    return at if at.tzinfo is not None and EARLIEST < at.year < LATEST else None


def _also(mailing: Mailing, value: str) -> Found:
    other = Mailing.objects.filter(id=id_in(value)).first()
    if other is None:
        return None
    return Q(id__in=planning.also_of(mailing, other.pk).values("id")), _("Also in “%(name)s”") % {"name": isolated(other.name)}


def _again(mailing: Mailing, value: str) -> Found:
    return Q(again_of__isnull=False), _("Sent again")


_BY = {
    "segments": _segments, "encoding": _encoding, "country": _country, "language": _language, "empty": _empty, "opted_out": _opted_out, "recent": _recent,
    "before": _before, "also": _also, "again": _again,
}  # fmt: skip
