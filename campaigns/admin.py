"""Rules of routing, keywords and quiet hours, automatic texts, and the way to the pages of templates and campaigns; mailings have their own."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import public_holidays, route_words
from campaigns.forms.keyword_rule import AutomaticTextForm, KeywordRuleForm
from campaigns.forms.quiet import QuietHoursForm
from campaigns.forms.route import RouteForm
from campaigns.models import AutomaticText, Campaign, KeywordRule, QuietDay, QuietHours, Route, SmsTemplate
from campaigns.models.quiet import WEEK
from campaigns.services import automatic_replies, quiet_hours
from smsapp.common import countries, dates


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


class QuietDayInline(admin.TabularInline):  # type: ignore[type-arg]
    """Days that count as public holidays, or no longer do."""

    model = QuietDay
    fields = ("day", "closed", "note")
    extra = 1


@admin.register(QuietHours)
class QuietHoursAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """When texts to a country may leave; each change holds at once, also for texts that wait."""

    form = QuietHoursForm
    inlines = (QuietDayInline,)
    list_display = ("name", "active", "usual", "saturday", "sunday", "holiday", "limit")
    fieldsets = (
        (None, {
            "fields": ("country", "active"),
            "description": _("On the clocks of those who are texted: by their number where it tells the zone, else in all zones of the country. "
                             "Mailings and automatic texts wait outside these hours; who writes to one person is asked."),
        }),
        (_("Hours"), {"fields": (*WEEK, "holiday", "limit")}),
        (_("Public holidays"), {"fields": ("known_holidays",)}),
        (None, {"fields": ("note",)}),
    )  # fmt: skip
    readonly_fields = ("known_holidays",)

    @admin.display(description=_("country"), ordering="country")
    def name(self, obj: QuietHours) -> str:
        """In words."""
        return countries.name_of(obj.country)

    @admin.display(description=_("Monday to Friday"))
    def usual(self, obj: QuietHours) -> str:
        """Those of Monday, where all five are alike."""
        hours = [getattr(obj, day) for day in WEEK[:5]]
        return hours[0] if len(set(hours)) == 1 else ", ".join(each or "–" for each in hours)

    @admin.display(description=_("known for this year and the next"))
    def known_holidays(self, obj: QuietHours) -> str:
        """Before days are added and removed below."""
        this_year = timezone.localdate().year
        known = [day for year in (this_year, this_year + 1) for day in public_holidays.in_year(obj.country, year)]
        return ", ".join(dates.said(day, "j F Y") for day in known) or str(_("None: the console knows no public holidays of this country. Add them below."))

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """The last that is saved."""
        super().save_related(request, form, formsets, change)
        quiet_hours.follow_rules()

    def delete_model(self, request: HttpRequest, obj: QuietHours) -> None:
        super().delete_model(request, obj)
        quiet_hours.follow_rules()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        super().delete_queryset(request, queryset)
        quiet_hours.follow_rules()
