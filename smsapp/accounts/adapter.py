"""What differs from allauth's own behaviour: nobody signs up by themselves."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignupAdapter(DefaultAccountAdapter):
    """Administrators make the accounts."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
