"""The administrator's form of a provider: its fields come from what the backend declares."""

import re
from typing import Any

import phonenumbers
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from providers import registry
from providers.backends.base import Backend, Setting
from providers.models import Provider
from providers.senders import kind_of

PREFIX = "setting_"


class SendersField(forms.CharField):
    """One sender a line."""

    widget = forms.Textarea(attrs={"rows": 4})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = [line.strip() for line in (super().clean(value) or "").splitlines()]
        senders = list(dict.fromkeys(_tidy(line) for line in lines if line))
        wrong = [sender for sender in senders if not kind_of(sender)]
        if wrong:
            raise ValidationError(
                _("“%(sender)s” is no sender. Use a number such as +33639980001, a short code of 3 to 8 digits, "
                  "or a name of at most 11 letters, digits and spaces, such as RIVERSIDE."),
                params={"sender": wrong[0][:40]},
            )  # fmt: skip
        return senders

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial or []) != (data or "")


def _tidy(line: str) -> str:
    """A number typed with spaces is still a number."""
    bare = re.sub(r"[ .\-()\u00a0\u202f]", "", line)
    return bare if bare.startswith("+") else line


class CountriesField(forms.CharField):
    """Two-letter codes, apart by commas or spaces."""

    def prepare_value(self, value: Any) -> Any:
        return ", ".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        codes = list(dict.fromkeys(re.findall(r"[^\s,;]+", (super().clean(value) or "").upper())))
        wrong = [code for code in codes if code not in phonenumbers.SUPPORTED_REGIONS]
        if wrong:
            raise ValidationError(_("There is no country “%(code)s”. Use two letters each, for example FR, GB, TN."), params={"code": wrong[0][:20]})
        return codes

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.prepare_value(initial or []) != (data or "")


