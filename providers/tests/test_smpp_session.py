"""Sessions that stand: windows, answers, signs of life, more than can be stored."""

import asyncio
import time

import pytest

from providers import registry
from providers.errors import NotSent, ProviderError, Unknown
from providers.tests.factories import make_sms
from providers.tests.lines import Ears, make_access, over, until

BACKEND = registry.get("smpp")
pytestmark = pytest.mark.usefixtures("hurry")


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
