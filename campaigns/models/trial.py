"""Texts that authors send to themselves before they send them to others."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class TestSend(models.Model):
    """One press of *Send test*: which text, as whom it was rendered. Its messages have idempotency keys "<key>:<number>"."""

    __test__ = False  # not for the test runner, whatever its name

    key = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)  # of the form: pressed twice, sent once
    mailing = models.ForeignKey("campaigns.Mailing", models.SET_NULL, null=True, blank=True, related_name="tests", verbose_name=_("mailing"))
    template = models.ForeignKey("campaigns.SmsTemplate", models.SET_NULL, null=True, blank=True, related_name="tests", verbose_name=_("template"))
    rendered_as = models.ForeignKey("contacts.Contact", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("rendered as"))
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("author"))
    text = models.TextField(_("text"))  # with its tokens
    sent_at = models.DateTimeField(_("sent"), auto_now_add=True)

    class Meta:
        verbose_name = _("test send")
        verbose_name_plural = _("test sends")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"test {self.key}"


class TestNumber(models.Model):
    """A number that somebody sends tests to: offered again next time."""

    __test__ = False

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="test_numbers")
    number = models.CharField(_("number"), max_length=16)  # E.164
    label = models.CharField(_("name"), max_length=80, blank=True)
    used_at = models.DateTimeField(_("last used"), auto_now=True)

    class Meta:
        verbose_name = _("test number")
        verbose_name_plural = _("test numbers")
        ordering = ["-used_at"]
        constraints = [models.UniqueConstraint(fields=["user", "number"], name="test_number_once")]

    def __str__(self) -> str:
        return f"test number {self.pk}"
