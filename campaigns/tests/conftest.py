"""A gateway that only counts, for tests of what workers do."""

import asyncio
import time
from collections import Counter

import pytest

from providers.services import sending
from providers.types import SendResult


@pytest.fixture
def gateway(monkeypatch):
    """Replaces only the call to the gateway: seconds per call, an error instead of acceptance (for all calls, or once for a number); counts calls."""

    class Gateway:
        seconds = 0.0
        error = None
        started: list[float] = []

        def __init__(self):
            self.calls, self.started, self.errors = Counter(), [], {}

        async def send(self, session, provider, sms):
            self.calls[sms.number] += 1
            self.started.append(time.monotonic())
            await asyncio.sleep(self.seconds)
            if error := self.errors.pop(sms.number, self.error):
                raise error
            return SendResult("SM" + sms.number[1:])

    found = Gateway()
    monkeypatch.setattr(sending, "send", found.send)
    return found
