"""Logging in, and a person's own settings."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm as AllauthLoginForm
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Div, Field, Fieldset, Layout
from django import forms
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from smsapp.accounts.models import TAKEN, User
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
    """Name, e-mail, language, time zone, theme, shortcuts, mobile. Another e-mail, which can reset the password, costs the present one."""

    current_password = forms.CharField(
        label=_("Current password"),
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        strip=False,
        error_messages={"required": _("You change your e-mail: write your current password as well.")},
    )

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
        if not self._has_another_email():
            del self.fields["current_password"]
        self.helper = _layout("current_password" in self.fields)

    def _has_another_email(self) -> bool:
        return self.is_bound and self.data.get("email", "").strip().lower() != self.instance.email.lower()

    def clean_current_password(self) -> str:
        """Checked like a login: tries are counted."""
        password: str = self.cleaned_data["current_password"]
        if not get_adapter().reauthenticate(self.instance, password):
            raise get_adapter().validation_error("enter_current_password")
        return password

    def clean_email(self) -> str:
        """Nobody else's."""
        return _free_email(self.cleaned_data["email"], self.instance)

    def clean_theme(self) -> str:
        """The one there was, when none came."""
        return self.cleaned_data["theme"] or self.instance.theme

    def clean_mobile(self) -> str:
        """E.164, read as a number of the organisation's region."""
        return clean_number(self.cleaned_data["mobile"])


class UserAdminForm(UserChangeForm):
    """A user as an administrator edits it."""

    time_zone = time_zone_field(_("Time zone"), _("The organisation's"))

    def clean_email(self) -> str:
        """Nobody else's."""
        return _free_email(self.cleaned_data["email"], self.instance)

    def clean_mobile(self) -> str:
        """E.164, read as a number of the organisation's region."""
        return clean_number(self.cleaned_data["mobile"])


class UserAdminAddForm(AdminUserCreationForm):
    """A user as an administrator makes it."""

    class Meta(AdminUserCreationForm.Meta):
        model = User

    def clean_email(self) -> str:
        """Nobody else's."""
        return _free_email(self.cleaned_data["email"], self.instance)


def _free_email(raw: str, user: User) -> str:
    """In small letters, as the login looks for it; somebody else's is refused."""
    email = raw.lower()
    if email and User.objects.filter(email__iexact=email).exclude(pk=user.pk).exists():
        raise ValidationError(TAKEN, code="email_taken")
    return email


def _layout(with_password: bool) -> FormHelper:
    helper = FormHelper()
    helper.form_tag = False
    helper.layout = Layout(
        Fieldset(
            _("About you"),
            Div(Field("first_name"), Field("last_name"), css_class="field-row"),
            Div(Field("email"), Field("mobile"), css_class="field-row"),
            *([Field("current_password")] if with_password else []),
        ),
        Fieldset(
            _("How pages look"),
            Div(Field("language"), Field("time_zone"), css_class="field-row"),
            Field("theme"),
            Field("single_key_shortcuts"),
        ),
    )
    return helper
