"""Ground shared by all apps."""

from django.apps import AppConfig


class CommonConfig(AppConfig):
    name = "smsapp.common"
    label = "common"
