"""People who sign in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Logins, profiles, users."""

    name = "smsapp.accounts"
    label = "accounts"
    verbose_name = _("Users")
