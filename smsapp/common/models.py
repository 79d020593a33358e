"""Shared model pieces and the organisation's one row."""

from typing import Any, Self

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Timestamped(models.Model):
    """Rows that know when they were made and last changed."""

    created_at = models.DateTimeField(_("created"), auto_now_add=True, editable=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True, editable=False)

    class Meta:
        abstract = True


def _days(label: Any, default: int | None, help_text: Any, *, least: int) -> Any:
    """So many days; empty: kept for ever."""
    limits = [MinValueValidator(least), MaxValueValidator(36_500)]
    return models.PositiveIntegerField(label, null=True, blank=True, default=default, db_default=default, help_text=help_text, validators=limits)


def _mobile() -> list[str]:
    return ["mobile"]


class Organisation(models.Model):
    """Who runs this console: one row, edited by administrators."""

    name = models.CharField(_("name"), max_length=100, default="SMS Console")
    default_region = models.CharField(
        _("default region"),
        max_length=2,
        default="FR",
        help_text=_("Country of numbers written without one, as two letters, for example FR or GB."),
    )
    textable_kinds = ArrayField(
        models.CharField(max_length=8), verbose_name=_("number types that get texts"), default=_mobile, db_default=["mobile"],
        help_text=_("Numbers of these types are texted. Premium, satellite and personal numbers never are, unless their range is allowed."),
    )  # fmt: skip
    time_zone = models.CharField(_("time zone"), max_length=60, default="Europe/Paris")
    language = models.CharField(_("language"), max_length=2, default="en", choices=[("en", "English"), ("fr", "Français")])

    phone = models.CharField(_("phone"), max_length=40, blank=True, help_text=_("As it is to stand in texts."))
    email = models.EmailField(_("e-mail"), blank=True)
    website = models.CharField(_("website"), max_length=100, blank=True, help_text=_("Short, as it is to stand in texts: example.org"))
    address = models.CharField(_("address"), max_length=200, blank=True)
    recent_hours = models.PositiveSmallIntegerField(
        _("hours between two texts"),
        default=24,
        db_default=24,
        validators=[MinValueValidator(1), MaxValueValidator(24 * 30)],
        help_text=_("The plan of a mailing warns of people who were texted within so many hours."),
    )

    # Days that kinds of data are kept: smsapp.retention. The least are what the console needs itself.
    event_days = _days(
        _("what gateways posted"), 30, _("Days that reports and replies are kept as they came. What came of them stays. At least 4; empty: for ever."), least=4
    )
    message_days = _days(
        _("texts of mailings"), None,
        _("Days after its end that a mailing’s texts, recipients and people left out are kept. Its figures and cost stay. At least 31; empty: for ever."),
        least=31,
    )  # fmt: skip
    import_file_days = _days(_("imported files"), 30, _("Days that an import’s file and its refused rows are kept. Empty: for ever."), least=1)
    import_report_days = _days(_("reports of imports"), None, _("Days that an import stays in the list of imports. Empty: for ever."), least=1)
    export_days = _days(_("exported files"), 7, _("Days that an exported file can be downloaded. Empty: for ever."), least=1)

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisation")
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="organisation_is_one_row")]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def current(cls) -> Self:
        """The organisation; made with its defaults the first time it is asked for."""
        return cls.objects.get_or_create(id=1)[0]
