"""Ground shared by all apps."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CommonConfig(AppConfig):
    """What two apps or more share."""

    name = "smsapp.common"
    label = "common"
    verbose_name = _("Organisation")
