"""What differs from allauth's own behaviour: nobody signs up by themselves, own words for what went wrong, sealed secrets."""

import json
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from smsapp.common import secrets


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Administrators make the accounts."""

    error_messages: dict[str, Any] = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("E-mail, user name or password is not right."),
        "username_password_mismatch": _("E-mail, user name or password is not right."),
        "too_many_login_attempts": _("Too many tries. Log in again in 5 minutes."),
        "account_inactive": _("This account is switched off. An administrator can switch it on again."),
        "incorrect_password": _("The password is not right."),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The pages themselves show who is logged in: no message for logging in or out."""
        template = kwargs.get("message_template") or (args[2] if len(args) > 2 else "")
        if template not in {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}:
            super().add_message(*args, **kwargs)


class SealedMFAAdapter(DefaultMFAAdapter):
    """Keys of authenticator apps are encrypted at rest like every other secret."""

    error_messages: dict[str, Any] = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _("The code is not right, or it is too old. Write the one that the app shows now."),
    }

    def encrypt(self, text: str) -> str:
        """Encrypted with the installation's field keys."""
        return secrets.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` was given."""
        value = secrets.decrypt(encrypted_text)
        return value if isinstance(value, str) else json.dumps(value)
