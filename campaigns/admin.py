"""Campaigns in the Django admin, and the way from there to the pages of templates; mailings and messages have their own pages."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from campaigns.models import Campaign, SmsTemplate


@admin.register(SmsTemplate)
class SmsTemplateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Templates are written on their own pages, which keep the versions; who looks for them here is led there."""

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list."""
        return redirect("campaigns:templates")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new one."""
        return redirect("campaigns:template_new")

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """One of them."""
        return redirect("campaigns:template_edit", int(object_id)) if object_id.isdecimal() else redirect("campaigns:templates")

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Asks first, and keeps what was used."""
        return redirect("campaigns:template_delete", int(object_id)) if object_id.isdecimal() else redirect("campaigns:templates")


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Umbrellas under which mailings are filed."""

    list_display = ("name", "starts_on", "ends_on", "created_at")
    search_fields = ("name",)
    date_hierarchy = "created_at"
