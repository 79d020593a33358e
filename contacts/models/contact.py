"""A person in the CRM."""

from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex, GinIndex, OpClass
from django.core.exceptions import EmptyResultSet
from django.db import models
from django.db.models.functions import Cast, Coalesce, Concat, ExtractDay, ExtractMonth, Substr, Upper
from django.utils.translation import gettext_lazy as _

from contacts.models.folding import folded
from contacts.models.group import Membership
from smsapp.common import phone
from smsapp.common.bidi import isolated
from smsapp.common.models import Timestamped


class ContactQuerySet(models.QuerySet["Contact"]):
    """Words for choosing contacts."""

    def active(self) -> "ContactQuerySet":
        """Not deleted."""
        return self.filter(deleted_at__isnull=True)

    def deleted(self) -> "ContactQuerySet":
        """Deleted by somebody, and can come back; not those who became another contact."""
        return self.filter(deleted_at__isnull=False, merged_into__isnull=True)

    def ids_sql(self) -> tuple[str, tuple[Any, ...]]:
        """A statement that selects their ids, with its parameters: for INSERT … SELECT and the like."""
        try:
            return self.order_by().values("id").query.sql_with_params()
        except EmptyResultSet:  # Django knows without asking that nobody matches
            return "SELECT NULL::bigint WHERE false", ()

    def in_groups(self, group_ids: list[int]) -> "ContactQuerySet":
        """Members of any of the static groups."""
        return self.filter(id__in=Membership.objects.filter(group_id__in=group_ids).values("contact_id"))


class Contact(Timestamped):
    """A person. `sms_number`, `sms_country` and `reach` repeat what `numbers` says, so that choosing a million people reads one table.

    Only `contacts.services.numbers` writes them: `sms_number` is the primary number if it can be texted, else the textable one with the
    lowest id. `merged_into` is who the person became: such a contact is deleted, its page forwards, and the chain has one link only.
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
    tags = ArrayField(models.CharField(max_length=50), verbose_name=_("tags"), default=list, db_default=[], blank=True)
    custom = models.JSONField(_("custom fields"), default=dict, db_default={}, blank=True, editable=False)  # {key of a CustomField: value}
    deleted_at = models.DateTimeField(_("deleted"), null=True, blank=True, editable=False)
    merged_into = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, editable=False, db_index=False, related_name="merged")
    sms_number = models.CharField(_("mobile"), max_length=16, null=True, blank=True, editable=False)
    sms_country = models.CharField(max_length=2, blank=True, default="", db_default="", editable=False)
    sms_digits = models.GeneratedField(  # as a whole number, which is told apart and sorted several times faster
        expression=Cast(Substr("sms_number", 2), models.BigIntegerField()), output_field=models.BigIntegerField(null=True), db_persist=True,
    )
    reach = models.PositiveSmallIntegerField(choices=Reach, default=Reach.NO_NUMBER, editable=False)
    sort_name = models.GeneratedField(  # what lists call the person, without accents and case, for their order and for search
        expression=folded(
            models.Case(
                models.When(~models.Q(last_name=""), then=Concat("last_name", models.Value(" "), "first_name")),
                *(models.When(~models.Q(**{name: ""}), then=models.F(name)) for name in ("first_name", "organisation", "email")),
                default=Coalesce("sms_number", models.Value("")), output_field=models.CharField(),
            )
        ),
        output_field=models.CharField(max_length=510), db_persist=True,
    )
    birthday = models.GeneratedField(  # month and day as 1203, whatever the year
        expression=ExtractMonth("birth_date") * 100 + ExtractDay("birth_date"), output_field=models.SmallIntegerField(null=True), db_persist=True,
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
            # the list of deleted ones, newest first
            models.Index(
                fields=["-deleted_at", "-id"], condition=models.Q(deleted_at__isnull=False, merged_into__isnull=True), name="contact_deleted",
            ),
            # search by any part of a name or e-mail
            GinIndex(fields=["sort_name"], opclasses=["gin_trgm_ops"], name="contact_name_trgm"),
            GinIndex(OpClass(Upper("email"), name="gin_trgm_ops"), name="contact_email_trgm"),
            # conditions of searches and smart groups
            GinIndex(fields=["custom"], opclasses=["jsonb_path_ops"], name="contact_custom"),
            GinIndex(fields=["tags"], name="contact_tags"),
            models.Index(fields=["birthday"], condition=models.Q(birthday__isnull=False), name="contact_birthday"),
            models.Index(fields=["birth_date"], condition=models.Q(birth_date__isnull=False), name="contact_birth_date"),
            GinIndex(OpClass(folded("organisation"), name="gin_trgm_ops"), condition=~models.Q(organisation=""), name="contact_organisation_trgm"),
            models.Index(fields=["sms_country"], name="contact_country"),
            # whom a mailing can reach is counted from this alone, at every click
            models.Index(
                fields=["id"], condition=models.Q(merged_into__isnull=True), name="contact_who_may_be_texted",
                include=["deleted_at", "deceased", "reach", "do_not_sms", "opted_out", "sms_number", "sms_digits", "sms_country"],
            ),
            # few people each, so next to nothing to write
            models.Index(fields=["reach"], condition=~models.Q(reach=3), name="contact_not_mobile"),
            *(models.Index(fields=["id"], condition=models.Q(**{flag: True}), name=f"contact_{flag}") for flag in ("deceased", "do_not_sms", "opted_out")),
            # a few bytes for eight pages of rows
            *(BrinIndex(fields=[moment], autosummarize=True, pages_per_range=8, name=f"contact_{moment}") for moment in ("created_at", "updated_at")),
            # who was merged into whom
            models.Index(fields=["merged_into"], condition=models.Q(merged_into__isnull=False), name="contact_merged"),
            # imports find people by the key that they had before they were deleted or merged
            models.Index(
                fields=["external_id"], condition=~models.Q(external_id="") & models.Q(deleted_at__isnull=False), name="contact_former_external_id",
            ),
            # imports find people by e-mail
            models.Index(Upper("email"), condition=~models.Q(email=""), name="contact_by_email"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """What people call this contact, fit for any sentence; never empty."""
        return isolated(self._bare_name)

    @property
    def _bare_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip() or self.organisation or self.email or self._shown_number or str(_("No name"))

    @property
    def _shown_number(self) -> str:
        return phone.display(self.sms_number) if self.sms_number else ""

    @property
    def list_name(self) -> str:
        """Last name first, for lists."""
        if self.last_name and self.first_name:
            return isolated(f"{self.last_name}, {self.first_name}")
        return self.name

    def past_ids(self) -> list[int]:
        """Its id, and those of the contacts that were merged into it: history stands under all of them."""
        return [self.pk, *Contact.objects.filter(merged_into=self).values_list("id", flat=True)]

    @property
    def initials(self) -> str:
        """One or two letters for the badge."""
        return (self.first_name[:1] + self.last_name[:1]).upper() or self._bare_name[:1].upper()
