"""A template as people write it, and what a list of templates is narrowed to."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns.forms.composer import ComposerForm
from campaigns.forms.sender import words_of
from campaigns.models import SmsTemplate
from campaigns.models.template import CODES, LANGUAGES
from campaigns.services import series
from campaigns.texts import Texts
from contacts.models.folding import fold, folded
from providers.models import Provider
from smsapp.common.forms import FilterForm


class OriginField(forms.ChoiceField):
    """Cleans to (provider, sender): both may be left open, and a sender is one of its provider's."""

    def clean(self, value: Any) -> tuple[Provider | None, str]:
        chosen = super().clean(value) or ""
        number, _colon, sender = chosen.partition(":")
        return (Provider.objects.get(pk=number), sender) if number else (None, "")


class TemplateForm(ComposerForm):
    """Name, kind, texts and what goes with them."""

    name = forms.CharField(
        label=gettext_lazy("Name"), max_length=100, help_text=gettext_lazy("Under this name people find it when they write a text."),
        error_messages={"required": gettext_lazy("Give the template a name, for example “Rehearsal moved”.")},
    )  # fmt: skip
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), choices=SmsTemplate.Kind.choices,
        help_text=gettext_lazy("Marketing goes to nobody who opted out. Service is for people’s own affairs, such as an appointment."),
    )  # fmt: skip
    origin = OriginField(label=gettext_lazy("From"), required=False, help_text=gettext_lazy("Chosen beforehand in mailings that use the template."))
    max_segments = forms.TypedChoiceField(
        label=gettext_lazy("Most segments"), coerce=int, required=False, empty_value=None, choices=[(n, str(n)) for n in range(1, 11)],
        help_text=gettext_lazy("A person whose text is longer is left out."),
    )  # fmt: skip
    series = forms.CharField(
        label=gettext_lazy("Series"), required=False, max_length=60, widget=forms.TextInput({"list": "known-series", "autocomplete": "off"}),
        help_text=gettext_lazy(
            "Reminders that belong together have the same name here. Whoever answers one of them, or opts out, gets no other that still waits."
        ),
    )  # fmt: skip
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, template: SmsTemplate | None, long_texts: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["origin"].choices = _origins(template)  # type: ignore[attr-defined]
        for name in ("kind", "origin", "max_segments"):
            self.fields[name].widget.attrs["class"] = "form-select"
        if not long_texts:
            del self.fields["max_segments"]

    def clean_series(self) -> str:
        """As names of series are compared."""
        return series.tidy(self.cleaned_data["series"])

    def clean(self) -> dict[str, Any]:
        """Not more segments than the provider takes."""
        cleaned = super().clean()
        provider, _sender = cleaned.get("origin") or (None, "")
        most = cleaned.get("max_segments")
        if provider and most and most > provider.max_segments:
            self.add_error("max_segments", _("%(provider)s takes %(most)s at most.") % {"provider": provider.name, "most": provider.max_segments})
        return cleaned

    @property
    def settings(self) -> dict[str, Any]:
        """The template's other fields, as the service takes them."""
        data = self.cleaned_data
        provider, sender = data["origin"]
        most = {"max_segments": data["max_segments"]} if data.get("max_segments") else {}
        return {"kind": data["kind"], "provider": provider, "sender": sender, "series": data["series"], **most}


def initial_of(template: SmsTemplate) -> dict[str, Any]:
    """The form's first values."""
    origin = f"{template.provider_id}:{template.sender}" if template.provider_id else ""
    fields = {name: getattr(template, name) for name in ("name", "kind", "max_segments", "series")}
    return fields | TemplateForm.initial_of(Texts.of(template)) | {"origin": origin, "seen": template.updated_at.isoformat()}


def _origins(template: SmsTemplate | None) -> list[Any]:
    """None, or a provider with any or one of its senders; what the template has stays there to choose, whatever became of it."""
    found: list[Any] = [("", _("Chosen when it is used"))]
    for provider in Provider.objects.active():
        senders = [(f"{provider.pk}:{sender}", words_of(provider, sender)) for sender in provider.senders]
        found.append((provider.name, [(f"{provider.pk}:", _("%(provider)s, any of its senders") % {"provider": provider.name}), *senders]))
    if template and template.provider:
        mine = f"{template.provider_id}:{template.sender}"
        if not any(mine == value for _label, group in found[1:] for value, _words in group):
            found.append((mine, _("%(sender)s (no longer in use)") % {"sender": words_of(template.provider, template.sender)}))
    return found


class TemplateFilters(FilterForm, forms.Form):
    """Words of the name or of a text, kind, language and provider; what makes no sense is left out."""

    q = forms.CharField(label=gettext_lazy("Name or text"), required=False, max_length=100, strip=True)
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False, choices=[("", gettext_lazy("Any")), *SmsTemplate.Kind.choices])
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False, choices=[("", gettext_lazy("Any")), *LANGUAGES])
    provider: Any = forms.ModelChoiceField(None, label=gettext_lazy("Provider"), required=False, empty_label=gettext_lazy("Any"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        self.fields["provider"].queryset = Provider.objects.order_by("name")  # type: ignore[attr-defined]

    def narrow(self, templates: QuerySet[SmsTemplate]) -> QuerySet[SmsTemplate]:
        """The templates that match."""
        self.is_valid()
        wanted = self.cleaned_data
        if q := wanted.get("q", "").replace("\0", ""):
            templates = _with_words(templates, q)
        if language := wanted.get("language"):
            templates = templates.filter(Q(language=language) | Q(translations__has_key=language))
        return templates.filter(**{name: wanted[name] for name in ("kind", "provider") if wanted.get(name)})

    @property
    def in_use(self) -> bool:
        """Whether anything is narrowed."""
        self.is_valid()
        return any(self.cleaned_data.get(name) for name in self.fields)


def _with_words(templates: QuerySet[SmsTemplate], q: str) -> QuerySet[SmsTemplate]:
    """Those that have `q` in their name or in a text of theirs, without accents and case."""
    texts = {f"said_{code}": folded(KeyTextTransform(code, "translations")) for code in CODES}
    found = templates.alias(said_name=folded("name"), said_text=folded("text"), **texts)
    condition = Q()
    for place in ("said_name", "said_text", *texts):
        condition |= Q(**{f"{place}__contains": fold(q)})
    return found.filter(condition)
