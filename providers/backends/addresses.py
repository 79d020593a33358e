"""Addresses of gateways whose vendor has one: changed only to use a stand-in."""

from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from providers.backends.base import Setting

_whole = URLValidator(schemes=["https", "http"], message=_("Enter a whole address that begins with https://."))


def vendor_address(world: str) -> Setting:
    """The setting `base_url` of a gateway that is at `world` unless told otherwise."""
    words = _("Change it only to use a stand-in, for example http://127.0.0.1:8025.")
    return Setting("base_url", _("Address"), words, required=False, address=True, initial=world, validators=(_whole,))


def fault_of(address: str) -> Any:
    """What is wrong with an address that credentials travel to; None when nothing is."""
    if urlsplit(address).scheme == "https" or is_loopback(address):
        return None
    return _("Credentials travel with every text: use https. Plain http is for this machine only, for example http://127.0.0.1:8025.")


def is_loopback(address: str) -> bool:
    """Whether an address names this machine: what is there is a stand-in, and nothing leaves for the world."""
    host = urlsplit(address).hostname or ""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
