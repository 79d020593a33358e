"""Sessions over time: windows, signs of life, ends and new beginnings."""

import asyncio
import time

import pytest

from providers import registry
from providers.errors import NotSent, ProviderError, Unknown
from providers.smpp import session as session_module
from providers.tests.factories import make_sms
from providers.tests.lines import Ears, lined, make_access, until
from providers.tests.peer import wait

BACKEND = registry.get("smpp")


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    """Pauses of hundredths of a second."""
    monkeypatch.setattr(session_module, "FIRST_PAUSE", 0.02)
    monkeypatch.setattr(session_module, "LONGEST_PAUSE", 0.1)


def over(provider, act, **options):
    """Run `act(line)` over a line."""

    async def call():
        async with lined(provider, **options) as line:
            return await act(line)

    return asyncio.run(call())


async def many(line, provider, amount):
    texts = [BACKEND.send(line, provider, make_sms(text=f"number {n}")) for n in range(amount)]
    return await asyncio.gather(*texts, return_exceptions=True)


def test_answers_find_their_texts_in_any_order(peer):
    def answered(text):
        words = text.short_message.decode()
        return 0.02 * (9 - int(words[-1])), words.replace(" ", "-")  # the first is answered last

    peer.answer = answered
    provider = make_access(peer.port)
    found = over(provider, lambda line: many(line, provider, 10))
    assert [result.gateway_id for result in found] == [f"number-{n}" for n in range(10)]


def test_the_window_is_never_exceeded(peer):
    peer.answer = lambda text: (0.02, "id")
    provider = make_access(peer.port, window="4")
    assert len(over(provider, lambda line: many(line, provider, 30), deadline=5)) == 30
    assert peer.most_at_once == 4


def test_a_full_window_is_not_sent(peer):
    """Those without a place were certainly not sent; those that had one may have been."""
    peer.answer = "silence"
    provider = make_access(peer.port, window="3")
    found = over(provider, lambda line: many(line, provider, 5), deadline=0.5)
    assert [type(error) for error in found] == [Unknown] * 3 + [NotSent] * 2


def test_texts_are_spread_over_binds(peer):
    peer.answer = lambda text: (0.05, "id")
    provider = make_access(peer.port, window="5")
    over(provider, lambda line: many(line, provider, 20), binds=(1, 2), deadline=5)
    assert peer.most_at_once == 10
    assert len(peer.binds) == 2


def test_a_pair_sends_over_one_and_hears_over_the_other(peer):
    provider, ears = make_access(peer.port, mode="pair"), Ears()

    async def act(line):
        await BACKEND.send(line, provider, make_sms())
        for connection in list(peer.connections):
            peer.say(connection, "deliver_sm", source_addr="33639980102", destination_addr="36111", short_message=b"x")
        await until(lambda: len(ears.heard) == 2)

    over(provider, act, ears=ears)
    assert sorted(bind[0] for bind in peer.binds) == ["bind_receiver", "bind_transmitter"]


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


def test_a_silent_session_is_asked_and_answers(peer):
    provider = make_access(peer.port)
    object.__setattr__(provider.wire, "enquire", 0.1)

    async def act(line):
        await until(lambda: peer.heard.count("enquire_link") >= 3)
        assert line.is_open

    over(provider, act)
    assert len(peer.binds) == 1


def test_a_half_open_peer_is_left(peer):
    """The connection stands, and nobody is there: noticed by an enquire_link without an answer."""
    provider = make_access(peer.port)
    object.__setattr__(provider.wire, "enquire", 0.1)

    async def act(line):
        peer.alive = False
        await until(lambda: len(peer.binds) >= 2)
        peer.alive = True
        await until(lambda: line.is_open)

    over(provider, act, deadline=0.3)


def test_an_overdue_answer_makes_the_session_ask_at_once(peer):
    peer.answer = "silence"
    provider = make_access(peer.port, enquire="600")

    async def act(line):
        with pytest.raises(Unknown):
            await BACKEND.send(line, provider, make_sms())
        await until(lambda: "enquire_link" in peer.heard)

    over(provider, act, deadline=0.3)


def test_the_peers_own_question_is_answered(peer):
    async def act(line):
        peer.say(peer.connections[-1], "enquire_link")
        await until(lambda: "enquire_link_resp" in peer.heard)

    over(make_access(peer.port), act)


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


def test_unknown_commands_are_answered_and_harmless(peer):
    async def act(line):
        peer.connections[-1].sendall(b"\0\0\0\x10\0\0\x02\x77\0\0\0\0\0\0\0\x05")
        await until(lambda: "generic_nack" in peer.heard)
        assert line.is_open

    over(make_access(peer.port), act)


def test_an_answer_that_nobody_waits_for_is_ignored(peer):
    async def act(line):
        peer.connections[-1].sendall(b"\0\0\0\x11\x80\0\0\x04\0\0\0\0\0\0\xff\xff\0")
        await asyncio.sleep(0.05)
        assert line.is_open

    over(make_access(peer.port), act)


def test_more_than_can_be_stored_is_refused_for_now(peer, monkeypatch):
    from providers.smpp import line as line_module

    monkeypatch.setattr(line_module, "MOST_WAITING", 5)
    ears = Ears()
    gate = asyncio.Event()

    async def slowly(told):
        await gate.wait()
        return [True] * len(told)

    ears.store = slowly

    async def act(line):
        for _ in range(12):
            peer.deliver()
        await until(lambda: len(peer.acknowledged) >= 6)
        assert set(peer.acknowledged) == {0x64}
        gate.set()
        await until(lambda: len(peer.acknowledged) == 12)

    over(make_access(peer.port), act, ears=ears)
    assert peer.acknowledged.count(0) == 12 - peer.acknowledged.count(0x64)


def test_nothing_is_held_longer_than_its_deadline(peer):
    peer.answer = "silence"
    provider = make_access(peer.port, window="1")
    began = time.monotonic()
    found = over(provider, lambda line: many(line, provider, 8), deadline=0.5)
    assert time.monotonic() - began < 3
    assert all(isinstance(error, ProviderError) for error in found)
