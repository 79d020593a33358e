"""Step 2 of the wizard: from whom, which text."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.forms.composer import ComposerForm, TemplateFields
from campaigns.forms.sender import SenderField, options
from campaigns.models.template import Kind
from campaigns.services import series


class ContentForm(ComposerForm, TemplateFields):
    """`strict` asks for everything; a draft for later may be half done."""

    origin = SenderField()
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=Kind.choices,
        required=False,
        help_text=_("Marketing leaves out who wants no advertising. Service is for people's own affairs, such as an appointment."),
    )
    max_segments = forms.TypedChoiceField(
        label=_("Most segments"),
        coerce=int,
        required=False,
        choices=[(n, str(n)) for n in range(1, 11)],
        help_text=_("A person whose text is longer is left out."),
    )
    series = forms.CharField(
        label=_("Series"), required=False, max_length=60, widget=forms.TextInput({"list": "known-series", "autocomplete": "off"}),
        help_text=_(
            "Reminders that belong together have the same name here. Whoever answers one of them, or opts out, gets no other that still waits."
        ),
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, long_texts: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["origin"].choices = options()  # type: ignore[attr-defined]
        for name in ("max_segments", "kind"):
            self.fields[name].widget.attrs |= {"class": "form-select"}
        if not long_texts:
            del self.fields["max_segments"]
        if not self.strict:
            self.fields["origin"].required = False

    def clean_series(self) -> str:
        """As names of series are compared."""
        return series.tidy(self.cleaned_data["series"])

    def clean(self) -> dict[str, Any]:
        """Not more segments than the provider takes."""
        cleaned = super().clean()
        origin, most = cleaned.get("origin"), cleaned.get("max_segments")
        if origin and most and most > origin[0].max_segments:
            self.add_error("max_segments", _("%(provider)s takes %(most)s at most.") % {"provider": origin[0].name, "most": origin[0].max_segments})
        return cleaned
