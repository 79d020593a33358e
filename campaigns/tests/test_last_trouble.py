"""What Providers says of the last trouble of a gateway, whichever text met it."""

import pytest

from campaigns.services import test_send
from campaigns.tests.factories import fictional, make_provider
from campaigns.tests.routed import send
from providers.errors import Misconfigured, NotSent, Refused, Unknown

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(("error", "words"), [
    (Unknown("?", reason="gateway_trouble", detail="HTTP 500"), "The gateway had a fault. HTTP 500"),
    (Unknown("?", reason="odd_answer", detail="HTTP 200"), "The gateway's answer made no sense. HTTP 200"),
    (Unknown("?", reason="no_answer"), "The gateway did not answer in time"),
    (NotSent("?", reason="not_reached"), "The gateway could not be reached"),
    (NotSent("?", reason="throttled", throttled=True, retry_after=1), "The gateway asked for a slower pace."),
    (Misconfigured("?", reason="inside_address"), "The address leads to this machine or an inside network"),
    (Refused("No.", reason="invalid_number"), ""),  # the number's
])  # fmt: skip
def test_a_test_text_that_meets_trouble_tells_of_it(gateway, short_slices, error, words):
    provider = make_provider(last_error="An older trouble" if words else "")
    test_send.send(provider, fictional(0), "Test", None, key="trial")
    gateway.error = error
    send(provider, slices=1)
    provider.refresh_from_db()
    assert (provider.last_error[: len(words)], bool(provider.last_error)) == (words, bool(words))
