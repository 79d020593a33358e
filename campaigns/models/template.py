"""A text kept for reuse."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped


class SmsTemplate(Timestamped):
    """A delivery template: text with tokens, and what goes with it."""

    class Kind(models.TextChoices):
        MARKETING = "marketing", _("Marketing")
        SERVICE = "service", _("Service")

    name = models.CharField(_("name"), max_length=100, unique=True)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=2, blank=True, choices=[("en", _("English")), ("fr", _("French"))])
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SERVICE)
    provider = models.ForeignKey("providers.Provider", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("provider"))
    sender = models.CharField(_("sender"), max_length=16, blank=True)
    max_segments = models.PositiveSmallIntegerField(_("most segments"), default=1, validators=[MinValueValidator(1), MaxValueValidator(10)])
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("SMS template")
        verbose_name_plural = _("SMS templates")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
