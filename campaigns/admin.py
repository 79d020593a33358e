"""The way from the Django admin to the pages of templates and campaigns; mailings and messages have their own pages."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from campaigns.models import Campaign, SmsTemplate


class LedToPages(admin.ModelAdmin):  # type: ignore[type-arg]
    """Rows that are changed on their own pages, which keep their rules; who looks for them here is led there."""

    places: ClassVar[str]  # the list
    place: ClassVar[str]  # beginning of the names of what is done to one

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """The list."""
        return redirect(self.places)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A new one."""
        return redirect(f"{self.place}_new")

    def change_view(self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """One of them."""
        return redirect(f"{self.place}_edit", int(object_id)) if object_id.isdecimal() else redirect(self.places)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        """Asks first, and keeps what is in use."""
        return redirect(f"{self.place}_delete", int(object_id)) if object_id.isdecimal() else redirect(self.places)


@admin.register(SmsTemplate)
class SmsTemplateAdmin(LedToPages):
    """Whose versions are kept."""

    places, place = "campaigns:templates", "campaigns:template"


@admin.register(Campaign)
class CampaignAdmin(LedToPages):
    """Umbrellas under which mailings are filed."""

    places, place = "campaigns:campaigns", "campaigns:campaign"
