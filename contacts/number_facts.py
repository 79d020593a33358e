"""What a number says of itself, for people: its line, its country, what time it is there; and which one stands for somebody."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.formats import time_format
from django.utils.translation import gettext as _

from contacts.models import Contact, PhoneNumber
from smsapp.common import countries, phone, zones


@dataclass(frozen=True, slots=True)
class NumberFacts:
    """Words for a page; empty where nobody can tell."""

    line: Any
    country: str
    local_time: str
    fictional: bool


def of(number: str, now: datetime) -> NumberFacts:
    """The facts of an E.164 number at a moment."""
    facts = phone.facts_of(number)
    country = countries.name_of(facts.country) if facts.country else ""
    return NumberFacts(phone.LINES[facts.line], country, local_time(number, now), phone.is_fictional(number))


def local_time(number: str, now: datetime) -> str:
    """The time where the number may be at home: "15:30", or "09:30 to 12:30" where its country has several zones."""
    clocks = zones.clocks_in(phone.time_zones(number), now)
    if not clocks:
        return ""
    first, last = time_format(clocks[0], "H:i"), time_format(clocks[-1], "H:i")
    return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}


def by_contact(people: Iterable[Contact]) -> dict[int, str]:
    """Each one's number, for a list: the one that is texted, else the primary one, which cannot be. One query for those."""
    found = {person.pk: person.sms_number or "" for person in people}
    others = PhoneNumber.objects.filter(contact__in=[pk for pk, number in found.items() if not number])
    return found | dict(others.order_by("is_primary", "-id").values_list("contact_id", "number"))
