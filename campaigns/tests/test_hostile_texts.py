"""Hostile texts: stored, shown as text, answered with 200, and nothing breaks."""

import pytest

from campaigns.models import Conversation, InboundMessage
from campaigns.tests.factories import make_provider
from campaigns.tests.receiving import ME, receive
from contacts.models import Activity
from contacts.tests.factories import make_contact
from smsapp.common.forms import TURNING

pytestmark = pytest.mark.django_db
HOSTILE = {
    "script": "<script>alert(1)</script><img src=x onerror=alert(2)>",
    "bidi": "\u202egnp.exe\u202c \u2066hidden\u2069",
    "long": "10 kB " + "x" * 10_240,
    "nul": "\x00STOP\x00 by\x00",
    "surrogate": "lone \ud800 and \udfff and \ud83d\ude00 pair",
    "token": "{contact.first_name} %s {{ 7*7 }} {% load x %}",
    "zalgo": "Z" + "\u0301\u0322" * 500,
    "empty": "",
    "only blanks": " \n\t\u200b ",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_text_is_kept_and_shown_as_text(text, client_for):
    person = make_contact(ME)
    row = InboundMessage.objects.get(pk=receive(make_provider(), text).pk)
    assert "\x00" not in row.text
    activity = Activity.objects.get(kind="sms_received")
    for page in (f"/contacts/{person.pk}/activities/", f"/contacts/{person.pk}/activities/{activity.pk}/"):
        shown = client_for("staff").get(page)
        assert shown.status_code == 200, page
        assert "<script>alert(1)" not in shown.content.decode()
        assert "onerror=alert(2)>" not in shown.content.decode()
    snippet = Conversation.objects.get().last_text
    assert len(snippet) <= 160
    assert not TURNING.search(snippet + activity.subject)  # it stands in sentences and lists


def test_halves_of_a_character_are_joined_and_lone_ones_replaced():
    assert receive(make_provider(), HOSTILE["surrogate"]).text == "lone \ufffd and \ufffd and 😀 pair"


@pytest.mark.parametrize(("sender", "to", "gateway_id"), [("\x00A\ud800", "\x00", "\x00MO1"), ("x" * 40, "y" * 40, "z" * 200), ("+" + "9" * 39, "", "MO2")])
def test_hostile_heads_are_kept_too(sender, to, gateway_id):
    row = receive(make_provider(), "Hello", sender, to=to, gateway_id=gateway_id)
    row.refresh_from_db()
    assert "\x00" not in row.number + row.recipient + row.gateway_id
