"""While the database is away a sender says so in one line; a defect keeps all its traces."""

import asyncio
import logging

import pytest
from django.db import OperationalError

from campaigns.services import sender
from providers.backends.base import Webhook


@pytest.fixture
def look(monkeypatch):
    """`look(seconds, answer)`: a sender that looks a hundred times a second, of which each calls `answer` in place of the database."""
    monkeypatch.setattr(sender, "LOOK", 0.01)

    def run(seconds, *answers):
        async def main():
            one = sender.Sender()
            task = None
            for answer in answers:
                monkeypatch.setattr(sender, "_wanted", answer)
                task = task or asyncio.create_task(one.run())
                await asyncio.sleep(seconds)
            one.stopping.set()
            await task

        asyncio.run(main())

    return run


def away():
    raise OperationalError("connection refused\n\tIs the server running?")


def here():
    return []


def told(caplog):
    return [(record.levelno, record.getMessage(), bool(record.exc_info)) for record in caplog.records if record.name.startswith("campaigns")]


def test_it_is_said_once_when_it_goes_and_once_when_it_is_back(look, caplog):
    look(0.2, here, away, here, away)
    gone, back = (logging.ERROR, "database not reached, going on when it is back", False), (logging.WARNING, "database reached again", False)
    assert told(caplog) == [gone, back, gone]
    assert caplog.records[0].problem == "connection refused"


def test_a_defect_is_told_each_time_with_its_traces(look, caplog):
    look(0.2, lambda: 1 / 0)
    assert len(told(caplog)) > 1
    assert set(told(caplog)) == {(logging.ERROR, "providers not read", True)}


def test_what_a_session_hears_meanwhile_is_not_acknowledged_and_adds_no_line(monkeypatch, caplog):
    monkeypatch.setattr(sender.heard, "store", lambda provider_id, webhooks: away())

    async def main():
        one = sender.Sender()
        keeper = sender.Keeper(1, one.tenant, one.stopping, one.outage)
        return [await keeper._store([Webhook("status", "", "", b"", "")] * 2) for _time in range(3)]

    assert asyncio.run(main()) == [[False, False]] * 3
    assert len(told(caplog)) == 1
