"""A gateway that only counts, for tests of what workers do; a post to the content of a mailing."""

import asyncio
import time
from collections import Counter

import pytest

from campaigns.tests.factories import fictional, make_provider, texted
from campaigns.tests.moved import moved_clock
from campaigns.tests.writing import body, content
from contacts.tests.factories import make_contact
from providers.services import sending
from providers.simulator.server import Options, in_thread
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


@pytest.fixture
def smsc(tmp_path):
    """The simulated gateway with its sessions, reports at once."""
    options = Options(port=0, smpp_port=0, log=tmp_path / "simulator.log")
    options.script.delays = {"queued": 0.01, "sent": 0.02, "delivered": 0.03}
    with in_thread(options) as running:
        yield running


@pytest.fixture
def clock(transactional_db):
    """`clock.set(moment)`: it is that moment now, for the database and for this process."""
    with moved_clock() as found:
        yield found


@pytest.fixture
def step_2(client_for):
    """`step_2(mailing, **changes)`: a post to the content of a mailing as an author; the page."""

    def post(mailing, role="author", **changes):
        return body(client_for(role).post(f"/sms/mailings/{mailing.pk}/content/", content(mailing, **changes)))

    return post


@pytest.fixture
def short_slices(settings):
    """Workers that come back after a second, with few connections."""
    settings.SEND_SLICE_SECONDS = 1.0
    settings.SEND_CONNECTIONS = 8


@pytest.fixture
def three():
    """Texted an hour ago, texted two days ago, never texted."""
    people = [make_contact(fictional(n), first_name=name) for n, name in enumerate(("Ana", "Ben", "Chloé"))]
    texted(people[0], 1)
    texted(people[1], 48)
    return people


@pytest.fixture
def gateways():
    return make_provider(name="Home"), make_provider(name="Abroad", senders=["+447700900999", "ABROAD"])
