"""The Django admin's head, and the organisation's one row."""

from typing import Any

from allauth.account.decorators import secure_admin_login
from auditlog.registry import auditlog
from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from contacts.models import PhoneNumber
from contacts.services import number_policy
from smsapp.common.forms import clean_region, time_zone_field
from smsapp.common.models import Organisation

admin.site.site_header = _("SMS Console: administration")
admin.site.site_title = _("SMS Console")
admin.site.index_title = _("What would you like to set up?")
admin.site.empty_value_display = "–"
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]  # one door, with its rate limits and second step


class OrganisationForm(forms.ModelForm):
    """Name, region, types of numbers, time zone, language."""

    textable_kinds = forms.MultipleChoiceField(
        label=_("Number types that get texts"),
        choices=PhoneNumber.Kind.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Numbers of these types are texted. Premium, satellite and personal numbers never are, unless their range is allowed."),
        error_messages={"required": _("Tick at least one type. Without any, nobody could be texted.")},
    )
    time_zone = time_zone_field(_("Time zone"), help_text=_("Of everybody who has not chosen another, and of times that belong to nobody."))

    def clean_default_region(self) -> str:
        """A country that has phone numbers."""
        return clean_region(self.cleaned_data["default_region"])


@admin.register(Organisation)
class OrganisationAdmin(admin.ModelAdmin):
    """One row: the list leads straight to it."""

    form = OrganisationForm
    fieldsets = (
        (None, {"fields": (
            "name", "default_region", "textable_kinds", "number_types_in_force", "time_zone", "language",
            "phone", "email", "website", "address", "recent_hours",
        )}),
        (_("How long data are kept, in days"), {
            "fields": ("event_days", "message_days", "import_file_days", "import_report_days", "export_days"),
            "description": _("What is older is removed at night and cannot be brought back. Consents, suppressions and quarantine are always kept."),
        }),
    )  # fmt: skip
    readonly_fields = ("number_types_in_force",)
    list_display = ("name", "default_region", "time_zone", "language")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, str] | None = None) -> HttpResponse:
        """The one row."""
        return HttpResponseRedirect(reverse("admin:common_organisation_change", args=[Organisation.current().pk]))

    @admin.display(description=_("State of the numbers"))
    def number_types_in_force(self, organisation: Organisation) -> str:
        """Whether all numbers follow the types chosen above."""
        return number_policy.words()

    def save_model(self, request: HttpRequest, obj: Organisation, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if "textable_kinds" in form.changed_data:
            number_policy.changed()
            messages.info(request, _("The types of numbers are applied in the background. This page says how far it is."))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """It is there already."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Organisation | None = None) -> bool:
        """It stays."""
        return False


auditlog.register(Organisation)
