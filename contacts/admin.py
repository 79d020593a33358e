"""What administrators set up about contacts in the Django admin."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts.forms.allowed_range import AllowedRangeForm
from contacts.forms.custom_field import CustomFieldForm
from contacts.models import AllowedRange, CustomField
from contacts.services import custom_fields, number_policy


@admin.register(CustomField)
class CustomFieldAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Fields of contacts: defined, ordered, archived; deleted only as long as nobody has a value."""

    form = CustomFieldForm
    list_display = ("label", "key", "type", "position", "archived")
    list_editable = ("position",)
    list_filter = ("archived", "type")
    search_fields = ("label", "key")
    actions = None

    class Media:
        js = ("js/custom_field.js",)

    def get_fields(self, request: HttpRequest, obj: CustomField | None = None) -> Any:
        fields = ["label", "key", "type", "choices", "help_text", "position", "archived"]
        return [*fields[:4], "drop_used_choices", *fields[4:]] if obj and obj.type == CustomField.Type.CHOICE else fields

    def get_readonly_fields(self, request: HttpRequest, obj: CustomField | None = None) -> tuple[str, ...]:
        """Texts and files name a field by its key."""
        return ("key",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: CustomField | None = None) -> bool:
        """What somebody filled in is archived, not deleted."""
        return obj is not None and super().has_delete_permission(request, obj) and not custom_fields.is_used(obj.key)


@admin.register(AllowedRange)
class AllowedRangeAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Premium, satellite and personal numbers that get texts all the same; each change is applied to the numbers in the background."""

    form = AllowedRangeForm
    list_display = ("beginning", "note", "numbers", "created_at")
    search_fields = ("beginning", "note")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With how far the numbers follow."""
        return super().changelist_view(request, {"subtitle": number_policy.words(), **(extra_context or {})})

    @admin.display(description=_("numbers of contacts"))
    def numbers(self, allowed: AllowedRange) -> int:
        """How many it concerns."""
        return number_policy.concerned(allowed.beginning)

    def save_model(self, request: HttpRequest, obj: AllowedRange, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        number_policy.changed()
        n = number_policy.concerned(obj.beginning)
        words = ngettext("This concerns %(n)s number. It is applied in the background.", "This concerns %(n)s numbers. It is applied in the background.", n)
        messages.info(request, words % {"n": n})

    def delete_model(self, request: HttpRequest, obj: AllowedRange) -> None:
        super().delete_model(request, obj)
        number_policy.changed()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        number_policy.changed()
