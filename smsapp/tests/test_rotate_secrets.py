"""Changing the key of stored secrets."""

import pytest
from cryptography.fernet import Fernet
from django.core.management import CommandError, call_command

from providers.models import Provider

pytestmark = pytest.mark.django_db
OLD, NEW = Fernet.generate_key().decode(), Fernet.generate_key().decode()


@pytest.fixture
def provider(settings):
    settings.FIELD_KEYS = [OLD]
    return Provider.objects.create(name="Gateway", kind="simulator", secrets={"token": "s3cret"})


def test_after_a_rotation_the_old_key_can_go(provider, settings):
    settings.FIELD_KEYS = [NEW, OLD]
    call_command("rotate_secrets")
    settings.FIELD_KEYS = [NEW]
    assert Provider.objects.get().secrets == {"token": "s3cret"}


def test_an_unreadable_secret_is_said_and_kept(provider, settings):
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(CommandError, match="Gateway: The stored secret cannot be read"):
        call_command("rotate_secrets")
    settings.FIELD_KEYS = [OLD]
    assert Provider.objects.get().secrets == {"token": "s3cret"}


def test_a_second_step_survives_a_rotation(user_for, settings):
    from allauth.mfa.models import Authenticator
    from allauth.mfa.totp.internal.auth import TOTP
    from allauth.mfa.utils import decrypt

    settings.FIELD_KEYS = [OLD]
    totp = TOTP.activate(user_for("staff"), "JBSWY3DPEHPK3PXP")
    settings.FIELD_KEYS = [NEW, OLD]
    call_command("rotate_secrets")
    settings.FIELD_KEYS = [NEW]
    assert decrypt(Authenticator.objects.get(id=totp.instance.id).data["secret"]) == "JBSWY3DPEHPK3PXP"
