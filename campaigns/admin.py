"""Templates and campaigns in the Django admin; mailings and messages have their own pages."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from campaigns import vocabulary
from campaigns.models import Campaign, SmsTemplate
from campaigns.services import templates
from campaigns.texts import Texts


class SmsTemplateForm(forms.ModelForm):  # type: ignore[type-arg]
    """Only tokens that exist, only senders of the chosen provider."""

    class Meta:
        model = SmsTemplate
        fields = ("name", "text", "language", "kind", "provider", "sender", "max_segments", "active")

    def clean_text(self) -> str:
        """A token that nobody knows would stop every mailing that uses the template."""
        text: str = self.cleaned_data["text"].replace("\r\n", "\n").rstrip()
        if problems := vocabulary.check(text):
            raise ValidationError([problem.message for problem in problems])
        return text


@admin.register(SmsTemplate)
class SmsTemplateAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Delivery templates."""

    form = SmsTemplateForm
    list_display = ("name", "kind", "language", "provider", "max_segments", "active", "updated_at")
    list_filter = ("active", "kind", "language")
    search_fields = ("name", "text")

    def save_model(self, request: HttpRequest, obj: SmsTemplate, form: SmsTemplateForm, change: bool) -> None:
        """Through the service, which keeps the versions."""
        settings = {field: form.cleaned_data[field] for field in ("kind", "provider", "sender", "max_segments", "active")}
        texts = Texts(form.cleaned_data["text"], form.cleaned_data["language"], obj.translations)
        if change:
            templates.change(obj, request.user, name=obj.name, texts=texts, **settings)
        else:
            obj.pk = templates.create(obj.name, texts, request.user, **settings).pk


@admin.register(Campaign)
class CampaignAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Umbrellas under which mailings are filed."""

    list_display = ("name", "starts_on", "ends_on", "created_at")
    search_fields = ("name",)
    date_hierarchy = "created_at"
