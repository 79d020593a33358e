"""The fields of the composer (templates/campaigns/_composer.html): forms with a text inherit from these."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from campaigns import vocabulary
from campaigns.models import Mailing, SmsTemplate
from campaigns.models.template import CODES, LANGUAGES
from campaigns.texts import Texts
from campaigns.tokens import LONGEST_TEXT
from smsapp.common.forms import HouseForm


class TextField(forms.CharField):
    """A text with tokens, as it will be measured: only tokens that exist."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Text"))
        kwargs["error_messages"] = {"required": gettext_lazy("Write the text first.")}
        super().__init__(max_length=LONGEST_TEXT, strip=False, widget=forms.Textarea, **kwargs)
        self.checks_tokens = True  # a draft for later may hold anything
        self.mailing: Mailing | None = None  # whose text it is, for it may have tokens of its own

    def clean(self, value: Any) -> str:
        text = super().clean(value).replace("\r\n", "\n").rstrip()
        if self.required and not text.strip():
            raise forms.ValidationError(self.error_messages["required"])
        if self.checks_tokens and (problems := vocabulary.check(text, self.mailing)):
            raise forms.ValidationError([problem.message for problem in problems])
        return text


class ComposerForm(HouseForm, forms.Form):
    """A text in one or several languages. `strict=False` takes what is half done."""

    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False, choices=[("", gettext_lazy("Not said")), *LANGUAGES])
    text = TextField()

    def __init__(self, *args: Any, strict: bool = True, mailing: Mailing | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.strict = strict
        for code, label in LANGUAGES:
            self.fields[f"text_{code}"] = TextField(label=label, required=False)
        self.fields["text"].required = strict
        for name in ("text", *(f"text_{code}" for code in CODES)):
            self.fields[name].checks_tokens, self.fields[name].mailing = strict, mailing  # type: ignore[attr-defined]

    @property
    def written(self) -> list[str]:
        """Codes of the other languages whose boxes are open: something stands in them, or they were just added."""
        source = self.data if self.is_bound else self.initial
        named = source.getlist("written") if hasattr(source, "getlist") else source.get("written", [])
        return [code for code in CODES if code in named or str(source.get(f"text_{code}") or "").strip()]

    def clean(self) -> dict[str, Any]:
        """Nothing is asked of boxes that are not open; an open one is filled, and in a language of its own."""
        cleaned = super().clean() or self.cleaned_data
        for code, label in LANGUAGES:
            name = f"text_{code}"
            if code not in self.written:
                self.errors.pop(name, None)
            elif code == cleaned.get("language"):
                words = _("There is another text in this language (%(language)s). Remove that one first, or choose another language.")
                self.add_error("language", words % {"language": label})
            elif self.strict and name in cleaned and not cleaned[name].strip():
                self.add_error(name, _("Write this text too, or remove its language."))
        return cleaned

    @property
    def texts(self) -> Texts:
        """What was written, once it is valid; an empty box is no text."""
        data = self.cleaned_data
        others = {code: data.get(f"text_{code}", "") for code in CODES if code in self.written and code != data["language"]}
        return Texts(data["text"], data["language"], {code: text for code, text in others.items() if text.strip()})

    @staticmethod
    def initial_of(texts: Texts) -> dict[str, Any]:
        """`initial` for a text that is kept somewhere."""
        others = {f"text_{code}": text for code, text in texts.translations.items()}
        return {"text": texts.text, "language": texts.language, "written": list(texts.translations), **others}


class TemplateField(forms.ModelChoiceField):
    """The template behind a text, in the archive too; one that is gone is none."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(SmsTemplate.objects.all(), label=gettext_lazy("Template"), required=False, widget=forms.HiddenInput, **kwargs)

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except forms.ValidationError:
            return None


class TemplateFields(HouseForm, forms.Form):
    """The template that a text was made from, and whether it is kept as one."""

    template = TemplateField()
    template_seen = forms.IntegerField(required=False, widget=forms.HiddenInput)  # its version when it was chosen
    save_new = forms.BooleanField(label=gettext_lazy("Save as new template"), required=False)
    new_name = forms.CharField(label=gettext_lazy("Name of the template"), required=False, max_length=100)
    save_changed = forms.BooleanField(label=gettext_lazy("Update template"), required=False)

    def clean(self) -> dict[str, Any]:
        """A new template has a name."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("save_new") and not cleaned.get("new_name", "").strip() and "new_name" not in self.errors:
            self.add_error("new_name", _("Give the template a name, for example “Rehearsal moved”."))
        return cleaned
