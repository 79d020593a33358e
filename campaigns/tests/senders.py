"""A simulated operator of sessions, and senders that run in threads beside the test."""

import asyncio
import threading
import time
from contextlib import contextmanager, suppress
from uuid import uuid4

from campaigns.models import Mailing, Message
from campaigns.pipeline.prepare import prepare
from campaigns.services import mailings, sender
from campaigns.services.quick_send import store
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_provider
from providers.models import Bind
from providers.segments import measure


def make_operator(smsc, **changes):
    """A provider whose sessions are with it."""
    options = {"host": "127.0.0.1", "port": str(smsc.smpp_port), "system_id": "demo", "window": "10"} | changes.pop("options", {})
    return make_provider(kind="smpp", options=options, secrets={"password": "hush"}, **{"rate": 500, "max_segments": 5} | changes)


@contextmanager
def sending():
    """A sender in a thread."""
    made, ready = [], threading.Event()

    async def run():
        one = sender.Sender()
        one.loop = asyncio.get_running_loop()
        made.append((one, asyncio.get_running_loop()))
        ready.set()
        await one.run()

    thread = threading.Thread(target=asyncio.run, args=(run(),))
    thread.start()
    ready.wait(5)
    one, loop = made[0]
    try:
        yield one
    finally:
        with suppress(RuntimeError):  # it has stopped already
            loop.call_soon_threadsafe(one.stopping.set)
        thread.join(15)
        assert not thread.is_alive()


def wait(true, seconds=10.0):
    """Look until it is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def queue(provider, number, text="Hello"):
    """A one-off text, queued; its id."""
    key = str(uuid4())
    row = Message(kind=Message.Kind.ONE_OFF, number=number, sender="36111", text=text, provider=provider, idempotency_key=f"{key}:{number}")
    row.segments = measure(text).segments
    return store([row], key)[0].pk


def status(pk):
    """What became of a text."""
    return MessageStatus(Message.objects.get(pk=pk).status)


def bound(amount=1):
    """Whether so many sessions stand."""
    return lambda: Bind.objects.exclude(bound_since=None).count() == amount


def launch(mailing):
    """Prepare and confirm."""
    mailings.prepare(mailing, None)
    prepare(mailing.pk)
    mailings.confirm(Mailing.objects.get(pk=mailing.pk), None)
