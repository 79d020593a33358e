"""A text kept for reuse, and what it said before."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped

LANGUAGES = [("en", _("English")), ("fr", _("French"))]  # of texts; their names in words: campaigns.wording.language
CODES = [code for code, _label in LANGUAGES]


class Kind(models.TextChoices):
    """What a text is for: those who want no advertising still get what concerns their own affairs."""

    MARKETING = "marketing", _("Marketing")
    SERVICE = "service", _("Service")


class SmsTemplateQuerySet(models.QuerySet["SmsTemplate"]):
    """Words for choosing templates."""

    def active(self) -> "SmsTemplateQuerySet":
        """Those that may be chosen for new texts; the others are in the archive."""
        return self.filter(active=True)


class SmsTemplate(Timestamped):
    """A delivery template: text with tokens, the same in other languages, and what goes with it.

    `text` is for everybody whose language is none of `translations` ({"fr": "…"}). Changed by campaigns.services.templates only,
    which keeps a version of every text that was saved.
    """

    Kind = Kind

    name = models.CharField(_("name"), max_length=100, unique=True)
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=2, blank=True, choices=LANGUAGES)  # of `text`
    translations = models.JSONField(_("in other languages"), default=dict, blank=True)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind, default=Kind.SERVICE)
    provider = models.ForeignKey("providers.Provider", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("provider"))
    sender = models.CharField(_("sender"), max_length=16, blank=True)
    max_segments = models.PositiveSmallIntegerField(_("most segments"), default=1, validators=[MinValueValidator(1), MaxValueValidator(10)])
    series = models.CharField(_("series"), max_length=60, blank=True, default="", db_default="")  # of reminders: services.series
    active = models.BooleanField(_("active"), default=True)
    version = models.PositiveIntegerField(_("version"), default=1, editable=False)  # number of the newest SmsTemplateVersion
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", editable=False, verbose_name=_("changed by"))

    objects = SmsTemplateQuerySet.as_manager()

    class Meta:
        verbose_name = _("SMS template")
        verbose_name_plural = _("SMS templates")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SmsTemplateVersion(models.Model):
    """What a template said from one save to the next; never changed. Texts that were made from it keep pointing here."""

    template = models.ForeignKey(SmsTemplate, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveIntegerField(_("version"))
    text = models.TextField(_("text"))
    language = models.CharField(_("language"), max_length=2, blank=True, choices=LANGUAGES)
    translations = models.JSONField(_("in other languages"), default=dict, blank=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("author"))
    saved_at = models.DateTimeField(_("saved"), auto_now_add=True)

    class Meta:
        verbose_name = _("version of a template")
        verbose_name_plural = _("versions of templates")
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"
