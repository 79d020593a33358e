"""How long a gateway tries to hand a text over."""

from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from providers.backends.base import Setting
from providers.types import OutboundSms, ProviderSnapshot

VALIDITY = Setting(
    "validity", _("Expires after (minutes)"),
    _("What the gateway could not hand over by then is dropped, for example 240 for a text about tonight. Empty: the gateway's own limit."),
    required=False, validators=(RegexValidator(r"\A[1-9]\d{0,4}\Z", _("A whole number of minutes, for example 240.")),),
)  # fmt: skip


def seconds(provider: ProviderSnapshot, sms: OutboundSms, least: int = 1, most: int = 10**9) -> int | None:
    """What to ask for, within a gateway's bounds: the text's own time, else the provider's; None leaves it to the gateway."""
    minutes = provider.options.get("validity")
    wanted = sms.valid_for if sms.valid_for is not None else int(minutes) * 60 if minutes else None
    return None if wanted is None else min(max(wanted, least), most)
