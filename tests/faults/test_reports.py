"""Delivery reports: many at once, in the wrong order, too early, forged, and about nobody."""

import random
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

import pytest

from campaigns.models import Message
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_provider
from providers import registry
from providers.models import WebhookEvent
from providers.services import providers
from providers.simulator.callbacks import sign
from smsapp.common.secrets import sign_reference
from tests.faults.invariants import invariants
from tests.faults.people import confirmed

pytestmark = pytest.mark.processes
S = MessageStatus


def report(provider, reference: str, sid: str, word: str, *, token: str | None = None) -> int:
    """Post a report as the gateway does; the status of the answer."""
    plain = providers.snapshot(provider.pk)
    url = providers.callback_url(plain, reference)
    fields = [("AccountSid", "AC0"), ("MessageSid", sid), ("MessageStatus", word), ("To", "+33639980000")]
    token = registry.get(plain.kind).auth_token(plain) if token is None else token
    asked = urllib.request.Request(url, urlencode(fields).encode(), {"X-Twilio-Signature": sign(token, url, fields)})
    try:
        return urllib.request.urlopen(asked, timeout=20).status
    except urllib.error.HTTPError as refused:
        return refused.code


def applied() -> bool:
    return not WebhookEvent.objects.filter(state="new").exists()


def test_reports_ten_times_at_once_and_in_any_order(world):
    mailing = confirmed(60)
    world.web()
    world.machine()
    world.wait_for_the_end(mailing)
    posts = [(sign_reference(line.message), line.sid, word) for line in world.log() for word in ("delivered", "sent", "queued")] * 10
    random.shuffle(posts)
    with ThreadPoolExecutor(10) as pool:
        answers = set(pool.map(lambda post: report(mailing.provider, *post), posts))
    assert answers <= {200, 204}
    world.wait(lambda: applied() and world.statuses() == {S.DELIVERED: 60}, "the reports")
    assert WebhookEvent.objects.count() == 180, "each is stored once"
    invariants(world)


@pytest.mark.short
def test_reports_that_come_before_our_own_outcome(world):
    """The worker dies before it could write that the gateway had accepted: the reports are there already, and settle what would be unknown."""
    world.gateway.hold_reports(False)
    mailing = confirmed(200)
    world.web()
    world.machine(workers="urgent")
    broken = world.machine(
        workers="bulk", beat=False, include="tests.faults.breaking", BREAK_AT="before the outcome is written", BREAK_ONCE=str(world.home / "broken")
    )
    world.wait(lambda: not broken["bulk"].lives(), "the death of the worker")
    world.machine(workers="bulk", beat=False)
    world.wait_for_the_end(mailing)
    world.wait(lambda: world.statuses()[S.DELIVERED] == len(world.log()), "the reports", 60)
    seen = invariants(world)
    assert not seen.having(S.UNKNOWN) & seen.arrived, "only what was never reported may be unknown"


def test_reports_that_are_forged_or_about_nobody(world):
    mailing, other = confirmed(20), make_provider()
    world.web()
    world.machine()
    world.wait_for_the_end(mailing)
    line = world.log()[0]
    reference, provider = sign_reference(line.message), mailing.provider
    assert report(provider, reference, line.sid, "delivered", token="guessed") == 403
    assert report(provider, reference, line.sid, "delivered", token="") == 403
    assert report(other, reference, line.sid, "failed") in (200, 204), "signed by a gateway that has nothing to do with the text"
    assert report(provider, f"{line.message:x}-000000000000", line.sid, "failed") in (200, 204), "our own reference is forged"
    assert report(provider, sign_reference(10**9), "SMnobody", "failed") in (200, 204), "a text that there never was"
    assert report(provider, reference, line.sid, "dreamt") in (200, 204), "a word that nobody knows"
    world.wait(applied, "the reports")
    assert world.statuses() == {S.SENT: 20}
    assert Message.objects.get(pk=line.message).gateway_id == line.sid
    invariants(world)
