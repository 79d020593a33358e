"""The user: Django's, with language, time zone, theme and a mobile for test texts."""

from typing import Any

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

TAKEN = _("Another user has this e-mail. Everybody needs their own.")


class User(AbstractUser):
    """Anybody who can sign in."""

    class Theme(models.TextChoices):
        AUTO = "auto", _("Same as device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    language = models.CharField(
        _("language"),
        max_length=2,
        blank=True,
        choices=[("en", "English"), ("fr", "Français")],
        help_text=_("Empty: the browser's language."),
    )
    time_zone = models.CharField(_("time zone"), max_length=60, blank=True, help_text=_("Empty: the organisation's time zone."))
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    single_key_shortcuts = models.BooleanField(_("single-letter keyboard shortcuts"), default=True)
    mobile = models.CharField(_("mobile"), max_length=16, blank=True, help_text=_("For texts that you send to yourself as a test."))

    class Meta(AbstractUser.Meta):
        constraints = [models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="email_once", violation_error_message=TAKEN)]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Of the permissions that all backends give, gathered once: a page asks dozens of times, and each backend anew."""
        if obj is not None or not self.is_active or self.is_superuser:
            return super().has_perm(perm, obj)
        return perm in self._given

    @cached_property
    def _given(self) -> set[str]:
        return self.get_all_permissions()
