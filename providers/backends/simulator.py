"""The simulated gateway: Twilio's wire format against a server of our own, credentials made by themselves."""

from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from providers.backends.twilio import TwilioBackend
from providers.types import ProviderSnapshot

HOME = "http://127.0.0.1:8025"


class SimulatorBackend(TwilioBackend):
    """Reaches nobody: for trying out, for demonstrations and for tests."""

    kind = "simulator"
    label = _("Simulator (no real texts)")
    order = 90
    settings = ()
    confirms_opt_out = False

    def accepts_fictional(self, provider: ProviderSnapshot) -> bool:
        return True

    def base_url(self, provider: ProviderSnapshot) -> str:
        return (settings.SIMULATOR_URL or HOME).rstrip("/")

    def auth_token(self, provider: ProviderSnapshot) -> str:
        return salted_hmac("providers.simulator", provider.webhook_token, algorithm="sha256").hexdigest()[:32]

    def login(self, provider: ProviderSnapshot) -> tuple[str, str, str]:
        account = f"AC{provider.id:032d}"
        return account, account, self.auth_token(provider)
