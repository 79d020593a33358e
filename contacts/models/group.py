"""Mailing groups with their members: static ones are filled by people and imports, smart ones by rules."""

from collections.abc import Sequence

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from smsapp.common.models import Timestamped
from smsapp.common.sentences import retold


class Group(Timestamped):
    """A mailing group. Members of a smart one are kept as rows too, refreshed in the background, so that it works wherever a group does."""

    class Kind(models.TextChoices):
        STATIC = "static", _("Static")
        SMART = "smart", _("Smart")

    class State(models.TextChoices):
        FRESH = "fresh", _("Refreshed")
        WAITING = "waiting", _("Due for a refresh")
        REFRESHING = "refreshing", _("Being brought up to date")
        FAILED = "failed", _("Refresh failed")

    name = models.CharField(_("name"), max_length=100, unique=True)
    description = models.CharField(_("description"), max_length=300, blank=True)
    archived = models.BooleanField(_("archived"), default=False)
    kind = models.CharField(_("kind"), max_length=6, choices=Kind, default=Kind.STATIC, editable=False)
    rules = models.JSONField(_("rules"), null=True, blank=True, editable=False)  # a tree of contacts.smart.rules; smart groups only
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.FRESH, editable=False)
    refreshed_at = models.DateTimeField(_("refreshed"), null=True, blank=True, editable=False)
    tried_at = models.DateTimeField(null=True, blank=True, editable=False)  # when the last refresh began
    problem = models.CharField(max_length=300, blank=True, editable=False)  # why the last refresh failed, in words
    problem_in = models.JSONField(default=list, db_default=[], editable=False)  # the same as smsapp.common.sentences keeps it

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_smart(self) -> bool:
        """Its members are found by rules."""
        return self.kind == self.Kind.SMART

    @property
    def trouble(self) -> str:
        """Why the last refresh failed, for who reads it now."""
        return retold(self.problem_in) or self.problem


class MembershipQuerySet(models.QuerySet["Membership"]):
    """Memberships in the words of the product."""

    def names_of(self, contacts: Sequence[int]) -> dict[int, list[str]]:
        """The names of these contacts' groups, by contact; as plain values, for a list shows hundreds."""
        names: dict[int, list[str]] = {}
        for contact, name in self.filter(contact__in=contacts).order_by("group__name").values_list("contact_id", "group__name"):
            names.setdefault(contact, []).append(name)
        return names


class Membership(models.Model):
    """A contact in a group; `by_hand` is false for those whom only a smart group's rules brought."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="memberships", db_index=False)
    contact = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="memberships")
    added_at = models.DateTimeField(auto_now_add=True)
    by_hand = models.BooleanField(default=True, db_default=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "contact"], name="member_once")]  # also serves "members of"

    def __str__(self) -> str:
        return f"{self.contact_id} in {self.group_id}"


class Removal(models.Model):
    """Somebody whom a person took out of a smart group: stays out, whatever the rules say."""

    group = models.ForeignKey(Group, models.CASCADE, related_name="removals", db_index=False)
    contact = models.ForeignKey("contacts.Contact", models.CASCADE, related_name="+")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "contact"], name="removed_once")]

    def __str__(self) -> str:
        return f"{self.contact_id} stays out of {self.group_id}"
