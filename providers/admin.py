"""Where administrators configure gateways."""

import asyncio
from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from providers import preview, registry, slots
from providers.backends.addresses import is_loopback
from providers.backends.base import Doubt
from providers.errors import ProviderError
from providers.forms.provider import PREFIX, form_for
from providers.forms.trial import TrialForm
from providers.models import Provider
from providers.services import providers, sending


@admin.register(Provider)
class ProviderAdmin(admin.ModelAdmin):
    """The kind is chosen first; then the form shows what its backend declares."""

    list_display = ("name", "kind", "is_default", "active", "rate", "lane")
    list_filter = ("kind", "active")
    change_form_template = "providers/admin/change_form.html"
    readonly_fields = ("status_url", "inbound_url")

    class Media:
        js = ("js/copy.js",)

    def has_delete_permission(self, request: HttpRequest, obj: Provider | None = None) -> bool:
        """Only what was never used goes; the list has no bulk delete."""
        return obj is not None and super().has_delete_permission(request, obj) and not obj.is_default and not providers.is_used(obj)

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What was used stays, and that is no matter of rights."""
        provider = self.get_object(request, object_id)
        if provider is None or not super().has_delete_permission(request, provider) or self.has_delete_permission(request, provider):
            return super().delete_view(request, object_id, extra_context)
        messages.error(request, self._why_it_stays(provider))
        return redirect("admin:providers_provider_change", provider.pk)

    def _why_it_stays(self, provider: Provider) -> str:
        if providers.is_used(provider):
            return _("It was used, so it stays: switch it off instead.")
        return _("It is the default: make another provider the default first.")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if self._kind(request, None):
            return super().add_view(request, form_url, extra_context)
        if not self.has_add_permission(request):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "title": _("Add provider"), "opts": self.opts, "kinds": registry.choices()}
        return TemplateResponse(request, "providers/admin/choose_kind.html", context)

    def _kind(self, request: HttpRequest, obj: Provider | None) -> str:
        kind = obj.kind if obj else request.GET.get("kind", "")
        return kind if kind in dict(registry.choices()) else ""

    def get_form(self, request: HttpRequest, obj: Provider | None = None, change: bool = False, **kwargs: Any) -> Any:
        kind = self._kind(request, obj)
        if not kind:
            raise Http404
        return super().get_form(request, obj, change, **{**kwargs, "form": form_for(kind)})

    def get_fieldsets(self, request: HttpRequest, obj: Provider | None = None) -> Any:
        kind = self._kind(request, obj)
        calls_us = obj is not None and registry.get(kind).has_webhooks
        return [
            (None, {"fields": ["name", "active", "is_default"]}),
            *self._declared(kind),
            (_("Senders"), {"fields": ["senders"]}),
            (_("Limits and price"), {"fields": ["rate", "sender_rate", "daily_limit", "max_segments", "price_per_segment", "currency"]}),
            (_("Countries"), {"fields": ["default_region", "allowed_countries"]}),
            *([(_("Addresses for the gateway"), {"fields": ["status_url", "inbound_url"], "description": self._public_note()})] if calls_us else []),
        ]

    def _declared(self, kind: str) -> list[Any]:
        """What the backend declares, under the words of its groups."""
        groups: dict[Any, list[str]] = {}
        for setting in registry.get(kind).settings if kind else ():
            groups.setdefault(setting.group or _("Connection"), []).append(PREFIX + setting.name)
        return [(words, {"fields": names}) for words, names in groups.items()]

    def _public_note(self) -> str:
        address = settings.PUBLIC_BASE_URL
        if not address:
            return _(
                "Delivery reports and replies cannot arrive: the setting PUBLIC_BASE_URL is empty. "
                "Set it to the address at which gateways reach this console."
            )
        if is_loopback(address):
            return _("Only a stand-in on this machine can call them: the setting PUBLIC_BASE_URL names this machine.")
        if not address.startswith("https://"):
            return _("Anybody on the way can read what gateways post here: the setting PUBLIC_BASE_URL does not begin with https.")
        return _("Copy them into the gateway's settings where it asks for them. The address for delivery reports also goes along with every text.")

    @admin.display(description=gettext_lazy("delivery reports"))
    def status_url(self, obj: Provider) -> str:
        """To copy."""
        return self._address(obj, "status")

    @admin.display(description=gettext_lazy("incoming texts"))
    def inbound_url(self, obj: Provider) -> str:
        """To copy."""
        return self._address(obj, "inbound")

    def _address(self, obj: Provider, event: str) -> str:
        url = providers.webhook_url(obj, event)
        if not url:
            return "–"
        facts = {"address": registry.get(obj.kind).address_to_copy(url), "copy": _("Copy the address"), "copied": _("Copied")}
        return format_html('<code>{address}</code> <button type="button" hidden data-copy="{address}" data-copied="{copied}">{copy}</button>', **facts)

    def save_model(self, request: HttpRequest, obj: Provider, form: Any, change: bool) -> None:
        providers.save(obj)

    def get_urls(self) -> list[Any]:
        check = path("<path:object_id>/check/", self.admin_site.admin_view(self.check_view), name="providers_provider_check")
        trial = path("<path:object_id>/trial/", self.admin_site.admin_view(self.trial_view), name="providers_provider_trial")
        return [check, trial, *super().get_urls()]

    def trial_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """What would be posted for a text, and what a pasted report says; nothing is called, nothing is kept."""
        provider = self.get_object(request, object_id)
        if provider is None:
            raise Http404
        if not self.has_change_permission(request, provider):
            raise PermissionDenied
        plain = providers.snapshot_of(provider)
        form = TrialForm(request.POST or None)
        context = {
            **self.admin_site.each_context(request), "title": _("Try %(provider)s out") % {"provider": provider}, "opts": self.opts, "original": provider,
            "form": form, "request_made": preview.request_of(plain), "understood": form.understood(plain) if form.is_valid() else None,
        }  # fmt: skip
        return TemplateResponse(request, "providers/admin/trial.html", context)

    def check_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Test connection: a POST of its own, so that reading a page never calls a gateway."""
        provider = self.get_object(request, object_id)  # None also for what is no number
        if provider is None:
            raise Http404
        if not self.has_change_permission(request, provider):
            raise PermissionDenied
        if request.method == "POST":
            self._check(request, provider)
        return redirect("admin:providers_provider_change", provider.pk)

    def _check(self, request: HttpRequest, provider: Provider) -> None:
        try:
            answer = asyncio.run(sending.check(providers.snapshot_of(provider)))
        except ProviderError as error:
            words = sending.in_words(error)
            providers.note_error(provider.pk, words)
            messages.error(request, words)
            return
        (messages.warning if isinstance(answer, Doubt) else messages.success)(request, answer)

    def render_change_form(self, request: HttpRequest, context: Any, add: bool = False, change: bool = False, form_url: str = "", obj: Any = None) -> Any:
        kind = self._kind(request, obj)
        extra = {"kind_label": dict(registry.choices()).get(kind, kind), "provider_actions": self._actions(request, obj) if obj else []}
        may_delete = super().has_delete_permission(request, obj) and bool(obj)
        extra["why_it_stays"] = self._why_it_stays(obj) if may_delete and not self.has_delete_permission(request, obj) else ""
        extra["calls_us"] = bool(kind) and registry.get(kind).has_webhooks  # what is tried out is the request, and what is posted
        return super().render_change_form(request, {**context, **extra}, add, change, form_url, obj)

    def _actions(self, request: HttpRequest, obj: Provider) -> list[dict[str, Any]]:
        allowed = [action for action in slots.provider_actions if request.user.has_perm(action.permission)]
        return [{"label": action.label, "url": action.url(obj)} for action in allowed]

    def response_add(self, request: HttpRequest, obj: Provider, post_url_continue: str | None = None) -> HttpResponse:
        """A new provider stays open: its connection is tested next."""
        if "_addanother" in request.POST:
            return redirect(reverse("admin:providers_provider_add"))
        self.message_user(request, _("The provider is saved. Test the connection next."), messages.SUCCESS)
        return redirect("admin:providers_provider_change", obj.pk)
