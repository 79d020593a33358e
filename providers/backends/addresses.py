"""Addresses of gateways whose vendor has one: changed only to use a stand-in."""

from collections.abc import Mapping
from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.conf import settings
from django.core.validators import URLValidator
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from providers.backends.base import Backend, Setting
from providers.types import ProviderSnapshot
from smsapp.common.hosts import is_this_machine

# Where the simulated gateway of this installation is.
_stand_in = lazy(lambda: settings.SIMULATOR_URL or "http://127.0.0.1:8025", str)
_whole = URLValidator(schemes=["https", "http"], message=_("Enter a whole address that begins with https://."))


def vendor_address(world: str) -> Setting:
    """The setting `base_url` of a gateway that is at `world` unless told otherwise."""
    words = format_lazy(_("Change it only to use a stand-in, for example {url}."), url=_stand_in())
    return Setting("base_url", _("Address"), words, required=False, address=True, initial=world, validators=(_whole,))


class VendorBackend(Backend):
    """Of a vendor that is at `world`, unless its `vendor_address` names a stand-in."""

    world: ClassVar[str]

    def clean(self, options: Mapping[str, str], secrets: Mapping[str, str]) -> dict[str, Any]:
        fault = fault_of(options.get("base_url") or self.world)
        return {"base_url": fault} if fault else {}

    def accepts_fictional(self, provider: ProviderSnapshot) -> bool:
        """An address on this machine is a stand-in: nothing leaves for the world."""
        return is_loopback(self.base_url(provider))

    def base_url(self, provider: ProviderSnapshot) -> str:
        """Where the gateway is, without a slash at the end."""
        return (provider.options.get("base_url") or self.world).rstrip("/")


def fault_of(address: str) -> Any:
    """What is wrong with an address that credentials travel to; None when nothing is."""
    parts = urlsplit(address)
    if parts.username is not None or parts.query or parts.fragment:
        return _("Enter the address alone: without user name, question mark and #.")
    if parts.scheme == "https" or is_loopback(address):
        return None
    return _("Credentials travel with every text: use https. Plain http is for this machine only, for example %(url)s.") % {"url": _stand_in()}


def is_loopback(address: str) -> bool:
    """Whether an address names this machine: what is there is a stand-in, and nothing leaves for the world."""
    return is_this_machine(urlsplit(address).hostname or "")
