"""A contact's phone number."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact


class PhoneNumber(models.Model):
    """A number in E.164; written only through `contacts.services.numbers`, which keeps the contact's `sms_number` true."""

    class Kind(models.TextChoices):
        MOBILE = "mobile", _("Mobile")
        LANDLINE = "landline", _("Landline")
        OTHER = "other", _("Other")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="numbers", verbose_name=_("contact"))
    number = models.CharField(_("number"), max_length=16)
    kind = models.CharField(_("type"), max_length=8, choices=Kind, default=Kind.MOBILE)
    is_primary = models.BooleanField(_("primary"), default=False)

    class Meta:
        verbose_name = _("phone number")
        verbose_name_plural = _("phone numbers")
        constraints = [
            models.UniqueConstraint(fields=["contact", "number"], name="number_once_per_contact"),
            models.UniqueConstraint(fields=["contact"], condition=models.Q(is_primary=True), name="one_primary_number"),
            models.CheckConstraint(condition=models.Q(number__regex=r"^\+[1-9][0-9]{5,14}$"), name="number_is_e164"),
        ]
        indexes = [
            # search by number, replies, imports; text_pattern_ops also serves "begins with"
            models.Index(fields=["number"], opclasses=["text_pattern_ops"], name="number_lookup"),
            # search by some digits of a number
            GinIndex(fields=["number"], opclasses=["gin_trgm_ops"], name="number_trgm"),
        ]

    def __str__(self) -> str:
        return self.number
