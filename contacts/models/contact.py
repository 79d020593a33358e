"""A person in the CRM."""

from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _

from contacts.models.group import Membership
from smsapp.common.models import Timestamped


class ContactQuerySet(models.QuerySet["Contact"]):
    """Words for choosing contacts."""

    def active(self) -> "ContactQuerySet":
        """Not deleted."""
        return self.filter(deleted_at__isnull=True)

    def in_groups(self, group_ids: list[int]) -> "ContactQuerySet":
        """Members of any of the static groups."""
        return self.filter(id__in=Membership.objects.filter(group_id__in=group_ids).values("contact_id"))


class Contact(Timestamped):
    """A person. `sms_number` and `reach` repeat what `numbers` says, so that choosing a million people reads one table.

    Only `contacts.services.numbers` writes them: `sms_number` is the primary mobile, else the mobile with the lowest id.
    """

    class Reach(models.IntegerChoices):
        NO_NUMBER = 0, _("no number")
        NOT_MOBILE = 1, _("no mobile number")
        INVALID = 2, _("number not valid")
        MOBILE = 3, _("mobile")

    first_name = models.CharField(_("first name"), max_length=100, blank=True)
    last_name = models.CharField(_("last name"), max_length=100, blank=True)
    organisation = models.CharField(_("organisation"), max_length=150, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    language = models.CharField(_("language"), max_length=2, blank=True, choices=[("en", _("English")), ("fr", _("French"))])
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    external_id = models.CharField(_("external id"), max_length=100, blank=True, help_text=_("The person's key in another system; imports find people by it."))
    do_not_sms = models.BooleanField(_("do not SMS"), default=False, help_text=_("This person gets no text at all."))
    opted_out = models.BooleanField(_("opted out of marketing"), default=False, help_text=_("This person gets no bulk text."))
    deceased = models.BooleanField(_("deceased"), default=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    sms_number = models.CharField(_("mobile"), max_length=16, null=True, blank=True, editable=False)
    reach = models.PositiveSmallIntegerField(choices=Reach, default=Reach.NO_NUMBER, editable=False)
    sort_name = models.GeneratedField(
        expression=Upper(models.functions.Concat("last_name", models.Value(" "), "first_name", output_field=models.CharField())),
        output_field=models.CharField(max_length=210), db_persist=True,
    )

    objects = ContactQuerySet.as_manager()

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        permissions = [("import_contacts", "Can import contacts"), ("export_contacts", "Can export contacts"), ("merge_contacts", "Can merge contacts")]
        constraints = [
            models.UniqueConstraint(
                fields=["external_id"],
                condition=~models.Q(external_id="") & models.Q(deleted_at__isnull=True),
                name="contact_external_id_once",
            ),
        ]
        indexes = [
            # the list: keyset paging by name
            models.Index(fields=["sort_name", "id"], condition=models.Q(deleted_at__isnull=True), name="contact_by_name"),
            # search by any part of a name or e-mail
            GinIndex(fields=["sort_name"], opclasses=["gin_trgm_ops"], name="contact_name_trgm"),
            GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), name="contact_email_trgm"),
            # imports find people by e-mail
            models.Index(Upper("email"), condition=~models.Q(email=""), name="contact_by_email"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What people call this contact; never empty."""
        return f"{self.first_name} {self.last_name}".strip() or self.organisation or self.email or self.sms_number or str(_("No name"))

    @property
    def list_name(self) -> str:
        """Last name first, for lists."""
        if self.last_name and self.first_name:
            return f"{self.last_name}, {self.first_name}"
        return self.name

    @property
    def initials(self) -> str:
        """One or two letters for the badge."""
        return (self.first_name[:1] + self.last_name[:1]).upper() or self.name[:1].upper()
