"""What the simulated gateway reports afterwards, in which order, to whom; replies too."""

import json
import time

import pytest
from twilio.request_validator import RequestValidator

from providers.simulator.server import Options, in_thread
from providers.tests.simulating import console, get, post, text, until


def test_reports_are_signed_and_in_order(simulator):
    with console() as heard:
        sid = text(simulator, StatusCallback=heard.url)[1]["sid"]
        until(lambda: len(heard.posts) == 3)
    assert [fields["MessageStatus"] for _, fields, _ in heard.posts] == ["queued", "sent", "delivered"]
    for path, fields, signature in heard.posts:
        assert (path, fields["MessageSid"], fields["To"]) == ("/hooks/x/t/status/?ref=1f-9ab", sid, "+33639980101")
        assert RequestValidator("hush").validate(heard.url, fields, signature)


@pytest.mark.parametrize(
    ("ending", "words"),
    [
        ("0160", []),
        ("0162", ["delivered", "sent", "queued"]),
        ("0163", ["queued"] * 5 + ["sent"] * 5 + ["delivered"] * 5),
        ("0164", ["queued", "sent", "undelivered"]),
        ("0166", ["queued", "sent", "failed"]),
    ],
)
def test_odd_reports(simulator, ending, words):
    with console() as heard:
        text(simulator, f"+3363998{ending}", StatusCallback=heard.url)
        text(simulator, StatusCallback=heard.url.replace("1f", "other"))
        until(lambda: len(heard.posts) == len(words) + 3)
        time.sleep(0.1)
    found = [fields["MessageStatus"] for path, fields, _ in heard.posts if "other" not in path]
    assert sorted(found) == sorted(words)
    if len(set(found)) == len(found):
        assert found == words


def test_undelivered_says_its_code(simulator):
    with console() as heard:
        text(simulator, "+33639980165", StatusCallback=heard.url)
        until(lambda: len(heard.posts) == 3)
    assert [fields.get("ErrorCode") for _, fields, _ in heard.posts] == [None, None, "30005"]


def test_reply_goes_to_the_inbound_address(simulator):
    with console() as heard:
        text(simulator, "+33639980167", StatusCallback=heard.url)
        until(lambda: len(heard.posts) == 4)
    path, fields, signature = heard.posts[-1]
    assert (path, fields["Body"], fields["From"], fields["To"]) == ("/hooks/x/t/inbound/", "STOP", "+33639980167", "RIVERSIDE")
    assert RequestValidator("hush").validate(heard.url.replace("status/?ref=1f-9ab", "inbound/"), fields, signature)


def test_lost_answer_is_taken_on_and_reported(simulator):
    with console() as heard:
        with pytest.raises(OSError):
            text(simulator, "+33639980169", StatusCallback=heard.url)
        until(lambda: len(heard.posts) == 3)


def test_held_reports_wait_until_they_are_released():
    with in_thread(Options(port=0, hold_reports=True)) as simulator, console() as heard:
        simulator.use(delays={"queued": 0, "sent": 0, "delivered": 0})
        text(simulator, StatusCallback=heard.url)
        time.sleep(0.2)
        assert not heard.posts
        assert json.loads(get(simulator, "/_stats"))["reports"]["waiting"] == 1
        post(simulator.url + "/_reports/release")
        until(lambda: len(heard.posts) == 3)


def test_reports_find_a_console_that_comes_late(simulator):
    with console() as heard:
        port = int(heard.url.split(":")[2].split("/")[0])
    text(simulator, StatusCallback=f"http://127.0.0.1:{port}/hooks/x/t/status/?ref=1")
    time.sleep(0.3)
    with console(port) as heard:
        until(lambda: len(heard.posts) == 3)


def test_reports_go_to_this_machine_only(simulator):
    for address in ("http://192.0.2.1/x", "https://example.org/x", "ftp://127.0.0.1/x", "http://127.0.0.1.example.org/"):
        text(simulator, StatusCallback=address)
    until(lambda: json.loads(get(simulator, "/_stats"))["reports"].get("not this machine") == 12)


def test_a_sequence_of_reports_with_codes_of_their_own(simulator):
    simulator.use(rules=[{"sequence": [[0.01, "sent"], [0.05, "undelivered", 30003], [0.1, "delivered"]]}])
    with console() as heard:
        text(simulator, StatusCallback=heard.url)
        until(lambda: len(heard.posts) == 3)
    assert [(fields["MessageStatus"], fields.get("ErrorCode")) for _, fields, _ in heard.posts] == [
        ("sent", None), ("undelivered", "30003"), ("delivered", None),
    ]  # fmt: skip


def test_a_conversation(simulator):
    simulator.use(rules=[{"replies": [[0.01, "Who is this?"], [0.1, "STOP"]]}], delays={"queued": 0, "sent": 0, "delivered": 0})
    with console() as heard:
        text(simulator, StatusCallback=heard.url)
        until(lambda: len(heard.posts) == 5)
    said = [fields for path, fields, _ in heard.posts if "/inbound/" in path]
    assert [fields["Body"] for fields in said] == ["Who is this?", "STOP"]
    assert len({fields["MessageSid"] for fields in said}) == 2
