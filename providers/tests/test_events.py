"""What gateways posted: who may look, what a search finds, what is hidden, and applying it once more."""

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from providers import events, masking, slots
from providers.models import WebhookEvent
from providers.services import inbox
from providers.signals import inbound_received, reports_received
from providers.tests.factories import make_provider

pytestmark = pytest.mark.django_db
FORM = "application/x-www-form-urlencoded"


def store(provider=None, event="status", state="applied", *, days=0, query="", **fields):
    body = urlencode({"MessageSid": "SM1", "MessageStatus": "delivered", **fields}).encode()
    count = WebhookEvent.objects.count()
    values = {"event": event, "query": query, "body": body, "content_type": FORM, "digest": f"{count:016}".encode(), "state": state}
    row = WebhookEvent.objects.create(provider=provider or make_provider(), **values)
    WebhookEvent.objects.filter(pk=row.pk).update(received_at=timezone.now() - timedelta(days=days))
    return row


def listed(client, **asked):
    return {row.event.pk for row in client.get("/providers/events/", asked).context["rows"]}


@pytest.fixture
def administrator(client_for):
    return client_for("administrator")


@pytest.fixture
def heard(monkeypatch):
    """Reports and replies that the apps above would be told."""
    found = []

    def listen(sender, **news):
        found.append(news.get("inbound") or news.get("reports"))

    for signal in (reports_received, inbound_received):
        monkeypatch.setattr(signal, "receivers", [])
        monkeypatch.setattr(signal, "sender_receivers_cache", {}, raising=False)
        signal.connect(listen, weak=False)
    return found


def test_administrators_only(client_for):
    row = store(state="unmatched")
    pages = ("/providers/events/", f"/providers/events/{row.pk}/")
    for role, status in (("administrator", 200), ("marketer", 403), ("staff", 403), ("viewer", 403)):
        assert [client_for(role).get(page).status_code for page in pages] == [status, status], role
        expected = 302 if role == "administrator" else 403
        assert client_for(role).post("/providers/events/replay/", {"event": row.pk}).status_code == expected
    assert [Client().get(page).status_code for page in pages] == [302, 302]
    assert Client().post("/providers/events/replay/", {"event": row.pk}).status_code == 302
    assert client_for("administrator").get("/providers/events/replay/").status_code == 405


def test_without_any_it_says_what_will_stand_here(administrator):
    assert "Nothing has come yet" in administrator.get("/providers/events/").content.decode()


def test_filters(administrator):
    other = make_provider(name="Northline")
    old, broken, reply = store(days=5), store(other, state="broken"), store(event="inbound", From="+33639980142", To="36111", Body="Merci")
    today = timezone.localdate()
    assert listed(administrator) == {old.pk, broken.pk, reply.pk}
    assert listed(administrator, provider=other.pk) == {broken.pk}
    assert listed(administrator, kind="inbound") == {reply.pk}
    assert listed(administrator, state="trouble") == {broken.pk}
    assert listed(administrator, state="applied") == {old.pk, reply.pk}
    assert listed(administrator, since=(today - timedelta(days=1)).isoformat()) == {broken.pk, reply.pk}
    assert listed(administrator, until=(today - timedelta(days=2)).isoformat()) == {old.pk}
    assert "Nothing matches" in administrator.get("/providers/events/?kind=inbound&state=broken").content.decode()


@pytest.mark.parametrize("q", ["SM0a1b", "+33639980142", "39 98 01 42", "+33 6 39 98 01 42", "39980142"])
def test_a_search_by_reference_or_number(administrator, q):
    wanted, _other = store(MessageSid="SM0a1b2c", To="+33639980142"), store(MessageSid="SM9", To="+33639980143")
    assert listed(administrator, q=q) == {wanted.pk}


def test_lists_mask_numbers_and_the_page_of_one_hides_secrets(administrator):
    provider = make_provider(kind="twilio", options={"account_sid": "AC" + "1" * 32}, secrets={"auth_token": "s3cret-4711"})
    row = store(provider, event="inbound", From="+33639980142", To="36111", Body="my s3cret-4711", signature="abc", api_key="k1")
    assert "+33639980142" not in administrator.get("/providers/events/").content.decode()
    page = administrator.get(f"/providers/events/{row.pk}/").content.decode()
    assert "s3cret-4711" not in page
    assert ">abc<" not in page
    assert ">k1<" not in page
    assert masking.HIDDEN in page


@pytest.mark.parametrize("asked", ["provider=x", "provider=999999", "state=%3Cb%3E", "since=nope", "since=9999-12-31", "q=%00", "q=" + "x" * 500, "after=zzz", "kind=1"])
def test_nonsense_is_answered_calmly(administrator, asked):
    store()
    assert administrator.get(f"/providers/events/?{asked}").status_code == 200


