"""Fields that administrators add to contacts."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped


class CustomFieldQuerySet(models.QuerySet["CustomField"]):
    """Words for choosing custom fields; they are few, so one query reads them all."""

    def active(self) -> "CustomFieldQuerySet":
        """Those that forms, search, files and tokens offer, in their order."""
        return self.filter(archived=False)


class CustomField(Timestamped):
    """A typed field; its values stand in `Contact.custom` under `key`, which never changes once it is used.

    Values as JSON: text and choice a string, number a JSON number, date "2026-12-31", yes/no true or false; an empty one is absent.
    """

    class Type(models.TextChoices):
        TEXT = "text", _("Text")
        NUMBER = "number", _("Number")
        DATE = "date", _("Date")
        CHOICE = "choice", _("Choice")
        YES_NO = "yes_no", _("Yes or no")

    key = models.CharField(
        _("key"), max_length=40, unique=True, blank=True,  # its form makes one then
        validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Use small letters, digits and _, beginning with a letter, for example member_level."))],
        help_text=_(
            "Its name in texts and files: {contact.custom.member_level}. Small letters, digits and _; left empty, it is made from the label. "
            "It cannot be changed later."
        ),
    )  # fmt: skip
    label = models.CharField(_("label"), max_length=60, help_text=_("What people read beside the field."))
    type = models.CharField(_("type"), max_length=6, choices=Type, default=Type.TEXT)
    choices = ArrayField(models.CharField(max_length=100), verbose_name=_("choices"), default=list, blank=True)
    help_text = models.CharField(_("help"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(_("position"), default=100, help_text=_("Lower ones stand first."))
    archived = models.BooleanField(_("archived"), default=False, help_text=_("Hidden from forms; what was entered stays."))

    objects = CustomFieldQuerySet.as_manager()

    class Meta:
        verbose_name = _("custom field")
        verbose_name_plural = _("custom fields")
        ordering = ["position", "label", "id"]

    def __str__(self) -> str:
        return self.label
