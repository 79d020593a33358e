"""The contract for the simulator's backend, and its way through the simulated gateway."""

from dataclasses import replace

import pytest

from providers import registry
from providers.errors import Misconfigured, NotSent, Refused, Unknown
from providers.services import sending
from providers.tests.contract import DEADLINE
from providers.tests.factories import make_sms
from providers.tests.test_backend_twilio import TwilioContract
from providers.types import OutboundSms, ProviderSnapshot

PLAIN = ProviderSnapshot(id=7, kind="simulator", webhook_token="token-of-the-address")


class TestSimulator(TwilioContract):
    kind = "simulator"

    @pytest.fixture(autouse=True)
    def _address(self, settings):
        self.settings = settings
        TwilioContract.token = registry.get("simulator").auth_token(PLAIN)
        TestSimulator.secrets = (TwilioContract.token,)
        yield
        TwilioContract.token = "auth-token-4711"

    def provider(self, url: str) -> ProviderSnapshot:
        self.settings.SIMULATOR_URL = url
        return PLAIN

    def test_needs_no_settings(self):
        assert registry.get("simulator").settings == ()

    def test_each_provider_has_its_own_secret(self):
        backend = registry.get("simulator")
        assert backend.auth_token(PLAIN) != backend.auth_token(replace(PLAIN, webhook_token="other"))


def send(number: str, **changes: object) -> object:
    import asyncio

    async def call() -> object:
        from providers.backends import http

        async with http.open_session(connections=4, deadline=DEADLINE) as session:
            wired = replace(PLAIN, wire=registry.get("simulator").wire(PLAIN))
            return await sending.send(session, wired, make_sms(number=number, **changes))

    return asyncio.run(call())


@pytest.mark.parametrize(
    ("ending", "expected", "reason"),
    [
        ("0150", Refused, "invalid_number"),
        ("0151", Refused, "opted_out"),
        ("0152", Refused, "not_mobile"),
        ("0153", Refused, "country_not_allowed"),
        ("0154", NotSent, "throttled"),
        ("0155", Unknown, "gateway_trouble"),
        ("0156", Unknown, "no_answer"),
        ("0157", Unknown, "no_answer"),
        ("0158", Unknown, "no_answer"),
        ("0159", Unknown, "odd_answer"),
        ("0169", Unknown, "no_answer"),
        ("0170", Misconfigured, "credentials"),
        ("0171", Misconfigured, "address"),
        ("0172", Unknown, "odd_answer"),
        ("0173", Unknown, "no_answer"),
        ("0174", Unknown, "gateway_trouble"),
    ],
)
def test_each_ending_has_its_outcome(simulator, ending, expected, reason):
    with pytest.raises(expected) as caught:
        send(f"+3363998{ending}")
    assert caught.value.reason == reason


@pytest.mark.parametrize("number", ["+33639980149", "+33639980160", "+447700900161", "+12125550162", "+33639980175"])
def test_the_others_are_accepted(simulator, number):
    assert send(number).gateway_id.startswith("SM")


def test_a_throttled_number_goes_through_the_third_time(simulator):
    for _ in range(2):
        with pytest.raises(NotSent) as caught:
            send("+33639980154")
        assert caught.value.retry_after == 1
    assert send("+33639980154")


def test_connection_test(simulator):
    import asyncio

    wired = replace(PLAIN, wire=registry.get("simulator").wire(PLAIN))
    assert asyncio.run(sending.check(wired)) == "Connected to the account “Simulated gateway”."


def test_fictional_numbers_reach_a_stand_in_only(settings):
    import asyncio

    world = ProviderSnapshot(id=1, kind="twilio", options={"account_sid": "ACtest"}, secrets={"auth_token": "t"})
    wired = replace(world, wire=registry.get("twilio").wire(world))
    with pytest.raises(Refused) as caught:
        asyncio.run(sending.send(None, wired, OutboundSms("+33639980101", "Hello", "ME", "1")))  # no session: nothing is called
    assert caught.value.reason == "fictional_number"
