"""Rules of routing and keywords, automatic texts, and the way to the pages of templates and campaigns; mailings and messages have their own."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from campaigns import route_words
from campaigns.forms.keyword_rule import AutomaticTextForm, KeywordRuleForm
from campaigns.forms.route import RouteForm
from campaigns.models import AutomaticText, Campaign, KeywordRule, Route, SmsTemplate
from campaigns.services import automatic_replies


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


@admin.register(Route)
class RouteAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Who writes a rule goes on to its page, where it can be tried."""

    form = RouteForm
    list_display = ("position", "about", "where", "provider", "sender", "keep_sender", "active")
    list_display_links = ("position", "about")
    list_select_related = ("provider",)

    @admin.display(description=_("kinds of text"))
    def about(self, obj: Route) -> str:
        """In words."""
        return route_words.kinds(obj.kinds)

    @admin.display(description=_("countries"))
    def where(self, obj: Route) -> str:
        """In words."""
        return route_words.places(obj.countries)

    def response_post_save_add(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """To the page of all rules."""
        return redirect("campaigns:routing")

    def response_post_save_change(self, request: HttpRequest, obj: Any) -> HttpResponseRedirect:
        """Likewise."""
        return redirect("campaigns:routing")


@admin.register(KeywordRule)
class KeywordRuleAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Words that people send, and what they do."""

    form = KeywordRuleForm
    list_display = ("position", "all_words", "action", "provider", "group", "active")
    list_display_links = ("position", "all_words")
    list_filter = ("action", "active")
    list_select_related = ("provider", "group")

    @admin.display(description=_("words"))
    def all_words(self, obj: KeywordRule) -> str:
        """As they are written."""
        return str(obj)


@admin.register(AutomaticText)
class AutomaticTextAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """One row for each event and language, there from the beginning."""

    form = AutomaticTextForm
    fields = ("event", "language", "text")
    readonly_fields = ("event", "language")
    list_display = ("event", "language", "text")
    list_display_links = ("event", "language")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """All of them, also those that nobody has worded yet."""
        automatic_replies.write_down_defaults()
        return super().changelist_view(request, extra_context)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """They are all there."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: AutomaticText | None = None) -> bool:
        """They stay."""
        return False
