"""The roof's app: its commands and system checks."""

from django.apps import AppConfig


class SmsappConfig(AppConfig):
    name = "smsapp"
    label = "smsapp"

    def ready(self) -> None:
        from smsapp import checks  # noqa: F401
