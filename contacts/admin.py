"""What administrators set up about contacts in the Django admin."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from contacts.forms.custom_field import CustomFieldForm
from contacts.models import CustomField
from contacts.services import custom_fields


@admin.register(CustomField)
class CustomFieldAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Fields of contacts: defined, ordered, archived; deleted only as long as nobody has a value."""

    form = CustomFieldForm
    list_display = ("label", "key", "type", "position", "archived")
    list_editable = ("position",)
    list_filter = ("archived", "type")
    search_fields = ("label", "key")
    actions = None

    def get_fields(self, request: HttpRequest, obj: CustomField | None = None) -> Any:
        fields = ["label", "key", "type", "choices", "help_text", "position", "archived"]
        return [*fields[:4], "drop_used_choices", *fields[4:]] if obj and obj.type == CustomField.Type.CHOICE else fields

    def get_readonly_fields(self, request: HttpRequest, obj: CustomField | None = None) -> tuple[str, ...]:
        """Texts and files name a field by its key."""
        return ("key",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: CustomField | None = None) -> bool:
        """What somebody filled in is archived, not deleted."""
        return obj is not None and super().has_delete_permission(request, obj) and not custom_fields.is_used(obj.key)
