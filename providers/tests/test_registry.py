"""Kinds are found in their folder; nothing lists them."""

import re
from pathlib import Path

import pytest

from providers import backends, registry
from providers.senders import kind_of
from providers.services.providers import callback_url, snapshot
from providers.tests.factories import make_provider, make_twilio


def test_every_file_of_backends_is_found():
    told = {kind for file in Path(backends.__file__).parent.glob("*.py") for kind in re.findall(r'^    kind = "(\w+)"$', file.read_text(), re.MULTILINE)}
    found = [kind for kind, _ in registry.choices()]
    assert set(found) == told
    assert (found[0], found[-1]) == ("twilio", "simulator")


def test_unknown_kind():
    with pytest.raises(registry.UnknownKind):
        registry.get("pigeon")


@pytest.mark.parametrize(
    ("sender", "kind"),
    [
        ("+33639980001", "number"), ("+1234", ""), ("33639980001", ""), ("12345", "short_code"), ("12", ""), ("123456789", ""), ("RIVERSIDE", "name"),
        ("Anna 24", "name"), ("12 34", ""), ("A", "name"), ("TWELVELETTER", ""), ("Été", ""), (" A", ""), ("A\n", ""), ("", ""), ("A-B", ""),
    ],
)  # fmt: skip
def test_senders(sender, kind):
    assert kind_of(sender) == kind


@pytest.mark.django_db
def test_snapshot_has_what_a_call_needs(settings):
    settings.PUBLIC_BASE_URL = "https://sms.example.org"
    provider = make_twilio(rate=40, senders=["A", "B"])
    found = snapshot(provider.pk)
    assert (found.id, found.kind, found.rate, found.senders) == (provider.pk, "twilio", 40, ("A", "B"))
    assert callback_url(found, "1f-9ab") == f"https://sms.example.org/hooks/twilio/{provider.webhook_token}/status/?ref=1f-9ab"
    assert "token-4711" not in repr(found)


@pytest.mark.django_db
def test_without_public_address_there_is_no_callback(settings):
    settings.PUBLIC_BASE_URL = ""
    assert callback_url(snapshot(make_provider().pk), "1f-9ab") == ""