@pytest.mark.parametrize(("body", "kind"), [(b"\xff\xfe\0<x", "text/xml"), (b"[" * 5000, "application/json"), (b'{"a": {"token": "t"}, "b": [1, null]}', "application/json"), (b"", "")])
def test_whatever_was_posted_can_be_looked_at(administrator, body, kind):
    row = store(state="broken")
    WebhookEvent.objects.filter(pk=row.pk).update(body=body, content_type=kind, problem="<script>alert(1)</script>")
    page = administrator.get(f"/providers/events/{row.pk}/").content.decode()
    assert "<script>alert" not in page
    assert administrator.get("/providers/events/").status_code == 200


def test_names_of_secrets_are_known_however_they_are_written():
    body = b'{"apiKey": "1", "X-Signature": "2", "authToken": "3", "monkey": "4", "nested": {"password": "5"}}'
    shown = dict(masking.fields_of("token=6&to=7", body, "application/json", []))
    assert {name for name, value in shown.items() if value != masking.HIDDEN} == {"monkey", "to"}


def test_a_report_is_applied_again(administrator, heard):
    row = store(state="unmatched")
    WebhookEvent.objects.update(tries=9)
    page = administrator.post("/providers/events/replay/", {"event": row.pk}, follow=True).content.decode()
    assert "1 report is applied again." in page
    row.refresh_from_db()
    assert (row.state, row.tries) == ("new", 0)
    inbox.process()
    row.refresh_from_db()
    assert row.state == "applied"
    assert heard[0][0].gateway_id == "SM1"


def test_an_incoming_text_is_applied_again_at_once(administrator, heard):
    row = store(event="inbound", state="broken", From="+33639980142", To="36111", Body="Merci")
    assert "1 incoming text was applied." in administrator.post("/providers/events/replay/", {"event": row.pk}, follow=True).content.decode()
    assert [inbound.text for inbound in heard] == ["Merci"]
    administrator.post("/providers/events/replay/", {"event": row.pk})
    assert len(heard) == 1


def test_an_incoming_text_that_makes_no_sense_stays(administrator):
    row = store(event="inbound", state="broken")
    WebhookEvent.objects.update(body=b"nonsense")
    assert "still makes no sense" in administrator.post("/providers/events/replay/", {"event": row.pk}, follow=True).content.decode()
    row.refresh_from_db()
    assert row.state == "broken"


def test_a_word_that_nobody_knows_changed_nothing_and_says_so(administrator):
    row = store(MessageStatus="teleported")
    for page in ("/providers/events/", f"/providers/events/{row.pk}/"):
        assert "Changed nothing: its word is not known" in administrator.get(page).content.decode()
    assert str(events.shown([store()])[0].state[0]) == "Applied"


def test_a_late_failure_of_a_delivered_text_changed_nothing(administrator, monkeypatch):
    monkeypatch.setattr(slots, "delivered_texts", [lambda references: {"ours"} & set(references)])
    row = store(MessageStatus="undelivered", query="ref=ours")
    assert "Changed nothing: the text is delivered, which stays" in administrator.get(f"/providers/events/{row.pk}/").content.decode()
    assert events.shown([store(MessageStatus="undelivered", query="ref=another")])[0].told[0].nothing == ""


def test_what_was_applied_is_never_applied_twice(administrator, heard):
    rows = [store(), store(state="new"), store(event="inbound", From="+33639980142", To="36111", Body="Merci")]
    page = administrator.post("/providers/events/replay/", {"event": [row.pk for row in rows]}, follow=True).content.decode()
    assert "nothing is left to do" in page
    assert [WebhookEvent.objects.get(pk=row.pk).state for row in rows] == ["applied", "new", "applied"]
    assert heard == []


def test_all_that_match_and_nothing_beyond(administrator):
    here, there = make_provider(), make_provider()
    mine, other = store(here, state="unmatched"), store(there, state="unmatched")
    administrator.post("/providers/events/replay/", {"all": "1", "provider": here.pk})
    assert {row.pk: row.state for row in WebhookEvent.objects.all()} == {mine.pk: "new", other.pk: "unmatched"}
    administrator.post("/providers/events/replay/", {"all": "1", "provider": "nonsense"})
    assert WebhookEvent.objects.get(pk=other.pk).state == "unmatched"
    for nothing in ({}, {"event": "x"}, {"event": "9" * 40}, {"event": "²"}):
        assert "Tick at least one" in administrator.post("/providers/events/replay/", nothing, follow=True).content.decode()


def test_it_goes_back_to_where_it_was_asked_and_nowhere_else(administrator):
    row = store(state="unmatched")
    assert administrator.post("/providers/events/replay/", {"event": row.pk, "back": f"/providers/events/{row.pk}/"}).url == f"/providers/events/{row.pk}/"
    assert administrator.post("/providers/events/replay/", {"event": row.pk, "back": "https://evil.example/"}).url == "/providers/events/"


def test_number_of_queries_does_not_grow(administrator, django_assert_max_num_queries):
    for _row in range(20):
        store()
    with django_assert_max_num_queries(12):
        administrator.get("/providers/events/")
