"""Mailing groups with their members."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped


class Group(Timestamped):
    """A mailing group whose members are added by hand, by import or from a list."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    archived = models.BooleanField(_("archived"), default=False)

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A contact in a group."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships", db_index=False)
    contact = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="memberships")
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "contact"], name="member_once")]  # also serves "members of"

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.group_id}"
