"""Logging in, and a person's own settings."""

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout
from django import forms
from django.contrib.auth.forms import UserChangeForm
from django.utils.translation import gettext_lazy as _

from smsapp.accounts.models import User
from smsapp.common.forms import clean_number, time_zone_field


class LoginForm(AllauthLoginForm):
    """allauth's, in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = _("E-mail or user name")
        self.fields["login"].widget.attrs.update({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false", "autofocus": True})
        self.fields["password"].label = _("Password")
        self.fields["password"].help_text = ""
        self.fields["remember"].label = _("Stay logged in on this device for 14 days")
        for name in ("login", "password"):
            self.fields[name].widget.attrs.pop("placeholder", None)


class ProfileForm(forms.ModelForm):
    """Name, e-mail, language, time zone, theme, shortcuts, mobile."""

    class Meta:
        model = User
        fields = ["first_name", "last_name", "email", "mobile", "language", "time_zone", "theme", "single_key_shortcuts"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].required = True
        self.fields["email"].label = _("E-mail")
        self.fields["theme"].required = False  # there is always one chosen
        self.fields["email"].help_text = _("Log in with it, and get a link when you forgot your password.")
        self.fields["time_zone"] = time_zone_field(_("Time zone"), _("The organisation's"), _("Times on all pages are shown in it."))
        self.fields["language"].choices = [("", _("The browser's")), ("en", "English"), ("fr", "Français")]  # type: ignore[attr-defined]
        self.fields["language"].help_text = ""
        self.fields["single_key_shortcuts"].help_text = _("/ goes to the search box. Turn it off if it gets in the way of speech input.")
        for name, value in {"first_name": "given-name", "last_name": "family-name", "email": "email", "mobile": "tel"}.items():
            self.fields[name].widget.attrs["autocomplete"] = value
        self.fields["mobile"].widget.input_type = "tel"  # type: ignore[attr-defined]
        self.helper = _layout()

    def clean_theme(self) -> str:
        """The one there was, when none came."""
        return self.cleaned_data["theme"] or self.instance.theme

    def clean_mobile(self) -> str:
        """E.164, read as a number of the organisation's region."""
        return clean_number(self.cleaned_data["mobile"])


class UserAdminForm(UserChangeForm):
    """A user as an administrator edits it."""

    time_zone = time_zone_field(_("Time zone"), _("The organisation's"))

    def clean_mobile(self) -> str:
        """E.164, read as a number of the organisation's region."""
        return clean_number(self.cleaned_data["mobile"])


def _layout() -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.layout = Layout(
        Fieldset(
            _("About you"),
            Div(Field("first_name"), Field("last_name"), css_class="field-row"),
            Div(Field("email"), Field("mobile"), css_class="field-row"),
        ),
        Fieldset(
            _("How pages look"),
            Div(Field("language"), Field("time_zone"), css_class="field-row"),
            Field("theme"),
            Field("single_key_shortcuts"),
        ),
    )
    return helper
