"""Step 2 of the wizard: from whom, which text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns import vocabulary
from campaigns.forms.sender import SenderField, options
from campaigns.models import SmsTemplate
from campaigns.tokens import LONGEST_TEXT


class TemplateSelect(forms.Select):
    """Options carry their text, so that a script can fill it in."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(*args, **kwargs)
        if template := getattr(option["value"], "instance", None):
            option["attrs"] |= {"data-text": template.text}
        return option


class TextField(forms.CharField):
    """A text with tokens, as it will be measured: only tokens that exist."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Text"), max_length=LONGEST_TEXT, strip=False, widget=forms.Textarea({"rows": 5, "aria-describedby": "counter", "data-composer": ""}),
            error_messages={"required": _("Write the text first.")}, **kwargs,
        )  # fmt: skip

    def clean(self, value: Any) -> str:
        text = super().clean(value).replace("\r\n", "\n").rstrip()
        if self.required and not text.strip():
            raise forms.ValidationError(self.error_messages["required"])
        if self.required and (problems := vocabulary.check(text)):  # a draft for later may hold anything
            raise forms.ValidationError([problem.message for problem in problems])
        return text


class ContentForm(forms.Form):
    """`going_on` asks for everything; a draft for later may be half done."""

    origin = SenderField()
    template = forms.ModelChoiceField(
        SmsTemplate.objects.filter(active=True), label=_("Template"), required=False, empty_label=_("No template"), widget=TemplateSelect
    )
    max_segments = forms.TypedChoiceField(
        label=_("Most segments"),
        coerce=int,
        required=False,
        choices=[(n, str(n)) for n in range(1, 11)],
        help_text=_("A person whose text is longer is left out."),
    )
    text = TextField()
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, long_texts: bool, going_on: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["origin"].choices = options()  # type: ignore[attr-defined]
        for name in ("template", "max_segments"):
            self.fields[name].widget.attrs |= {"class": "form-select"}
        if not long_texts:
            del self.fields["max_segments"]
        if not going_on:
            self.fields["origin"].required = self.fields["text"].required = False

    def clean(self) -> dict[str, Any]:
        """Not more segments than the provider takes."""
        cleaned = super().clean() or self.cleaned_data
        origin, most = cleaned.get("origin"), cleaned.get("max_segments")
        if origin and most and most > origin[0].max_segments:
            self.add_error("max_segments", _("%(provider)s takes %(most)s at most.") % {"provider": origin[0].name, "most": origin[0].max_segments})
        return cleaned
