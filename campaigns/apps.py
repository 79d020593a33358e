"""Text, choice, sending and results."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Mailings")

    def ready(self) -> None:
        from campaigns import audit, receivers, registered  # noqa: F401

        audit.register()
        registered.fill()
