"""Reports as gateways really post them, through the door: many times at once, backwards, too early, forged, for somebody else, days late."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.db import connection
from django.db.models import F
from django.test import Client

from campaigns.models import Message
from campaigns.pipeline import finish
from campaigns.services import figures, proof, transitions
from campaigns.services.transitions import Outcome
from campaigns.statuses import MessageStatus
from campaigns.tests.factories import make_people, make_provider, make_sending
from providers import registry
from providers.models import WebhookEvent
from providers.services import inbox, providers
from providers.simulator.callbacks import sign
from smsapp.common.secrets import sign_reference

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 12


@pytest.fixture
def mailing(settings):
    settings.PUBLIC_BASE_URL = "https://sms.example.org"
    return make_sending(make_people(PEOPLE))


def accept(*messages: Message) -> None:
    """Write that the gateway has taken them on."""
    transitions.move_messages([Outcome(message.pk, MessageStatus.SENT, f"SM{message.pk}", attempts=1) for message in messages])


def post(message: Message, word: str, *, provider=None, code: str = "", token: str | None = None, reference: str = "") -> int:
    """Post a report as the gateway does; the status of the answer."""
    plain = providers.snapshot_of(provider or message.provider)
    url = providers.callback_url(plain, reference or sign_reference(message.pk))
    fields = [("MessageSid", f"SM{message.pk}"), ("MessageStatus", word), *([("ErrorCode", code)] if code else [])]
    signature = sign(registry.get(plain.kind).auth_token(plain) if token is None else token, url, fields)
    path = url.removeprefix("https://sms.example.org")
    return Client().post(path, urlencode(fields), content_type="application/x-www-form-urlencoded", headers={"X-Twilio-Signature": signature}).status_code


def at_once(posts: list[tuple[Message, str, str]]) -> set[int]:
    """Post all from ten threads."""

    def one(each: tuple[Message, str, str]) -> int:
        try:
            return post(each[0], each[1], code=each[2])
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as pool:
        return set(pool.map(one, posts))


def told(mailing) -> dict[str, int]:
    """The figures of the mailing, and that they are what the rows say."""
    assert proof.differences() == []
    found = figures.of(mailing)
    rows = {status.name.lower(): Message.objects.filter(status=status).count() for status in MessageStatus if status is not MessageStatus.OPEN}
    assert {name: getattr(found, name) for name in rows} == rows
    return {name: count for name, count in rows.items() if count}


def test_ten_times_at_once_and_in_any_order(mailing):
    messages = list(Message.objects.select_related("provider"))
    accept(*messages)
    ends = [("delivered", ""), ("undelivered", "30003"), ("failed", "30005")]
    posts = [(message, word, code) for number, message in enumerate(messages) for word, code in (("queued", ""), ("sent", ""), ends[number % 3])] * 10
    random.shuffle(posts)
    assert at_once(posts) == {200}
    assert WebhookEvent.objects.count() == 3 * PEOPLE, "each is stored once"
    with ThreadPoolExecutor(3) as pool:  # workers that apply at the same time
        list(pool.map(lambda _number: (inbox.process(), connection.close()), range(3)))
    inbox.process()
    assert told(mailing) == {"delivered": 4, "undelivered": 8}
    assert set(Message.objects.exclude(reason="").values_list("reason", flat=True)) == {"unreachable", "unknown_number"}


def test_backwards_and_a_failure_after_the_delivery(mailing):
    messages = list(Message.objects.select_related("provider"))
    accept(*messages)
    for word in ("delivered", "undelivered", "sent", "queued"):
        for message in messages:
            assert post(message, word) == 200
        inbox.process()
    assert told(mailing) == {"delivered": PEOPLE}


def test_before_our_own_outcome_is_written(mailing):
    messages = list(Message.objects.select_related("provider"))
    early, later = messages[:5], messages[5:]
    for message in early:
        assert post(message, "delivered") == 200
    inbox.process()
    assert told(mailing) == {}
    assert set(WebhookEvent.objects.values_list("state", flat=True)) == {"unmatched"}
    accept(*early, *later)
    WebhookEvent.objects.update(due_at=F("received_at"))
    inbox.process()
    assert told(mailing) == {"delivered": 5, "sent": PEOPLE - 5}


def test_forged_or_for_somebody_elses_text(mailing):
    messages = list(Message.objects.select_related("provider"))
    accept(*messages)
    other, first = make_provider(), messages[0]
    assert post(first, "failed", token="guessed") == 403
    assert post(first, "failed", provider=other) == 200, "rightly signed, by a gateway that has nothing to do with the text"
    assert post(first, "failed", reference=f"{first.pk:x}-000000000000") == 200
    assert post(first, "failed", reference=sign_reference(10**9)) == 200
    assert post(first, "dreamt") == 200
    inbox.process()
    assert told(mailing) == {"sent": PEOPLE}
    assert WebhookEvent.objects.filter(provider=other).count() == 1


def test_three_days_late_when_the_mailing_is_long_over(mailing):
    messages = list(Message.objects.select_related("provider"))
    accept(*messages)
    finish.finish()
    Message.objects.update(sent_at=F("sent_at") - timedelta(hours=80))
    for message in messages[:7]:
        post(message, "delivered")
    post(messages[7], "undelivered", code="30005")
    inbox.process()
    assert told(mailing) == {"delivered": 7, "undelivered": 1, "sent": PEOPLE - 8}
    for message in messages:
        post(message, "sent")  # and once more, even later
    inbox.process()
    assert told(mailing) == {"delivered": 7, "undelivered": 1, "sent": PEOPLE - 8}
