"""System checks of the installation."""

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register


@register()
def secret_key_is_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Without a key nothing is signed safely: refuse to start rather than use a known one."""
    if settings.SECRET_KEY:
        return []
    return [Error("SECRET_KEY is empty.", hint="Set the environment variable SECRET_KEY to 50 random characters.", id="smsapp.E001")]


@register()
def lease_outlives_a_call(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """A call starts only when its deadline lies inside the lease: with a shorter lease nothing would ever start."""
    if settings.LEASE_SECONDS > settings.CALL_DEADLINE_SECONDS + 6:
        return []
    return [Error("LEASE_SECONDS is too short for CALL_DEADLINE_SECONDS.", hint="Make it at least 7 seconds longer.", id="smsapp.E002")]


@register(deploy=True)
def public_address_is_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Gateways can only report to an address that they can reach."""
    if settings.PUBLIC_BASE_URL:
        return []
    return [
        Warning(
            "PUBLIC_BASE_URL is empty: no delivery reports or replies can arrive.",
            hint="Set it to the address at which gateways reach this console, for example https://sms.example.org.",
            id="smsapp.W001",
        )
    ]
