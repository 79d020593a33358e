"""Fixtures of the app: a canned gateway, an SMSC and the simulated gateway, all on real sockets."""

import pytest

from providers.simulator.server import Options, in_thread
from providers.smpp import session as session_module
from providers.tests.canned import canned
from providers.tests.peer import peering


@pytest.fixture
def gateway():
    """A gateway that does what `gateway.answer` says."""
    with canned() as found:
        yield found


@pytest.fixture
def simulator(tmp_path, settings):
    """The simulated gateway on a free port, reports at once; `simulator.log_path` is its log."""
    options = Options(port=0, log=tmp_path / "simulator.log")
    options.script.delays = {"queued": 0.01, "sent": 0.02, "delivered": 0.03}
    with in_thread(options) as running:
        settings.SIMULATOR_URL = running.url
        yield running


@pytest.fixture
def peer():
    """An SMSC of another library that does what `peer.answer` says."""
    with peering() as found:
        yield found


@pytest.fixture
def administrator(client_for):
    return client_for("administrator")


@pytest.fixture
def hurry(monkeypatch):
    """Pauses of hundredths of a second."""
    monkeypatch.setattr(session_module, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(session_module, "LONGEST_PAUSE", 0.1)
