"""Wires to the outside; knows nothing of people or mailings."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProvidersConfig(AppConfig):
    name = "providers"
    verbose_name = _("Providers")

    def ready(self) -> None:
        from providers import audit, session_figures, slots
        from providers.services import retention
        from smsapp.common.retention import kinds

        audit.register()
        kinds.register("events", retention.KIND, order=10)
        slots.health_figures.register("sessions", session_figures.figures, order=200)
