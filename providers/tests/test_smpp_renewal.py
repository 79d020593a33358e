"""Sessions that end, and those that begin anew: lost connections, refused binds, pauses, farewells."""

import asyncio

import pytest

from providers import registry
from providers.errors import NotSent, Unknown
from providers.smpp import session as session_module
from providers.tests.factories import make_sms
from providers.tests.lines import make_access, over, until
from providers.tests.peer import wait

BACKEND = registry.get("smpp")
pytestmark = pytest.mark.usefixtures("hurry")


def test_a_lost_connection_comes_back(peer):
    provider = make_access(peer.port)

    async def act(line):
        for _round in range(3):
            await BACKEND.send(line, provider, make_sms())
            peer.drop()
            await until(lambda: not line.is_open)
            with pytest.raises(NotSent):
                await BACKEND.send(line, provider, make_sms())
            await until(lambda: line.is_open)

    over(provider, act)
    assert len(peer.texts) == 3


def test_what_was_under_way_when_the_connection_broke_is_unknown(peer):
    peer.answer = "silence"
    provider = make_access(peer.port)

    async def act(line):
        sending = asyncio.gather(*[BACKEND.send(line, provider, make_sms()) for _ in range(5)], return_exceptions=True)
        await until(lambda: len(peer.texts) == 5)
        peer.drop()
        return await sending

    assert [type(error) for error in over(provider, act, deadline=5)] == [Unknown] * 5


def test_a_peer_that_ends_the_session_is_answered_and_bound_again(peer):
    async def act(line):
        peer.say(peer.connections[-1], "unbind")
        await until(lambda: "unbind_resp" in peer.heard and len(peer.binds) == 2)

    over(make_access(peer.port), act)


def test_an_end_in_good_order_waits_for_answers(peer):
    peer.answer = lambda text: (0.3, "late")
    provider = make_access(peer.port)

    async def act(line):
        sending = asyncio.create_task(BACKEND.send(line, provider, make_sms()))
        await until(lambda: peer.texts)
        await line.close()
        return await sending

    assert over(provider, act, deadline=2).gateway_id == "late"
    wait(lambda: "unbind" in peer.heard)


def test_a_wrong_password_is_not_tried_again(peer):
    peer.bind_status = 0x0E

    async def act(line):
        await until(lambda: line.fault)
        await asyncio.sleep(0.3)

    over(make_access(peer.port), act, wait=False)
    assert len(peer.binds) == 1


def test_a_bind_that_fails_is_tried_for_a_while_before_it_counts_as_our_fault(peer, monkeypatch):
    """The gateway may still believe in the session of a sender that died."""
    monkeypatch.setattr(session_module, "PATIENCE", 0.2)
    peer.bind_status = 0x0D

    async def act(line):
        await until(lambda: len(peer.binds) > 2)
        await until(lambda: line.fault)
        peer.bind_status = 0
        await until(lambda: line.is_open)
        assert line.fault is None

    over(make_access(peer.port), act, wait=False)


def test_a_session_that_cannot_come_about_says_why(peer):
    peer.bind_status = 0x05

    async def act(line):
        await until(lambda: line.standing()[1][1])
        return line.standing()[1]

    since, problem = over(make_access(peer.port), act, wait=False)
    assert since == 0.0
    assert "no further session" in problem
    assert "ESME_RALYBND (0x05)" in problem


def test_pauses_grow_and_differ(monkeypatch):
    pauses = []

    async def noted(seconds):
        pauses.append(seconds)
        if len(pauses) > 6:
            raise asyncio.CancelledError
        await real(0)

    real = asyncio.sleep
    monkeypatch.setattr(session_module, "FIRST_PAUSE", 1.0)
    monkeypatch.setattr(session_module, "LONGEST_PAUSE", 60.0)
    monkeypatch.setattr(session_module.asyncio, "sleep", noted)

    async def nobody(self):
        raise NotSent("No connection to the gateway.", reason="not_reached")

    monkeypatch.setattr(session_module.Session, "_connect", nobody)
    session = session_module.Session(make_access(1).wire, 9, lambda *told: None, 1.0)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(session._live())
    assert all(min(2.0**n, 60.0) * 0.5 <= pause <= min(2.0**n, 60.0) for n, pause in enumerate(pauses, 1))
    assert len(set(pauses)) == len(pauses)


@pytest.mark.parametrize("rubbish", [b"\xff\xff\xff\xff", b"\0\0\0\x01", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_rubbish_ends_the_session_without_memory(peer, rubbish):
    async def act(line):
        peer.connections[-1].sendall(rubbish)
        await until(lambda: len(peer.binds) == 2)

    over(make_access(peer.port), act)
