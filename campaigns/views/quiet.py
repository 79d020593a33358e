"""What pages say of texts that wait for the hours of a country, and of texts that somebody writes at a quiet hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Mailing
from campaigns.services import quiet_hours
from campaigns.statuses import MailingStatus
from campaigns.wizard.forecasts import wait_words, when
from campaigns.wizard.moments import Moment
from smsapp.common import phone
from smsapp.common.bidi import isolated
from smsapp.common.readable import number

NAMED = 3  # people in a question
LARGE, KEPT = 50_000, 10  # texts from which on they are counted every so many seconds only


@dataclass(frozen=True, slots=True)
class Wait:
    """How many texts, and the sentence about them."""

    texts: int
    words: str


def waits(mailing: Mailing, texts: int) -> list[Wait]:
    """Of a mailing that is being sent, with so many texts to go: the soonest first."""
    if mailing.status != MailingStatus.SENDING or not texts:
        return []
    return [Wait(wait.texts, wait_words(wait.texts, wait.until, wait.country)) for wait in _counted(mailing, texts)]


def _counted(mailing: Mailing, texts: int) -> Sequence[quiet_hours.Wait]:
    if texts < LARGE:
        return quiet_hours.waiting(mailing.pk)
    return cache.get_or_set(f"waits-{mailing.pk}", lambda: quiet_hours.waiting(mailing.pk), KEPT) or ()


# --- a person writes to somebody at a quiet hour ---


@dataclass(frozen=True, slots=True)
class Asleep:
    """The question before a text to people in their quiet hours."""

    title: str
    words: str


class Reader(NamedTuple):
    """Who would be woken: the E.164 number, and by which name the question calls its owner."""

    number: str
    name: str

    @property
    def country(self) -> str:
        """Of the number."""
        return phone.country_of(self.number)


def asleep(readers: Sequence[Reader], moment: Moment | None) -> Asleep | None:
    """Of people who would get a text at a moment, or now; None where it is quiet for nobody."""
    at, rules = moment.at if moment else timezone.now(), quiet_hours.book()
    found = [(reader, opens) for reader in readers if (opens := rules.opens_at(reader.country, reader.number, at)) > at]
    if not found:
        return None
    named = [_("%(time)s for %(person)s") % {"time": _clock(rules, reader, at), "person": isolated(reader.name)} for reader, _opens in found[:NAMED]]
    more = " …" if len(found) > NAMED else ""
    hours = _("Their quiet hours end %(when)s.") % {"when": when(max(opens for _reader, opens in found))}
    return Asleep(_title(len(found), len(readers), _clock(rules, found[0][0], at), is_now=moment is None), f"{', '.join(named)}{more}. {hours}")


def _title(asleep_: int, of: int, clock: str, *, is_now: bool) -> str:
    if of == 1:
        words = _("It is %(time)s for this person. Send anyway?") if is_now else _("It will be %(time)s for this person. Send anyway?")
        return words % {"time": clock}
    words = ngettext("For %(n)s of them it is a quiet hour. Send anyway?", "For %(n)s of them it is a quiet hour. Send anyway?", asleep_)
    return words % {"n": number(asleep_)}


def _clock(rules: quiet_hours.Book, reader: Reader, at: datetime) -> str:
    return f"{rules.clock(reader.country, reader.number, at):%H:%M}"