class PriceField(forms.DecimalField):
    """With a decimal point or, as half of the world writes it, a comma."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", ".") if isinstance(value, str) else value)


class ProviderForm(forms.ModelForm):
    """What every kind has; `form_for` adds the fields of one kind."""

    backend: Backend
    senders = SendersField(
        label=_("Senders"), required=False,
        help_text=_("One a line: a number such as +33639980001, a short code, or a name of 1 to 11 letters, digits and spaces. "
                    "People cannot answer a name. The first is the default."),
    )  # fmt: skip
    allowed_countries = CountriesField(label=_("Allowed countries"), required=False, help_text=_("Two-letter codes, for example FR, GB, TN. Empty: all."))
    default_region = forms.CharField(
        label=_("Default region"), required=False, max_length=2,
        help_text=_("Country of numbers written without one, as two letters. Empty: the organisation's."),
    )  # fmt: skip
    currency = forms.RegexField(
        r"\A[A-Za-z]{3}\Z", label=_("Currency"), initial="EUR", help_text=_("Three letters, for example EUR."),
        error_messages={"invalid": _("Use the currency's three letters, for example EUR.")},
    )  # fmt: skip

    class Meta:
        model = Provider
        fields = (
            "name", "active", "is_default", "senders", "rate", "max_segments",
            "price_per_segment", "currency", "default_region", "allowed_countries",
        )  # fmt: skip
        field_classes = {"price_per_segment": PriceField}
        widgets = {"price_per_segment": forms.TextInput(attrs={"inputmode": "decimal", "class": "vTextField"})}
        help_texts = {
            "name": _("As staff see it when they choose whom to send through."),
            "active": _("An inactive provider takes no new texts; what is queued waits."),
            "is_default": _("Chosen first in every form. Exactly one provider is the default: ticking it here takes it from the other."),
            "max_segments": _("A longer text is stopped before it leaves. One segment is 160 characters of the GSM alphabet, or 70 of any other."),
            "price_per_segment": _("For the cost shown before sending; four or five decimals are usual."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for setting in self.backend.settings:
            self._fill(setting)
        if not self.backend.needs_sender:
            self.fields["senders"].required = False

    def _fill(self, setting: Setting) -> None:
        """Plain settings show their value; of a secret only the last four characters."""
        field = self.fields[PREFIX + setting.name]
        if not setting.secret:
            self.initial.setdefault(PREFIX + setting.name, self.instance.options.get(setting.name, setting.initial))
            return
        stored = (self.instance.secrets or {}).get(setting.name, "")
        if stored:
            field.required = False
            field.help_text = _("%(help)s Stored, ends in %(end)s; leave it empty to keep it.") % {"help": setting.help, "end": last_four(stored)}

    def clean_currency(self) -> str:
        return str(self.cleaned_data["currency"]).upper()

    def clean_default_region(self) -> str:
        region = str(self.cleaned_data["default_region"]).upper()
        if region and region not in phonenumbers.SUPPORTED_REGIONS:
            raise ValidationError(_("There is no country “%(code)s”. Use its two letters, for example FR or GB."), params={"code": region})
        return region

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self._check_default(values)
        self._check_senders(values)
        self._check_secrets_stay_here()
        if not any(name.startswith(PREFIX) for name in self.errors):  # its own fields are whole, whatever is wrong with the others
            for name, fault in self.backend.clean(self._options(), self._secrets()).items():
                self.add_error(PREFIX + name, fault)
        if not self.errors:
            self._check_login(values)
        return values

    def _check_default(self, values: dict[str, Any]) -> None:
        if values.get("is_default") and not values.get("active"):
            self.add_error("active", _("The default provider is active. Make another one the default first."))
        if self.instance.pk and self.initial.get("is_default") and not values.get("is_default"):
            self.add_error("is_default", _("One provider is always the default. Tick it on the other one instead."))

    def _check_senders(self, values: dict[str, Any]) -> None:
        chosen_there = self.backend.sender_from(self._options())
        if self.backend.needs_sender and not chosen_there and "senders" in values and not values["senders"]:
            self.add_error("senders", _("Enter at least one sender, for example +33639980001 or RIVERSIDE."))

    def _check_secrets_stay_here(self) -> None:
        """Stored secrets never go to an address that somebody else could have put in: who changes it knows them."""
        if not self._is_elsewhere():
            return
        for name in self._secrets():
            if PREFIX + name not in self.errors and not self.cleaned_data.get(PREFIX + name):
                self.add_error(PREFIX + name, _("The address is another one now. Enter this again: what is stored is for the old address."))

    def _check_login(self, values: dict[str, Any]) -> None:
        """Some logins serve one provider only, see Backend.login_of."""
        login = self.backend.login_of(self._options())
        others = Provider.objects.filter(kind=self.backend.kind, active=True).exclude(pk=self.instance.pk) if login and values.get("active") else ()
        if other := next((each for each in others if self.backend.login_of(each.options) == login), None):
            words = _("“%(provider)s” uses this login already, and each would get reports of the other's texts. Raise the number of binds there instead.")
            self.add_error(None, words % {"provider": other})

    def _is_elsewhere(self) -> bool:
        stored = self.instance.options
        return bool(self.instance.pk) and any(
            _bare(self._value(setting) or setting.initial) != _bare(stored.get(setting.name) or setting.initial)
            for setting in self.backend.settings
            if setting.address
        )

    def _get_validation_exclusions(self) -> set[str]:
        # the service keeps exactly one default, and `clean` says the rest in better words than the constraints
        return {*super()._get_validation_exclusions(), "is_default"}  # type: ignore[misc]

    def _options(self) -> dict[str, str]:
        return {setting.name: self._value(setting) for setting in self.backend.settings if not setting.secret and self._value(setting)}

    def _secrets(self) -> dict[str, str]:
        stored = self.instance.secrets or {}
        found = {setting.name: self._value(setting) or stored.get(setting.name, "") for setting in self.backend.settings if setting.secret}
        return {name: value for name, value in found.items() if value and not self._forgotten(name)}

    def _forgotten(self, name: str) -> bool:
        """An optional secret goes when the plain setting that it belongs to is emptied."""
        partner = name.replace("_secret", "_sid")
        values = self.cleaned_data
        return partner != name and PREFIX + partner in self.fields and not values.get(PREFIX + partner) and not values.get(PREFIX + name)

    def _value(self, setting: Setting) -> str:
        return str(self.cleaned_data.get(PREFIX + setting.name) or "").strip()

    def save(self, commit: bool = True) -> Any:
        self.instance.kind = self.backend.kind
        self.instance.options = self._options()
        self.instance.secrets = self._secrets()
        self.instance.default_region = self.cleaned_data["default_region"]
        return super().save(commit)


def _bare(address: str) -> str:
    """What decides who reads the secrets: not what stands behind the question mark."""
    return address.partition("?")[0].rstrip("/")


def last_four(secret: str) -> str:
    """The end of a secret, for recognising it; nothing of a short one."""
    return f"…{secret[-4:]}" if len(secret) >= 12 else "…"


def form_for(kind: str) -> type[ProviderForm]:
    """The form of one kind. Raises registry.UnknownKind."""
    backend = registry.get(kind)
    fields = {PREFIX + setting.name: _field(setting) for setting in backend.settings}
    return type("ProviderForm", (ProviderForm,), {"backend": backend, **fields})


def _field(setting: Setting) -> forms.Field:
    common: dict[str, Any] = {"label": setting.label, "help_text": setting.help, "required": setting.required, "initial": setting.initial}
    if setting.choices:
        return forms.ChoiceField(choices=setting.choices, **common)
    return forms.CharField(max_length=4000 if setting.rows else 500, validators=list(setting.validators), widget=_widget(setting), **common)


def _widget(setting: Setting) -> forms.Widget:
    if setting.secret:
        return forms.PasswordInput(attrs={"class": "vTextField", "autocomplete": "new-password"})
    if setting.rows:
        return forms.Textarea(attrs={"class": "vLargeTextField", "rows": setting.rows, "spellcheck": "false"})
    return forms.TextInput(attrs={"class": "vLargeTextField" if setting.address else "vTextField", "spellcheck": "false"})
