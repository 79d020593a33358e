"""A STOP is obeyed within five seconds of the answer to its webhook, also while the broker is down, and confirmed once."""

import signal
import time
import urllib.request
from urllib.parse import urlencode

import pytest

from campaigns.models import AutomaticReply, InboundMessage, Message
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import fictional
from contacts.models import ConsentEntry, Suppression
from providers import registry
from providers.services import providers
from providers.simulator.callbacks import inbound_fields, sign
from tests.faults.invariants import invariants
from tests.faults.people import confirmed

pytestmark = pytest.mark.processes
SECONDS = 5.0
PEOPLE, LAST = 2_400, 20  # of so many people the last few answer STOP while their texts wait


def post(provider, number: str, text: str, sid: str) -> float:
    """Post a text as the gateway does; the moment of the answer, which is 200."""
    plain = providers.snapshot(provider.pk)
    url = providers.callback_url(plain, "x").partition("?")[0].replace("/status/", "/inbound/")
    fields = inbound_fields("AC0", sid, number, "36111", text)
    token = registry.get(plain.kind).auth_token(plain)
    asked = urllib.request.Request(url, urlencode(fields).encode(), {"X-Twilio-Signature": sign(token, url, fields)})
    assert urllib.request.urlopen(asked, timeout=20).status == 200
    return time.time()


@pytest.mark.parametrize("redis", [pytest.param("up", marks=pytest.mark.short), "gone", "silent"])
def test_no_call_begins_more_than_five_seconds_after_a_stop(world, redis):
    mailing = confirmed(PEOPLE, rate=200)
    world.web()
    world.machine()
    world.wait_for_texts(200)
    if redis == "gone":
        world.redis.stop(signal.SIGKILL)
    elif redis == "silent":
        world.redis.signal_all(signal.SIGSTOP)
    numbers = [fictional(index) for index in range(PEOPLE - LAST, PEOPLE)]
    accepted = {number: post(mailing.provider, number, "STOP", f"MO{number}") for number in numbers}
    for _again in range(2):  # the gateway tells each of them three times
        for number in numbers:
            post(mailing.provider, number, "STOP", f"MO{number}")
    time.sleep(2)
    if redis == "gone":
        world.redis.start()
    elif redis == "silent":
        world.redis.signal_all(signal.SIGCONT)
    world.wait_for_the_end(mailing)
    world.wait(lambda: not Message.objects.filter(mailing=None, status=MessageStatus.OPEN).exists(), "the confirmations")
    confirmations = set(Message.objects.filter(kind=Message.Kind.AUTOMATIC).values_list("id", flat=True))
    late = [line for line in world.log() if line.number in accepted and line.message not in confirmations and line.at > accepted[line.number] + SECONDS]
    assert late == []
    assert Message.objects.filter(mailing=mailing, number__in=numbers, status=MessageStatus.SKIPPED, reason="suppressed").count() == LAST
    assert InboundMessage.objects.count() == ConsentEntry.objects.count() == Suppression.objects.count() == AutomaticReply.objects.count() == LAST
    told = [line.number for line in world.log() if line.message in confirmations]
    assert sorted(told) == numbers  # each once
    invariants(world)
