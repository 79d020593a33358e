"""A contact's phone number."""

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from contacts.models.contact import Contact
from smsapp.common import phone


class PhoneNumber(models.Model):
    """A number in E.164; written only through `contacts.services.numbers`, which keeps the contact's `sms_number` true.

    `kind` is what a person chose, else what the number says of itself; `line` and `country` are always the number's own
    (smsapp.common.phone.facts_of). `textable` sums up kind, line and what administrators allow.
    """

    class Kind(models.TextChoices):
        MOBILE = "mobile", _("Mobile")
        LANDLINE = "landline", _("Landline")
        OTHER = "other", _("Other")

    contact = models.ForeignKey(Contact, models.CASCADE, related_name="numbers", verbose_name=_("contact"))
    number = models.CharField(_("number"), max_length=16)
    kind = models.CharField(_("type"), max_length=8, choices=Kind, default=Kind.MOBILE)
    is_primary = models.BooleanField(_("primary"), default=False)
    line = models.CharField(_("line"), max_length=16, default="unknown", db_default="unknown", choices=phone.LINES.items())
    country = models.CharField(_("country"), max_length=2, blank=True, default="", db_default="")
    textable = models.BooleanField(_("textable"), default=False, db_default=False)

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
            # conditions of searches and smart groups
            models.Index(fields=["country"], name="number_country"),
            models.Index(fields=["line"], name="number_line"),
        ]

    def __str__(self) -> str:
        return self.number


class AllowedRange(models.Model):
    """The beginning of premium, satellite or personal numbers that may be texted here all the same."""

    beginning = models.CharField(
        _("beginning"), max_length=16, unique=True,
        help_text=_("With + and country code, for example +8816. Every premium, satellite or personal number that begins so is texted."),
    )  # fmt: skip
    note = models.CharField(_("note"), max_length=300, blank=True, help_text=_("Why it is allowed, for those who ask later."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("allowed number range")
        verbose_name_plural = _("allowed number ranges")
        ordering = ["beginning"]
        constraints = [models.CheckConstraint(condition=models.Q(beginning__regex=r"^\+[1-9][0-9]{2,14}$"), name="range_begins_e164")]

    def __str__(self) -> str:
        return self.beginning
