"""The simulated gateway: what it logs, reports, scripts and shows."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

import pytest

from providers.simulator.outcomes import ENDINGS, Outcome, Rule, Script, ScriptError, read_script
from providers.simulator.server import Options, in_thread
from providers.tests.simulating import get, post, text, until


def test_accepted_text_is_logged_whole(simulator, tmp_path):
    status, told = text(simulator, Body='Ça va ? 5 € "quoted"\n😀 100%', StatusCallback="http://127.0.0.1:9/s/?ref=1f-9ab")
    assert (status, told["status"]) == (201, "queued")
    until(lambda: (tmp_path / "simulator.log").read_text())
    line = json.loads((tmp_path / "simulator.log").read_text())
    assert line.pop("time") == pytest.approx(time.time(), abs=5)
    assert line == {
        "number": "+33639980101", "sender": "RIVERSIDE", "sid": told["sid"], "reference": "1f-9ab", "callback": "http://127.0.0.1:9/s/?ref=1f-9ab",
        "body": 'Ça va ? 5 € "quoted"\n😀 100%',
    }  # fmt: skip


def test_refused_text_is_not_logged(simulator, tmp_path):
    assert text(simulator, "+33639980150")[0] == 400
    assert text(simulator, "")[1]["code"] == 21604
    simulator.stop()
    time.sleep(0.2)
    assert (tmp_path / "simulator.log").read_text() == ""


def test_each_text_has_its_own_sid(simulator):
    assert len({str(text(simulator)[1]["sid"]) for _ in range(20)}) == 20


def test_script_decides_before_endings(simulator):
    simulator.use(rules=[{"starts": "+44", "answer": "refuse", "code": 21408}, {"number": "+33639980150"}])
    assert text(simulator, "+447700900001")[1]["code"] == 21408
    assert text(simulator, "+33639980150")[0] == 201
    assert text(simulator, "+33639980151")[1]["code"] == 21610
    simulator.use(endings=False)
    assert text(simulator, "+33639980151")[0] == 201


def test_rules_by_share_pick_the_same_numbers():
    rule = Rule(Outcome(), share=0.25)
    numbers = [f"+336399{n:05d}" for n in range(4000)]
    picked = [number for number in numbers if rule.matches(number, 1)]
    assert 800 < len(picked) < 1200
    assert picked == [number for number in numbers if rule.matches(number, 99)]
    assert [n for n in range(1, 10) if Rule(Outcome(), every=3).matches("+1", n)] == [3, 6, 9]


def test_a_rule_by_what_is_written(simulator):
    simulator.use(rules=[{"text": "SALE", "answer": "refuse", "code": 30007}])
    assert text(simulator, Body="Our sale é begins")[1]["code"] == 30007
    assert text(simulator, Body="Hello")[0] == 201


def test_the_page_changes_the_script_and_says_what_is_wrong(simulator):
    form = urlencode({"script": '{"rules": [{"starts": "+44", "answer": "refuse", "code": 21408}]}'}).encode()
    page = urllib.request.urlopen(simulator.url + "/_script", form, timeout=5).read().decode()
    assert "followed from now on" in page
    assert text(simulator, "+447700900001")[1]["code"] == 21408
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(simulator.url + "/_script", urlencode({"script": '{"rules": [{"what": "<b>"}]}'}).encode(), timeout=5)
    page = refused.value.read().decode()
    assert "rule 1" in page
    assert "&lt;b&gt;" in page
    urllib.request.urlopen(simulator.url + "/_script", b"script=", timeout=5)
    assert text(simulator, "+447700900001")[0] == 201


@pytest.mark.parametrize("script", ["", "[]", '{"rules": [{"sequence": [["soon", "sent"]]}]}', '{"rules": [{"replies": ["STOP"]}]}', '{"x": 1}', '{"rules": [{"ends": "1", "answer": "explode"}]}', '{"rules": [{"what": 1}]}'])
def test_a_script_that_cannot_be_done_is_refused(script):
    with pytest.raises(ScriptError):
        read_script(script)


def test_every_ending_is_told_in_the_documentation():
    told = (Path(__file__).parents[2] / "docs" / "simulator.md").read_text()
    assert [ending for ending in ENDINGS if ending not in told] == []


def test_rate_and_login():
    options = Options(port=0)
    options.settings.rate, options.settings.login = 2, "ACtest:hush"
    with in_thread(options) as simulator:
        assert [text(simulator)[0] for _ in range(4)] == [201, 201, 429, 429]
        assert post(f"{simulator.url}/2010-04-01/Accounts/ACtest/Messages.json", {"To": "+1", "Body": "x"}, login="ACtest:wrong")[0] == 401


def test_page_shows_texts_escaped_and_no_foreign_assets(simulator):
    text(simulator, Body="<script>alert(1)</script>")
    page = get(simulator, "/").decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script" not in page
    assert "http" not in page
    assert json.loads(get(simulator, "/_stats"))["accepted"] == 1


def test_requests_in_pieces_and_in_one_piece(simulator):
    import socket

    body = urlencode({"To": "+33639980101", "Body": "Hello"}).encode()
    one = b"POST /2010-04-01/Accounts/AC/Messages.json HTTP/1.1\r\nhost: x\r\ncontent-LENGTH: %d\r\n\r\n%b" % (len(body), body)
    host, port = simulator.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as client:
        for start in range(0, len(one), 7):
            client.sendall(one[start : start + 7])
            time.sleep(0.001)
        client.sendall(one + one + b"GET /nowhere HTTP/1.1\r\n\r\n")
        answers = b""
        while b"404 Not Found" not in answers:
            answers += client.recv(65536)
    assert answers.count(b"HTTP/1.1 201 Created") == 3


def test_command_needs_no_database_and_ends_on_sigterm(tmp_path):
    environment = os.environ | {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none", "REDIS_URL": "redis://127.0.0.1:1/0", "SECRET_KEY": "x"}
    command = [sys.executable, "manage.py", "simulator", "--port", "0", "--log", str(tmp_path / "log"), "--plain"]
    process = subprocess.Popen(command, cwd=Path(__file__).parents[2], env=environment, stdout=subprocess.PIPE, text=True)
    try:
        simulator = type("Started", (), {"url": process.stdout.readline().split()[-1]})
        assert text(simulator, "+33639980150")[0] == 201
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
        assert json.loads((tmp_path / "log").read_text())["number"] == "+33639980150"
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def test_script_without_rules_is_one_lookup():
    assert Script().chooser()("+33639980150", 1) is ENDINGS["0150"]
