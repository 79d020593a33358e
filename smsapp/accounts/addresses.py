"""The addresses that the login keeps of a user: only the present one may reset a password."""

from allauth.account.models import EmailAddress

from smsapp.accounts.models import User


def forget_former(user: User) -> None:
    """Delete all others; call it in the transaction that saves the user."""
    EmailAddress.objects.filter(user=user).exclude(email=user.email.lower()).delete()
