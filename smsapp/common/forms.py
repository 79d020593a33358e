"""Form fields that more than one app needs."""

import zoneinfo
from functools import cache

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from smsapp.common import phone
from smsapp.common.models import Organisation


@cache
def time_zones() -> tuple[str, ...]:
    """Names of places, such as Europe/Paris, that this machine knows."""
    return tuple(sorted(zone for zone in zoneinfo.available_timezones() if "/" in zone and not zone.startswith(("Etc/", "SystemV/", "posix/", "right/"))))


def time_zone_field(label: str | Promise, empty: str | Promise = "", help_text: str | Promise = "") -> forms.ChoiceField:
    """A choice of time zones; `empty` names what none means, without it one must be chosen."""
    choices = [(zone, zone.replace("_", " ")) for zone in time_zones()]
    return forms.ChoiceField(label=label, required=not empty, choices=[("", empty), *choices] if empty else choices, help_text=help_text)


def clean_number(raw: str) -> str:
    """E.164 of what a person typed, read as a number of the organisation's region; empty stays empty."""
    if not raw.strip():
        return ""
    try:
        return phone.normalise(raw, Organisation.current().default_region)
    except phone.PhoneError as error:
        raise ValidationError(str(error), code=error.code)


def clean_region(raw: str) -> str:
    """Two capital letters of a country that has phone numbers."""
    region = raw.strip().upper()
    if not phone.is_region(region):
        raise ValidationError(_("No country has these two letters. Write for example FR, GB, US or TN."), code="unknown_region")
    return region
